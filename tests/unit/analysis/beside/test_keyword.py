"""What looks by the keyword probe mean."""

import pytest

from analysis.grounds import grounds
from analysis.judge import judge
from heliograph.detail import HttpDetail
from heliograph.failure import Failure
from heliograph.model import (
    WORD,
    ConfidenceWord,
    Measurement,
    Role,
    Side,
    Standing,
    State,
    Step,
    StepKind,
    Verdict,
)
from tests.unit.analysis.builders import measured, written

WHOLE = (("path", "/river/kingfisher"), ("query", "page=2"))
LEAST = (("path", "kingfisher"),)
RESET, TIMEOUT = Failure.CONNECTION_RESET, Failure.GENERIC_TIMEOUT_ERROR


def asked(
    place: int,
    words: tuple[tuple[str, str], ...] = (),
    failure: Failure | None = None,
    *,
    signed: bool | None = True,
    status: int | None = 200,
) -> Step:
    """A request to the sink; without words it is filler."""
    answered = failure is None
    detail = HttpDetail(
        url="http://site.example/",
        words=words,
        signed=signed if answered else None,
        status=status if answered else None,
    )
    return Step(
        kind=StepKind.HTTP_EXCHANGE,
        role=Role.TEST if words else Role.CONTROL_BEFORE,
        pair=f"{WORD}{place}",
        host="site.example",
        address="203.0.113.5",
        port=8000 + place,
        failure=failure,
        detail=written(detail),
    )


def hit(
    place: int, words: tuple[tuple[str, str], ...] = LEAST, failure: Failure | None = RESET
) -> tuple[Step, Step]:
    """Filler that is answered, then words that are not."""
    return asked(place), asked(place, words, failure)


def forged(place: int, status: int = 200) -> tuple[Step, Step]:
    """Filler that is answered, then words that somebody else answers."""
    return asked(place), asked(place, LEAST, signed=False, status=status)


def looked(*steps: Step, context: tuple[str, ...] = ()) -> Measurement:
    return measured(*steps, probe="keyword", url="http://site.example/", context=context)


def verdict_on(*steps: Step) -> Verdict:
    verdict = judge(looked(*steps))
    assert verdict is not None
    return verdict


def test_a_word_that_is_stopped_twice_where_filler_passes_is_blocked_and_named() -> None:
    verdict = verdict_on(*hit(0, WHOLE), *hit(1), *hit(2))

    assert (verdict.state, verdict.techniques) == (State.BLOCKED, ("http.reset",))
    assert verdict.confidence_word is ConfidenceWord.CONFIRMED
    assert verdict.anomalies == ("keyword path kingfisher",)
    assert "“kingfisher” in the path" in verdict.explanation
    assert verdict.confounders["server_down"] is Standing.RULED_OUT
    assert verdict.confounders["filter_nearby"] is Standing.POSSIBLE


@pytest.mark.parametrize(
    ("steps", "technique"),
    [
        ((*hit(0, failure=TIMEOUT), *hit(1, failure=TIMEOUT)), "http.timeout"),
        ((*hit(0, failure=Failure.EOF_ERROR), *hit(1, failure=Failure.EOF_ERROR)), "http.eof"),
        ((*forged(0), *forged(1)), "http.blockpage"),
        ((*forged(0, 302), *forged(1, 302)), "http.redirect"),
    ],
)
def test_how_it_is_stopped_is_told(steps: tuple[Step, ...], technique: str) -> None:
    assert verdict_on(*steps).techniques == (technique,)


def test_once_is_no_proof() -> None:
    verdict = verdict_on(*hit(0))

    assert (verdict.state, verdict.anomalies) == (State.INCONCLUSIVE, ())
    assert "not twice" in verdict.explanation


def test_twice_in_different_ways_is_no_proof() -> None:
    assert verdict_on(*hit(0), *hit(1, failure=TIMEOUT)).state is State.INCONCLUSIVE


def test_what_is_stopped_where_no_filler_was_answered_proves_nothing() -> None:
    cold = (asked(0, failure=RESET), asked(0, LEAST, RESET), asked(1, LEAST, RESET))

    assert verdict_on(*cold).state is State.INCONCLUSIVE


def test_what_follows_a_hit_at_the_same_place_is_no_second_one() -> None:
    assert verdict_on(*hit(0), asked(0, LEAST, RESET)).state is State.INCONCLUSIVE


def test_a_connection_that_was_never_made_is_no_hit() -> None:
    refused = Step(
        kind=StepKind.TCP_CONNECT, pair=f"{WORD}1", failure=RESET, address="203.0.113.5", port=8001
    )

    assert verdict_on(*hit(0), asked(1), refused).state is State.INCONCLUSIVE


def test_a_word_that_also_passed_is_not_named() -> None:
    verdict = verdict_on(*hit(0), *hit(1), asked(2), asked(2, LEAST))

    assert verdict.state is State.BLOCKED
    assert verdict.anomalies == ()


def test_what_passes_three_times_is_ok() -> None:
    verdict = verdict_on(asked(0), *[asked(0, WHOLE)] * 3)

    assert verdict.state is State.OK
    assert verdict_on(asked(0), *[asked(0, WHOLE)] * 2).state is State.INCONCLUSIVE


def test_somebody_who_answers_every_request_stops_no_word() -> None:
    verdict = verdict_on(asked(0, signed=False), asked(1, signed=False))

    assert verdict.state is State.INCONCLUSIVE
    assert "Not even filler" in verdict.explanation


def test_nothing_tried_is_told() -> None:
    assert "No sink" in verdict_on().explanation


def test_surroundings_that_lie_mask_it() -> None:
    verdict = judge(looked(*hit(0), *hit(1), context=("captive_portal",)))

    assert verdict is not None
    assert verdict.state is State.INCONCLUSIVE


def test_every_request_is_told_with_what_it_speaks_for() -> None:
    look = looked(*hit(0), asked(1), asked(1, WHOLE))
    filler, stopped, _, passed = grounds(look, None)

    assert (filler.side, stopped.side, passed.side) == (Side.FACT, Side.FOR, Side.AGAINST)
    assert stopped.text == "a request with “kingfisher” in the path ended in connection_reset"
    assert stopped.steps == (1,)
