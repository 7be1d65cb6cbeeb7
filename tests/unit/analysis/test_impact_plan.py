"""A plan names its days before any number is seen, and its fingerprint tells plans apart."""

from msgspec.structs import replace

from analysis.events import Precision, Window, shipped
from analysis.impact_plan import about, plan_of

CONGRESS = next(e for e in shipped().event if e.id == "cn-2017-party-congress")
LISTED = (
    ("https://news.example/", "NEWS"),
    ("https://shop.example/", "COMM"),
    ("https://x/", None),
)


def test_the_onset_is_the_first_day_after_and_the_lead_is_on_neither_side() -> None:
    plan = plan_of(CONGRESS, "1")

    assert (plan.before_from, plan.before_to) == ("2017-08-22", "2017-09-18")
    assert (plan.after_from, plan.after_to) == ("2017-10-18", "2017-10-24")


def test_of_a_month_no_day_is_on_either_side() -> None:
    month = replace(
        CONGRESS, onset_from="2017-10-01", onset_to="2017-10-31", precision=Precision.MONTH
    )
    plan = plan_of(month, "1", window=Window(before=7, after=7))

    assert (plan.before_from, plan.before_to) == ("2017-09-24", "2017-09-30")
    assert (plan.after_from, plan.after_to) == ("2017-11-01", "2017-11-07")


def test_the_same_plan_has_the_same_fingerprint_and_another_window_another() -> None:
    plan = plan_of(CONGRESS, "1")

    assert plan.digest == plan_of(CONGRESS, "1").digest
    assert plan.digest != plan_of(CONGRESS, "1", window=Window()).digest
    assert plan.digest != plan_of(CONGRESS, "2").digest


def test_kinds_of_site_count_only_where_a_list_knows_them() -> None:
    plain, kinds = plan_of(CONGRESS, "1"), plan_of(CONGRESS, "1", kinds=LISTED)

    assert about(plain)("shop.example")
    assert not about(kinds)("shop.example")
    assert about(kinds)("news.example")
    assert about(kinds)("https://news.example/")
    assert not about(kinds)("https://news.example/sport")


def test_the_plan_names_what_a_list_puts_under_its_kinds_and_another_list_is_another_plan() -> None:
    plan = plan_of(CONGRESS, "1", kinds=LISTED)
    other = plan_of(CONGRESS, "1", kinds=[("https://paper.example/", "NEWS")])

    assert plan.listed == ("https://news.example/",)
    assert plan.digest != other.digest
    assert plan.digest != plan_of(CONGRESS, "1").digest


def test_the_order_of_a_list_and_what_the_event_is_not_about_make_no_other_plan() -> None:
    more = [("https://play.example/", "GAME"), *reversed(LISTED), LISTED[0]]

    assert plan_of(CONGRESS, "1", kinds=more).digest == plan_of(CONGRESS, "1", kinds=LISTED).digest


def test_a_named_host_stands_for_those_below_it() -> None:
    plan = replace(plan_of(CONGRESS, "1"), targets=("app.example",))

    assert about(plan)("https://web.app.example/x")
    assert not about(plan)("myapp.example")
