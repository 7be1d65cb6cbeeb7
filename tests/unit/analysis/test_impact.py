"""An event's impact: told where it is there, and the reason where nothing can be told."""

import pytest
from msgspec.structs import replace

from analysis.detection.series import Key, Row, Table
from analysis.impact import Impact, holm, impact
from analysis.impact_plan import Plan
from tests.unit.analysis.detection.tables import rows, table
from tests.unit.analysis.test_impact_panel import plan

ONSET = 28


def world(
    countries: int = 5,
    networks: int = 2,
    targets: int = 2,
    share: float = 0.8,
    hit: int = 1,
    days: int = 56,
) -> dict[Key, tuple[Row, ...]]:
    """Some of the targets of the first country are blocked from the onset on."""
    return {
        Key(f"X{chr(65 + c)}", 100 * c + n + 1, f"https://{t}.example/", "web"): rows(
            days,
            *([(ONSET, days, share)] if c == 0 and t < hit else []),
            seed=1000 * c + 10 * n + t,
            noise=0.05,
        )
        for c in range(countries)
        for n in range(networks)
        for t in range(targets)
    }


def asked(series: dict[Key, tuple[Row, ...]], of: Plan | None = None) -> Impact:
    made: Table = table(series)
    return impact(made, of or plan())


def test_a_block_at_the_event_is_a_rise_and_the_target_is_named() -> None:
    found = asked(world())

    assert (found.answer, found.reason, found.control) == ("rose", None, "countries")
    assert [one.target for one in found.targets if one.answer == "rose"] == ["https://0.example/"]
    assert found.effect == pytest.approx(0.375, abs=0.05)
    assert found.low is not None
    assert found.high is not None
    assert found.low < 0.375 < found.high
    assert found.permutations == 5 * 56
    assert found.plan_sha256 == plan().digest
    assert "What caused it, counts don't show" in found.explanation


def test_the_end_of_a_block_is_a_fall() -> None:
    made = world(hit=0)
    for one in made:
        if one.country == "XA":
            made[one] = rows(56, (0, ONSET, 0.8), seed=one.asn)

    assert asked(made).answer == "fell"


def test_where_nothing_happened_no_change_is_shown() -> None:
    found = asked(world(hit=0))

    assert (found.answer, found.reason) == ("no change shown", None)
    assert {one.answer for one in found.targets} == {"no change shown"}


@pytest.mark.parametrize(
    ("series", "reason"),
    [
        (world(days=35), "too_few_days"),
        (world(networks=1), "one_network"),
        (world(countries=1), "no_control"),
        ({k: v for k, v in world().items() if k.country != "XA"}, "panel"),
        ({k: v[:ONSET] if k.country == "XA" else v for k, v in world().items()}, "silence"),
    ],
)
def test_what_can_not_be_told_has_its_reason(
    series: dict[Key, tuple[Row, ...]], reason: str
) -> None:
    found = asked(series)

    assert (found.answer, found.reason, found.effect) == ("cannot tell", reason, None)
    assert found.explanation.startswith("Cannot tell: ")


def test_without_another_country_other_targets_are_the_control() -> None:
    only = replace(plan(), targets=("0.example",))
    found = asked(world(countries=1, targets=6), only)

    assert (found.answer, found.control, found.controls) == ("rose", "targets", 5)


def test_data_too_noisy_to_exclude_anything_are_no_evidence_of_no_change() -> None:
    made = world(hit=0, countries=3, targets=1)
    for one in made:
        turn = one.asn // 100
        made[one] = tuple(
            Row(day, 1, 0) if (day // 9 + turn) % 2 else Row(day, 0, 1) for day in range(56)
        )
    found = asked(made)

    assert (found.answer, found.reason) == ("cannot tell", "imprecise")


def clean(countries: int, targets: int, days: int = 56) -> dict[Key, tuple[Row, ...]]:
    """The first target of the first country goes from nothing to all at the event; no noise."""
    return {
        one: rows(
            days,
            *([(ONSET, days, 1.0)] if (one.country, one.target[8]) == ("XA", "0") else []),
            noise=0.0,
        )
        for one in world(countries=countries, targets=targets, days=days)
    }


def told_of(found: Impact) -> list[tuple[str, str | None]]:
    return [(one.answer, one.reason) for one in found.targets]


def test_a_target_that_no_change_however_large_could_be_named_for_can_not_be_told() -> None:
    found = asked(clean(countries=6, targets=3))

    assert found.answer == "rose"
    assert told_of(found) == [("cannot tell", "too_few_controls")] * 3
    assert "by itself for 0 of 3 targets, 3 can't be told" in found.explanation
    assert {(one.low, one.high) for one in found.targets} == {(-1.0, 1.0)}


def test_where_a_clean_change_is_too_little_what_noise_lets_be_told_is_told() -> None:
    found = asked(world(countries=5, targets=3, hit=3, share=0.3))

    assert told_of(found) == [("rose", None)] * 3


def test_with_enough_countries_the_target_is_named_and_of_the_others_no_change_is_shown() -> None:
    found = asked(clean(countries=7, targets=3))

    assert told_of(found) == [("rose", None), ("no change shown", None), ("no change shown", None)]


def test_a_target_seen_from_one_network_can_not_be_told() -> None:
    made = {
        one: series
        for one, series in clean(countries=7, targets=3).items()
        if one.target[8] != "0" or one.asn % 100 == 1
    }

    assert told_of(asked(made))[0] == ("cannot tell", "one_network")


def test_a_target_too_noisy_to_exclude_anything_can_not_be_told() -> None:
    made = clean(countries=7, targets=3)
    for one in made:
        if one.country == "XA" and one.target[8] == "1":
            made[one] = tuple(Row(d, 1, 0) if d // 9 % 2 else Row(d, 0, 1) for d in range(56))

    assert told_of(asked(made))[1] == ("cannot tell", "imprecise")


def test_an_interval_of_one_target_of_many_is_wider_than_that_of_the_only_one() -> None:
    many = asked(world(countries=12, targets=5)).targets[0]
    alone = asked({k: v for k, v in world(12, targets=5).items() if k.target[8] == "0"})

    assert alone.low is not None
    assert alone.high is not None
    assert many.low <= alone.low <= alone.high <= many.high
    assert (many.low, many.high) != (alone.low, alone.high)


@pytest.mark.parametrize("days", [56, 98])
def test_beside_one_other_country_nobody_can_say_which_of_the_two_changed(days: int) -> None:
    long = replace(plan(), after_to="2026-04-08")
    found = asked(clean(countries=2, targets=1, days=days), plan() if days == 56 else long)

    assert (found.answer, found.reason) == ("cannot tell", "too_few_controls")
    assert (found.effect, found.high) == (1.0, 1.0)
    assert "beside one other country nobody can say which" in found.explanation


def test_a_target_that_no_url_can_be_made_of_harms_nothing() -> None:
    made = {
        one._replace(target="https://[bad/"): series for one, series in world(targets=1).items()
    }

    assert asked(made).answer == "rose"


def test_the_same_in_any_order_is_the_same_answer() -> None:
    made = world()

    assert asked(made) == asked(dict(reversed(made.items())))


def test_p_values_are_corrected_for_their_number() -> None:
    assert holm([0.04, 0.01, 0.03]) == pytest.approx([0.06, 0.03, 0.06])
    assert holm([]) == []
