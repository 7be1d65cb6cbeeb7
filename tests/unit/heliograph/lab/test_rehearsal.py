"""The count of a rehearsal: right only when every target of every repeat was, and was seen."""

import pytest

from heliograph.lab.inside import Event
from heliograph.lab.rehearsal import Score
from heliograph.lab.row import Row
from heliograph.lab.rows import named

(RESET,), (BOMB,), (OFFLINE,) = named(["tls-reset"]), named(["bomb"]), named(["offline"])


def scored(row: Row, repeats: int, *events: Event, twin: str = "") -> Score:
    score = Score(row, repeats)
    for event in (Event(what="twin", seen=twin), *events):
        score.take(event)
    return score


def verdict(state: str, *techniques: str, repeat: int = 1) -> Event:
    return Event(what="verdict", state=state, techniques=techniques, repeat=repeat)


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
