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
    made = world(hit=0, countries=2, targets=1)
    for seed, one in enumerate(made):
        made[one] = tuple(
            Row(day, 1, 0) if (day // 9 + seed) % 2 else Row(day, 0, 1) for day in range(56)
        )
    found = asked(made)

    assert (found.answer, found.reason) == ("cannot tell", "imprecise")


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
