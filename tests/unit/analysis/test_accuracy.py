"""How often verdicts are right, counted and with an interval."""

from fractions import Fraction
from math import sqrt

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.accuracy import Case, accuracy, wilson


def case(
    expected: str,
    got: str,
    *techniques: str,
    condition: str = "c",
    also: tuple[str, ...] = (),
    hop: int | None = None,
    expected_hop: int | None = None,
    anomalies: tuple[str, ...] = (),
    odd: str = "",
    context: tuple[str, ...] = (),
    excuse: str = "",
    rules: tuple[str, ...] = (),
) -> Case:
    """What must be tls.reset, and is by default, where anything is blocked."""
    return Case(
        condition=condition,
        expected=expected,
        also=also,
        got=got,
        techniques=techniques or (("tls.reset",) if got == "blocked" else ()),
        expected_technique="tls.reset" if expected == "blocked" else None,
        hop=hop,
        expected_hop=expected_hop,
        anomalies=anomalies,
        odd=odd,
        context=context,
        excuse=excuse,
        rules=rules,
    )


@pytest.mark.parametrize(("right", "of"), [(10, 20), (199, 200), (1, 3), (3, 7)])
def test_at_each_end_the_score_test_is_just_rejected(right: int, of: int) -> None:
    rate = wilson(right, of)
    for end in (rate.low, rate.high):
        score = abs(right / of - end) / sqrt(end * (1 - end) / of)
        assert score == pytest.approx(1.959964, abs=5e-3)


def test_never_and_always_have_one_end_each() -> None:
    never, always = wilson(0, 20), wilson(20, 20)
    assert never.low == 0
    assert never.high == pytest.approx(1.959964**2 / (20 + 1.959964**2), abs=2e-6)
    assert always.low == pytest.approx(1 - never.high, abs=2e-6)
    assert always.high == 1


def test_of_nothing_nothing_is_known() -> None:
    rate = wilson(0, 0)
    assert (rate.low, rate.high, rate.value) == (0.0, 1.0, None)


@pytest.mark.parametrize(("right", "of"), [(-1, 3), (4, 3), (1, 0)])
def test_an_impossible_count_is_refused(right: int, of: int) -> None:
    with pytest.raises(ValueError, match=f"{right} of {of}"):
        wilson(right, of)


@given(st.integers(0, 10_000), st.integers(1, 10_000))
def test_the_rate_lies_in_its_interval_and_more_cases_narrow_it(right: int, of: int) -> None:
    right = min(right, of)
    rate, more = wilson(right, of), wilson(4 * right, 4 * of)
    assert 0 <= rate.low <= Fraction(right, of) <= rate.high <= 1
    assert more.high - more.low <= rate.high - rate.low + 2e-6


def test_sensitivity_counts_interference_and_specificity_all_else() -> None:
    found = accuracy(
        [
            case("blocked", "blocked"),
            case("blocked", "inconclusive"),
            case("blocked", "ok"),
            case("ok", "ok"),
            case("ok", "inconclusive"),
            case("down", "blocked"),
        ],
        3,
    )
    assert (found.sensitivity.right, found.sensitivity.of) == (1, 3)
    assert (found.specificity.right, found.specificity.of) == (2, 3)
    assert (found.state.right, found.state.of) == (2, 6)
    assert (found.accused, found.missed) == (("c",), ("c",))
    assert found.ruleset_version == 3


def test_the_main_technique_must_come_first_and_a_miss_names_none() -> None:
    found = accuracy(
        [
            case("blocked", "blocked", "tls.reset", "dns.bogon"),
            case("blocked", "blocked", "dns.bogon", "tls.reset"),
            case("blocked", "ok"),
        ],
        3,
    )
    assert (found.technique.right, found.technique.of) == (1, 3)


def test_the_hop_is_the_first_unless_said_otherwise_and_only_asked_of_what_was_found() -> None:
    found = accuracy(
        [
            case("blocked", "blocked", hop=1),
            case("blocked", "blocked", hop=2),
            case("blocked", "blocked", hop=2, expected_hop=2),
            case("blocked", "ok"),
        ],
        3,
    )
    assert (found.hop.right, found.hop.of) == (2, 3)


def test_the_confusion_matrix_and_the_rules_count_every_case() -> None:
    cases = [
        case("ok", "ok", rules=("reached.page",), condition="a"),
        case("ok", "blocked", rules=("tls.reset",), condition="a"),
        case("blocked", "blocked", rules=("tls.reset", "tcp.timeout"), condition="b"),
    ]
    found = accuracy(cases, 3)
    assert found.confusion == {"blocked": {"blocked": 1}, "ok": {"blocked": 1, "ok": 1}}
    assert (found.conditions, found.cases) == (2, 3)
    assert (found.accused, found.missed) == (("a",), ())
    assert [(r.rule, r.fired.right, r.fired.of) for r in found.rules] == [
        ("reached.page", 1, 1),
        ("tcp.timeout", 1, 1),
        ("tls.reset", 1, 2),
    ]


def test_a_state_that_is_right_as_well_is_right() -> None:
    lossy = case("ok", "inconclusive", also=("inconclusive",))
    found = accuracy([lossy, case("ok", "down", also=("inconclusive",), condition="d")], 3)
    assert (found.state.right, found.missed) == (1, ("d",))


def test_what_no_look_can_settle_is_counted_apart() -> None:
    told = [
        case("blocked", "blocked"),
        case("blocked", "inconclusive"),
        msgspec.structs.replace(case("blocked", "inconclusive"), also=("inconclusive",)),
    ]
    found = accuracy(told, 1)

    assert (found.technique.right, found.technique.of) == (1, 3)
    assert (found.settled.right, found.settled.of) == (1, 2)


def test_a_technique_that_is_right_as_well_is_named_rightly_and_no_state_of_its_own() -> None:
    also = ("blocked http.tampered",)
    cases = [
        case("blocked", "blocked", "http.tampered", also=also),
        case("blocked", "blocked", "tls.eof", also=also),
        case("blocked", "inconclusive", also=(*also, "inconclusive")),
        case("blocked", "inconclusive", also=also),
    ]
    found = accuracy(cases, 3)
    assert (found.technique.right, found.technique.of) == (1, 4)
    assert (found.state.right, found.state.of) == (3, 4)


@pytest.mark.parametrize(
    ("told", "faults"),
    [
        (case("blocked", "blocked", hop=1), ()),
        (case("blocked", "blocked", hop=2, expected_hop=2), ()),
        (case("blocked", "blocked", "tls.eof", hop=2), ("technique", "hop")),
        (case("blocked", "ok"), ("state",)),
        (case("ok", "blocked"), ("state",)),
        (case("ok", "ok"), ()),
        (case("ok", "inconclusive", also=("inconclusive",)), ()),
        (case("ok", "ok", odd="tcp."), ("anomaly",)),
        (case("ok", "ok", odd="tcp.", anomalies=("dns.x", "tcp.y")), ()),
        (case("ok", "none", odd="tcp."), ("state", "anomaly")),
        (case("inconclusive", "inconclusive", excuse="flag", context=("other",)), ("excuse",)),
        (case("inconclusive", "inconclusive", excuse="flag", context=("other", "flag")), ()),
        (case("inconclusive", "inconclusive", context=("other",)), ()),
        (case("ok", "ok", excuse="flag"), ()),
    ],
)
def test_what_is_not_as_it_must_be_is_named(told: Case, faults: tuple[str, ...]) -> None:
    assert told.faults == faults
