"""The rule about a page that is slow under its own name alone."""

from analysis.judge import judge
from analysis.questions import questions
from heliograph.model import Question, QuestionKind, State
from tests.unit.analysis.builders import HOST, REAL
from tests.unit.analysis.cases_throttle import FIRES, SPARES, slow
from tests.unit.analysis.paced import trials


def test_the_sentence_holds_both_speeds_and_the_other_name() -> None:
    verdict = judge(FIRES["throttle.page"]["five pairs"])

    assert verdict is not None
    assert "128 kbit/s, and under control.example at 5,243 kbit/s" in verdict.explanation
    assert "2.4 %" in verdict.explanation


def test_what_is_slow_for_every_name_stays_ok() -> None:
    for look in SPARES["throttle.page"].values():
        verdict = judge(look)
        assert verdict is not None
        assert verdict.state in {State.OK, State.INCONCLUSIVE}


def test_a_slow_page_is_compared_once_even_where_all_is_well() -> None:
    look = slow()
    verdict = judge(look)
    assert verdict is not None
    asked = Question(kind=QuestionKind.PACE, host=HOST, address=REAL, port=443, path="/", hop=1)

    assert questions(look, verdict, frozenset()) == (asked,)
    compared = slow(*trials())
    assert asked not in questions(compared, verdict, frozenset({asked}))
