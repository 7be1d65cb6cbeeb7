"""From what the lab saw to counts: every verdict that was due is a case."""

from datetime import date

import pytest
import typer

from analysis.accuracy import accuracy
from heliograph.cli.evaluate import Evaluation, _require_sound, cases, in_words
from heliograph.cli.scores import NO_VERDICT
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
    assert "2 verdicts on 2 conditions, 1 times each" in told
    assert "no false accusation      1/1  100.00 %  (95 %: 20.65 to 100.00)" in told
    assert "main technique named     0/1  0.00 %" in told
    assert "1 x ok called down" in told
    assert "not as they must be: open" in told


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (evaluation(verdict(OPEN, "blocked")), "falsely called blocked: open"),
        (evaluation(verdict(OPEN, "ok"), unstaged=("closed",)), "not staged: closed"),
    ],
)
def test_a_false_accusation_or_a_condition_that_was_not_there_fails(
    found: Evaluation, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(typer.Exit) as ended:
        _require_sound(found)
    assert ended.value.exit_code == 70
    assert words in capsys.readouterr().err


def test_a_miss_alone_does_not_fail() -> None:
    _require_sound(evaluation(verdict(OPEN, "inconclusive")))
