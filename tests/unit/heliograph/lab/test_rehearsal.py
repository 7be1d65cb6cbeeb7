"""The count of a rehearsal: right only when every target of every repeat was, and was seen."""

import pytest

from heliograph.lab.inside import Event
from heliograph.lab.rehearsal import Score
from heliograph.lab.row import Row
from heliograph.lab.rows import named

(RESET,), (BOMB,), (OFFLINE,) = named(["tls-reset"]), named(["bomb"]), named(["offline"])
(SECOND,), (FLAKY,) = named(["http-redirect-second-hop"]), named(["ok-flaky"])


def scored(row: Row, repeats: int, *events: Event, twin: str = "") -> Score:
    score = Score(row, repeats)
    for event in (Event(what="twin", seen=twin), *events):
        score.take(event)
    return score


def verdict(state: str, *techniques: str, repeat: int = 1, hop: int | None = None) -> Event:
    return Event(what="verdict", state=state, techniques=techniques, repeat=repeat, hop=hop)


def test_the_first_technique_decides() -> None:
    score = scored(RESET, 1, verdict("blocked", "tls.reset", "http.reset"))

    assert (score.right, score.wrong, score.passed) == (1, (), True)


@pytest.mark.parametrize(
    "told",
    [verdict("blocked", "http.reset", "tls.reset"), verdict("blocked"), verdict("ok")],
    ids=["another technique", "none", "another state"],
)
def test_another_verdict_is_wrong_and_told(told: Event) -> None:
    score = scored(RESET, 2, verdict("blocked", "tls.reset"), verdict("ok", repeat=2), told)

    assert not score.passed
    assert "ok" in score.wrong


def test_a_repeat_without_a_verdict_is_wrong() -> None:
    score = scored(RESET, 2, verdict("blocked", "tls.reset"))

    assert (score.right, score.wrong, score.passed) == (1, ("no verdict",), False)


def test_every_target_of_a_row_counts() -> None:
    some = [verdict("ok") for _ in BOMB.targets[1:]]

    assert scored(BOMB, 1, *some).wrong == ("no verdict",)
    assert scored(BOMB, 1, *some, verdict("down")).wrong == ("down",)
    assert scored(BOMB, 1, *some, verdict("ok")).passed


def test_no_verdict_is_what_is_expected_offline() -> None:
    assert scored(OFFLINE, 1, verdict("none")).passed
    assert scored(OFFLINE, 1, verdict("exit 0")).wrong == ("exit 0",)


def test_a_condition_no_witness_saw_proves_nothing() -> None:
    unseen = Score(RESET, 1)
    unseen.take(verdict("blocked", "tls.reset"))

    assert not unseen.passed
    assert not scored(RESET, 1, verdict("blocked", "tls.reset"), twin="not there").passed


def test_interference_must_be_found_at_the_hop_where_it_is() -> None:
    assert scored(SECOND, 1, verdict("blocked", "tls.reset", hop=2)).passed
    assert scored(SECOND, 1, verdict("blocked", "tls.reset", hop=1)).wrong == (
        "blocked tls.reset at hop 1",
    )
    assert scored(RESET, 1, verdict("blocked", "tls.reset", hop=2)).wrong == (
        "blocked tls.reset at hop 2",
    )
    assert scored(RESET, 1, verdict("blocked", "tls.reset", hop=1)).passed


def test_a_verdict_that_is_right_as_well_counts_and_no_other_does() -> None:
    fine = [verdict("ok"), verdict("inconclusive")]

    assert scored(FLAKY, 1, *fine).passed
    assert scored(FLAKY, 1, verdict("ok"), verdict("blocked", "tcp.timeout")).wrong == (
        "blocked tcp.timeout",
    )


def test_a_hop_that_is_not_the_rows_is_wrong() -> None:
    (beyond,) = named(["http-redirect-second-hop"])
    at = [
        Event(what="verdict", state="blocked", techniques=("tls.reset",), hop=hop, repeat=1)
        for hop in (1, 2)
    ]

    assert scored(beyond, 1, at[0]).wrong == ("blocked tls.reset at hop 1",)
    assert scored(beyond, 1, at[1]).passed


@pytest.mark.parametrize("name", ["tcp-one-of-two", "tcp-one-of-two-v6"])
def test_an_anomaly_the_row_asks_for_must_be_there(name: str) -> None:
    (halved,) = named([name])
    told = [
        Event(what="verdict", state="ok", anomalies=anomalies, repeat=1)
        for anomalies in ((), ("dns.bogon from a resolver",), ("tcp.generic_timeout_error at x",))
    ]

    assert [scored(halved, 1, each).passed for each in told] == [False, False, True]
    assert scored(halved, 1, told[0]).wrong == ("ok without tcp. beside it",)


def test_an_undecided_verdict_must_come_with_its_excuse() -> None:
    (beside,) = named(["tls-residual-beside"])
    told = [
        Event(what="verdict", state=state, context=context, repeat=1)
        for state, context in (
            ("ok", ()),
            ("inconclusive", ("residual_possible", "no_ipv6")),
            ("inconclusive", ("no_ipv6",)),
        )
    ]

    assert [scored(beside, 1, each).passed for each in told] == [True, True, False]
    assert scored(beside, 1, told[2]).wrong == ("inconclusive without residual_possible",)
