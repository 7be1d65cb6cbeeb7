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


def found(failure: Failure | None = RESET, *, first: int = 0, confirmed: int = 4) -> list[Step]:
    """What a search ends with: the whole is stopped, then the word, then the word once more."""
    places = range(first + 1, first + 2 + confirmed)
    return [*hit(first, WHOLE, failure), *(s for n in places for s in hit(n, LEAST, failure))]


def looked(*steps: Step, context: tuple[str, ...] = ()) -> Measurement:
    return measured(*steps, probe="keyword", url="http://site.example/", context=context)


def verdict_on(*steps: Step) -> Verdict:
    verdict = judge(looked(*steps))
    assert verdict is not None
    return verdict


def test_a_word_that_is_stopped_each_time_where_filler_passes_is_blocked_and_named() -> None:
    verdict = verdict_on(*found())

    assert (verdict.state, verdict.techniques) == (State.BLOCKED, ("http.reset",))
    assert verdict.confidence_word is ConfidenceWord.CONFIRMED
    assert verdict.anomalies == ("keyword path kingfisher",)
    assert "“kingfisher” in the path" in verdict.explanation
    assert verdict.confounders["server_down"] is Standing.RULED_OUT
    assert verdict.confounders["filter_nearby"] is Standing.POSSIBLE


@pytest.mark.parametrize(
    ("steps", "technique"),
    [
        (found(TIMEOUT), "http.timeout"),
        (found(Failure.EOF_ERROR), "http.eof"),
        ([step for n in range(6) for step in forged(n)], "http.blockpage"),
        ([step for n in range(6) for step in forged(n, 304)], "http.blockpage"),
        *(
            ([step for n in range(6) for step in forged(n, status)], "http.redirect")
            for status in (301, 302, 303, 307, 308)
        ),
    ],
)
def test_how_it_is_stopped_is_told(steps: list[Step], technique: str) -> None:
    assert verdict_on(*steps).techniques == (technique,)


def test_once_is_no_proof() -> None:
    verdict = verdict_on(*hit(0))

    assert (verdict.state, verdict.anomalies) == (State.INCONCLUSIVE, ())
    assert "stopped once, and passed never; filler was stopped never" in verdict.explanation


def test_twice_is_no_proof_either_since_the_search_goes_where_requests_fail() -> None:
    assert verdict_on(*hit(0, WHOLE), *hit(1), *hit(2)).state is State.INCONCLUSIVE


def test_where_filler_is_lost_as_often_words_are_not_the_reason() -> None:
    lost = [asked(20 + n, failure=TIMEOUT) for n in range(5)]

    assert verdict_on(*found(TIMEOUT)).state is State.BLOCKED
    verdict = verdict_on(*found(TIMEOUT), *lost)

    assert (verdict.state, verdict.anomalies) == (State.INCONCLUSIVE, ())
    assert "filler was stopped 5 times, and passed 6 times" in verdict.explanation
    assert verdict.confounders["hiccup"] is Standing.POSSIBLE


def test_a_filter_that_resets_is_seen_over_a_line_that_loses_a_request() -> None:
    verdict = verdict_on(*found(), *hit(9, failure=TIMEOUT))

    assert verdict.techniques == ("http.reset",)


def test_each_in_another_way_is_no_proof() -> None:
    ways = (RESET, TIMEOUT, Failure.EOF_ERROR, RESET, TIMEOUT, Failure.EOF_ERROR)
    steps = [step for n, failure in enumerate(ways) for step in hit(n, failure=failure)]

    assert verdict_on(*steps).state is State.INCONCLUSIVE


def test_different_words_that_fail_once_each_are_no_proof() -> None:
    others = [(("path", f"word{n}"),) for n in range(9)]
    steps = [step for n, words in enumerate(others) for step in hit(n, words, TIMEOUT)]

    assert verdict_on(*steps).state is State.INCONCLUSIVE


def test_what_is_stopped_where_no_filler_was_answered_proves_nothing() -> None:
    cold = [asked(n, LEAST, RESET) for n in range(6)]

    assert verdict_on(asked(9), *cold).state is State.INCONCLUSIVE


def test_filler_that_was_lost_makes_no_place_good_for_words_nor_do_words_that_passed() -> None:
    lost = [s for n in range(9) for s in (asked(n, failure=TIMEOUT), asked(n, LEAST, TIMEOUT))]
    spoken = [s for n in range(9) for s in (asked(n, LEAST), asked(n, LEAST, RESET))]

    assert verdict_on(asked(20), *lost).state is State.INCONCLUSIVE
    assert verdict_on(asked(20), *spoken).state is not State.BLOCKED


def test_filler_that_is_stopped_is_no_word_that_is() -> None:
    steps = [step for n in range(9) for step in (asked(n), asked(n, failure=RESET))]

    assert verdict_on(*steps).confounders["residual_censorship"] is Standing.NOT_TESTED


def test_a_request_that_was_never_made_is_no_loss() -> None:
    unmade = [asked(20 + n, failure=Failure.X_BUDGET_EXHAUSTED) for n in range(5)]

    assert verdict_on(*found(), *unmade).state is State.BLOCKED


def test_what_follows_a_hit_at_the_same_place_is_no_second_one() -> None:
    follow = [asked(0, LEAST, RESET)] * 6

    assert verdict_on(*hit(0), *follow).state is State.INCONCLUSIVE


def test_a_connection_that_was_never_made_is_no_hit() -> None:
    refused = [
        asked(9),
        Step(kind=StepKind.TCP_CONNECT, pair=f"{WORD}9", failure=RESET, address="203.0.113.5"),
    ]

    assert verdict_on(*found(confirmed=2), *refused * 2).state is State.INCONCLUSIVE


def test_a_word_that_also_passed_is_not_named() -> None:
    verdict = verdict_on(*found(), asked(9), asked(9, LEAST))

    assert verdict.state is State.BLOCKED
    assert verdict.anomalies == ()


def test_what_passes_three_times_is_ok() -> None:
    verdict = verdict_on(asked(0), *[asked(0, WHOLE)] * 3)

    assert verdict.state is State.OK
    for story in ("hiccup", "residual_censorship", "filter_nearby"):
        assert verdict.confounders[story] is Standing.RULED_OUT
    assert verdict_on(asked(0), *[asked(0, WHOLE)] * 2).state is State.INCONCLUSIVE


def test_a_part_that_passes_is_not_the_whole() -> None:
    verdict = verdict_on(asked(0), *[asked(0, WHOLE)] * 2, *[asked(0, LEAST)] * 3)

    assert verdict.state is State.INCONCLUSIVE


def test_what_passes_three_times_and_was_stopped_once_is_open() -> None:
    verdict = verdict_on(*hit(0, WHOLE), asked(1), *[asked(1, WHOLE)] * 3)

    assert verdict.state is State.INCONCLUSIVE
    assert "stopped once, and passed 3 times" in verdict.explanation
    assert verdict.confounders["hiccup"] is Standing.POSSIBLE


def test_the_sentence_is_about_what_was_stopped_twice_and_not_about_a_shorter_once() -> None:
    verdict = verdict_on(*hit(0, WHOLE), *hit(1, WHOLE), *hit(2))

    assert "“/river/kingfisher” in the path and “page=2” in the query" in verdict.explanation
    assert "was stopped twice" in verdict.explanation


def test_somebody_who_answers_every_request_stops_no_word() -> None:
    verdict = verdict_on(asked(0, signed=False), asked(1, signed=False))

    assert verdict.state is State.INCONCLUSIVE
    assert "Not even filler" in verdict.explanation


def test_nothing_tried_is_told() -> None:
    assert "No sink" in verdict_on().explanation


def test_surroundings_that_lie_mask_it() -> None:
    verdict = judge(looked(*found(), context=("captive_portal",)))

    assert verdict is not None
    assert verdict.state is State.INCONCLUSIVE


def test_every_request_is_told_with_what_it_speaks_for() -> None:
    look = looked(*hit(0), asked(1), asked(1, WHOLE))
    filler, stopped, _, passed = grounds(look, None)

    assert (filler.side, stopped.side, passed.side) == (Side.FACT, Side.FOR, Side.AGAINST)
    assert filler.text == "a request with filler alone was answered as it was sent"
    assert stopped.text == "a request with “kingfisher” in the path ended in connection_reset"
    assert stopped.steps == (1,)


def test_what_tells_nothing_of_a_filter_is_told_as_a_mere_fact() -> None:
    odd = asked(1, LEAST, Failure.HOST_UNREACHABLE)
    look = looked(asked(0), asked(0, failure=RESET), asked(1), odd, asked(2, LEAST, RESET))

    assert {ground.side for ground in grounds(look, None)} == {Side.FACT}


def test_a_long_word_is_cut() -> None:
    verdict = verdict_on(*hit(0, (("path", "k" * 200),)))

    assert f"“{'k' * 119}…”" in verdict.explanation


def test_why_a_word_is_blocked_rules_out_what_else_might_be() -> None:
    verdict = verdict_on(*found())

    assert verdict.confounders["hiccup"] is Standing.RULED_OUT
    assert verdict.confounders["residual_censorship"] is Standing.RULED_OUT
