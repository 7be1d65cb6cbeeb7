"""A control that keeps failing rests; one request, and no more, finds out whether it is back."""

from asyncio import CancelledError
from collections.abc import Callable
from contextlib import suppress

from heliograph.failure import Failure
from probes.net.credit import FAILURES_IN_A_ROW, FIRST_REST, LONGEST_REST, PATIENCE, Credit

PLACE, OTHER = "https://a.example", "https://b.example"
REFUSED = Failure.CONNECTION_REFUSED


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now

    def wait(self, seconds: float) -> None:
        self.now += seconds


def used(credit: Credit, failure: Failure | None, place: str = PLACE) -> bool:
    """One request that ends so; False when it was not to be made."""
    turn = credit.turn(place)
    if turn is None:
        return False
    with turn:
        turn.ended(failure)
    return True


def cut_off(credit: Credit, meanwhile: Callable[[], None] = lambda: None) -> None:
    """One request whose look ends before it does."""
    turn = credit.turn(PLACE)
    assert turn is not None
    with suppress(CancelledError), turn:
        meanwhile()
        raise CancelledError


def resting(clock: Clock) -> Credit:
    credit = Credit(clock)
    assert all(used(credit, REFUSED) for _ in range(FAILURES_IN_A_ROW))
    return credit


def test_after_failures_in_a_row_a_place_rests_and_the_others_do_not() -> None:
    clock = Clock()
    credit = resting(clock)

    clock.now += FIRST_REST - 1
    assert credit.turn(PLACE) is None
    assert credit.last(PLACE) is REFUSED
    assert used(credit, None, OTHER)


def test_an_answer_in_between_begins_the_count_anew() -> None:
    credit = Credit(Clock())
    for failure in (REFUSED, REFUSED, None, REFUSED, REFUSED):
        assert used(credit, failure)

    assert credit.turn(PLACE) is not None


def test_one_request_tries_it_when_the_rest_is_over() -> None:
    clock = Clock()
    credit = resting(clock)
    clock.now += FIRST_REST
    trial = credit.turn(PLACE)

    assert trial is not None
    assert credit.turn(PLACE) is None, "the others wait for what that one finds"
    with trial:
        trial.ended(None)
    assert used(credit, REFUSED)
    assert used(credit, REFUSED), "it is as good as new"


def test_a_trial_that_fails_makes_the_rest_longer_up_to_a_limit() -> None:
    clock = Clock()
    credit = resting(clock)
    rests = []
    for _ in range(6):
        began = clock.now
        while not used(credit, REFUSED):
            clock.now += 1
        rests.append(clock.now - began)

    assert rests == [60, 120, 240, 480, LONGEST_REST, LONGEST_REST]


def test_a_trial_cut_off_soon_says_nothing_and_the_next_may_try() -> None:
    clock = Clock()
    credit = resting(clock)
    clock.now += FIRST_REST
    cut_off(credit)

    assert credit.turn(PLACE) is not None


def test_looks_cut_off_while_they_waited_long_count_as_failures() -> None:
    """Historical note: a control that hung longer than a look may last was asked for ever."""
    clock = Clock()
    credit = Credit(clock)
    for _ in range(FAILURES_IN_A_ROW):
        cut_off(credit, lambda: clock.wait(PATIENCE))

    assert credit.turn(PLACE) is None
    assert credit.last(PLACE) is Failure.GENERIC_TIMEOUT_ERROR


def test_requests_that_began_before_the_rest_neither_lengthen_it_nor_end_a_trial() -> None:
    clock = Clock()
    credit = Credit(clock)
    early = [credit.turn(PLACE) for _ in range(2)]
    for _ in range(FAILURES_IN_A_ROW):
        used(credit, REFUSED)
    clock.now += FIRST_REST
    trial = credit.turn(PLACE)
    for turn in early:
        assert turn is not None
        with turn:
            turn.ended(REFUSED)

    assert trial is not None
    assert credit.turn(PLACE) is None, "the trial is still under way"
    with trial:
        trial.ended(REFUSED)
    clock.now += 2 * FIRST_REST
    assert credit.turn(PLACE) is not None, "one failed trial doubles the rest once"


def test_whoever_answers_late_ends_the_rest() -> None:
    credit = Credit(Clock())
    early = credit.turn(PLACE)
    for _ in range(FAILURES_IN_A_ROW):
        used(credit, REFUSED)
    assert early is not None
    with early:
        early.ended(None)

    assert credit.turn(PLACE) is not None
