"""A plan names its days before any number is seen, and its fingerprint tells plans apart."""

from msgspec.structs import replace

from analysis.events import Precision, Window, shipped
from analysis.impact_plan import is_named, plan_of

CONGRESS = next(e for e in shipped().event if e.id == "cn-2017-party-congress")


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
    plain, kinds = plan_of(CONGRESS, "1"), plan_of(CONGRESS, "1", with_kinds=True)

    assert is_named(plain, "shop.example", ["COMM"])
    assert not is_named(kinds, "shop.example", ["COMM"])
    assert is_named(kinds, "news.example", ["NEWS"])


def test_a_named_host_stands_for_those_below_it() -> None:
    plan = replace(plan_of(CONGRESS, "1"), targets=("app.example",))

    assert is_named(plan, "web.app.example", [])
    assert not is_named(plan, "myapp.example", [])
