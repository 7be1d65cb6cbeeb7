"""From what the lab saw to counts: every verdict that was due is a case."""

from datetime import date

import msgspec
import pytest
import typer

from analysis.accuracy import NO_VERDICT, accuracy
from heliograph.cli.evaluate import (
    Evaluation,
    _require_sound,
    accused_without_cause,
    cases,
    in_words,
)
from heliograph.lab.inside import Event
from heliograph.lab.rehearsal import Score
from heliograph.lab.row import Row


def row(name: str, state: str, technique: str | None = None, hop: int = 1) -> Row:
    return Row(name, "", ("https://a.example/",), state, technique, lambda _: (), hop=hop)


OPEN, CLOSED = row("open", "ok"), row("closed", "blocked", "tls.reset", hop=2)


def verdict(of: Row, state: str, *techniques: str, hop: int | None = None) -> Event:
    return Event(
        what="verdict", row=of.name, state=state, techniques=techniques, hop=hop, rules=("r",)
    )


def evaluation(*events: Event, unstaged: tuple[str, ...] = ()) -> Evaluation:
    found = cases([Score(OPEN, 1), Score(CLOSED, 1)], events)
    return Evaluation(
        made=date(2026, 11, 24),
        software="heliograph 0",
        repeats=1,
        seconds=1.0,
        unstaged=unstaged,
        accuracy=accuracy(list(found), 3),
    )


def test_each_verdict_is_a_case_with_all_it_must_be_and_was() -> None:
    (case,) = cases([Score(CLOSED, 1)], [verdict(CLOSED, "blocked", "tls.reset", hop=2)])
    assert (case.condition, case.expected, case.got) == ("closed", "blocked", "blocked")
    assert (case.techniques, case.expected_technique) == (("tls.reset",), "tls.reset")
    assert (case.hop, case.expected_hop, case.rules) == (2, 2, ("r",))


def test_a_verdict_that_never_came_is_a_case_too() -> None:
    found = list(cases([Score(OPEN, 3)], [verdict(OPEN, "ok")]))
    assert [case.got for case in found] == ["ok", NO_VERDICT, NO_VERDICT]


def test_what_else_the_lab_says_is_no_case() -> None:
    noise = [Event(what="twin", row="open"), Event(what="note"), verdict(CLOSED, "ok")]
    assert [case.got for case in cases([Score(OPEN, 1)], noise)] == [NO_VERDICT]


def test_the_words_name_what_is_not_as_it_must_be() -> None:
    told = "\n".join(in_words(evaluation(verdict(OPEN, "down"), verdict(CLOSED, "blocked"))))
    assert "2 verdicts on 2 conditions, 1 time each" in told
    assert "no false accusation      1/1  100.00 %  (95 %: 20.65 to 100.00)" in told
    assert "main technique named     0/1  0.00 %" in told
    assert "1 x ok called down" in told
    assert "not as they must be: open" in told


def test_what_nothing_was_counted_for_has_no_line() -> None:
    found = cases([Score(CLOSED, 1)], [verdict(CLOSED, "blocked", "tls.reset")])
    alone = msgspec.structs.replace(evaluation(), accuracy=accuracy(list(found), 3))
    told = "\n".join(in_words(alone))
    assert "1 verdict on 1 condition, 1 time each" in told
    assert "interference found       1/1" in told
    assert "no false accusation" not in told
    assert "0/0" not in told


BOTH = (verdict(OPEN, "ok"), verdict(CLOSED, "blocked"))
HEALTHY = (
    Event(what="healthy", row="closed", state="blocked"),
    Event(what="healthy", row="open", state="ok"),
)


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (evaluation(verdict(OPEN, "blocked")), "falsely called blocked: open"),
        (evaluation(verdict(OPEN, "ok"), unstaged=("closed",)), "not staged: closed"),
        (evaluation(verdict(OPEN, "ok")), "1 look without a verdict"),
        (evaluation(verdict(OPEN, "broken"), BOTH[1]), "1 look without a verdict"),
    ],
)
def test_a_false_accusation_or_what_may_hide_one_fails(
    found: Evaluation, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(typer.Exit) as ended:
        _require_sound(found)
    assert ended.value.exit_code == 70
    assert words in capsys.readouterr().err


def test_a_place_where_nothing_is_staged_is_not_to_be_called_blocked_either(
    capsys: pytest.CaptureFixture[str],
) -> None:
    accused = accused_without_cause([*BOTH, *HEALTHY, *HEALTHY])
    with pytest.raises(typer.Exit):
        _require_sound(evaluation(*BOTH), accused)
    assert "falsely called blocked: closed (nothing staged)" in capsys.readouterr().err


def test_a_miss_alone_does_not_fail() -> None:
    _require_sound(evaluation(verdict(OPEN, "inconclusive"), verdict(CLOSED, "ok")))


def test_a_host_without_a_line_has_no_verdict_and_must_have_none() -> None:
    offline = row("offline", NO_VERDICT)
    found = cases([Score(offline, 1)], [verdict(offline, NO_VERDICT)])
    _require_sound(msgspec.structs.replace(evaluation(), accuracy=accuracy(list(found), 3)))
