"""A place is disturbed for other names while a filter that was hit there may still be at work."""

from datetime import UTC, datetime, timedelta

import pytest

from heliograph.failure import Failure
from heliograph.model import Hit
from probes.net.ledger import STOPPED, Ledger, Saying, longest

PLACE = ("203.0.113.10", 443)
NOW = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        self.now += 0.001  # no two things happen at the same moment
        return self.now


class Told:
    """A ledger, and what is said to it in short words."""

    def __init__(self, here: int = 0, doh: frozenset[str] = frozenset()) -> None:
        self.clock = Clock()
        self.here = here
        self.ledger = Ledger(200, self.clock, lambda: self.here, doh)

    def says(self, name: str, failure: Failure | None, *, look: int = 0) -> None:
        self.ledger.ended(self.ledger.say(PLACE, name, look), failure)

    def disturbed(
        self, name: str, *, look: int | None = None, place: tuple[str, int] = PLACE
    ) -> bool:
        return self.ledger.disturbed(place, name, self.ledger.seen(place, look))

    def lingers(self, name: str) -> bool:
        return self.ledger.lingers(PLACE, name, self.ledger.seen(PLACE))


@pytest.mark.parametrize("failure", sorted(STOPPED))
def test_a_stopped_name_disturbs_its_place_for_others(failure: Failure) -> None:
    told = Told()
    told.says("stopped.example", failure)

    assert told.disturbed("other.example")
    assert not told.disturbed("stopped.example")
    assert not told.disturbed("other.example", place=("203.0.113.10", 80))
    assert not told.disturbed("other.example", place=("203.0.113.11", 443))


@pytest.mark.parametrize(
    "failure",
    [None, Failure.SSL_INVALID_HOSTNAME, Failure.INTERRUPTED, Failure.SSL_FAILED_HANDSHAKE],
)
def test_other_ends_disturb_nothing(failure: Failure | None) -> None:
    told = Told()
    told.says("site.example", failure)

    assert not told.disturbed("other.example")


def test_an_innocuous_name_provokes_nobody() -> None:
    told = Told()
    saying = told.ledger.say(PLACE, "control.example")
    told.ledger.ended(saying, Failure.CONNECTION_RESET, counts=False)

    assert not told.disturbed("other.example")
    assert told.ledger.fresh(NOW) == ()


def test_the_same_name_counts_where_another_look_said_it() -> None:
    told = Told()
    told.says("stopped.example", Failure.CONNECTION_RESET, look=1)

    assert not told.disturbed("stopped.example", look=1)
    assert told.disturbed("stopped.example", look=2)


def test_it_is_over_after_the_cool_down() -> None:
    told = Told()
    told.says("stopped.example", Failure.CONNECTION_RESET)
    told.clock.now += 199
    assert told.disturbed("other.example")
    assert 0 < told.ledger.cool_in(PLACE) < 1

    told.clock.now += 2
    assert not told.disturbed("other.example")
    assert told.ledger.cool_in(PLACE) == 0


def test_the_name_of_a_host_of_dns_over_https_counts_longer() -> None:
    told = Told(doh=frozenset({"dns.example"}))
    told.says("dns.example", Failure.CONNECTION_RESET)
    told.clock.now += 359
    assert told.disturbed("other.example")

    told.clock.now += 2
    assert not told.disturbed("other.example")
    assert longest(200) == timedelta(seconds=360)


def test_what_counts_is_when_the_name_was_said_not_when_it_was_given_up() -> None:
    """Silence shows only when a time limit is over; what failed meanwhile paid for it, too."""
    told = Told()
    saying = told.ledger.say(PLACE, "silent.example")
    meanwhile = told.ledger.seen(PLACE)
    told.clock.now += 10
    told.ledger.ended(saying, Failure.GENERIC_TIMEOUT_ERROR)

    assert told.ledger.disturbed(PLACE, "other.example", meanwhile)


def test_what_failed_before_a_name_was_said_did_not_pay_for_it() -> None:
    told = Told()
    before = told.ledger.seen(PLACE)
    told.says("stopped.example", Failure.CONNECTION_RESET)

    assert not told.ledger.disturbed(PLACE, "other.example", before)


def test_a_name_that_waits_for_its_answer_may_be_to_blame_until_it_gets_one() -> None:
    told = Told()
    saying = told.ledger.say(PLACE, "slow.example")
    seen = told.ledger.seen(PLACE)
    assert told.ledger.disturbed(PLACE, "other.example", seen)

    told.ledger.ended(saying, None)
    assert not told.ledger.disturbed(PLACE, "other.example", seen)


def test_an_answer_to_anybody_shows_that_the_filter_forgets_at_once() -> None:
    told = Told()
    told.says("stopped.example", Failure.CONNECTION_RESET)
    assert told.lingers("other.example")

    told.says("control.example", None)
    assert not told.lingers("other.example")
    assert told.disturbed("other.example"), "one answer is no proof for the look as a whole"

    told.says("stopped.example", Failure.CONNECTION_RESET)
    assert told.lingers("other.example")


def test_an_answer_to_what_was_said_before_the_hit_shows_nothing() -> None:
    told = Told()
    early = told.ledger.say(PLACE, "control.example")
    told.says("stopped.example", Failure.CONNECTION_RESET)
    told.ledger.ended(early, None)

    assert told.lingers("other.example")


# From run to run


def test_what_was_noted_is_told_once_with_network_and_moment() -> None:
    told = Told(here=64500)
    told.says("stopped.example", Failure.CONNECTION_RESET)
    told.clock.now += 30
    (hit,) = told.ledger.fresh(NOW)

    assert (hit.asn, hit.address, hit.port, hit.name) == (64500, *PLACE, "stopped.example")
    assert timedelta(seconds=30) < NOW - hit.stopped < timedelta(seconds=30.1)
    assert told.ledger.fresh(NOW) == ()


def stopped(asn: int, age: float) -> Hit:
    moment = NOW - timedelta(seconds=age)
    return Hit(asn=asn, address=PLACE[0], port=PLACE[1], name="stopped.example", stopped=moment)


def learned(asn: int, *, here: int, age: float = 30) -> Told:
    told = Told(here)
    told.ledger.learn([stopped(asn, age)], NOW)
    return told


def test_another_run_learns_of_it_for_the_rest_of_the_cool_down() -> None:
    told = learned(64500, here=64500)
    assert told.disturbed("other.example")
    assert told.disturbed("stopped.example", look=1)
    assert told.ledger.fresh(NOW) == (), "it is on disk already"

    told.clock.now += 171
    assert not told.disturbed("other.example")


@pytest.mark.parametrize(
    ("there", "here", "counts"),
    [(64500, 64500, True), (64500, 64501, False), (0, 64500, True), (64500, 0, True)],
)
def test_what_was_noted_in_another_network_says_nothing_here(
    there: int, here: int, counts: bool
) -> None:
    assert learned(there, here=here).disturbed("other.example") == counts


def test_where_we_are_may_become_known_later() -> None:
    told = learned(64500, here=0)
    told.here = 64501

    assert not told.disturbed("other.example")


def test_a_clock_that_was_set_back_makes_no_hit_last_longer() -> None:
    told = learned(64500, here=64500, age=-3600)
    told.clock.now += 201

    assert not told.disturbed("other.example")


def test_an_older_word_does_not_replace_a_newer_one() -> None:
    told = learned(64500, here=64500, age=0)
    told.ledger.learn([stopped(64500, 190)], NOW)
    told.clock.now += 100

    assert told.disturbed("other.example")


def test_a_long_run_needs_no_more_room_than_a_short_one() -> None:
    told = Told()
    for number in range(1000):
        told.says(f"{number}.example", Failure.CONNECTION_RESET)
        told.clock.now += 10

    assert len(told.ledger._order) <= 37
    assert sum(map(len, told.ledger._stops.values())) <= 37


def test_an_address_that_took_a_connection_counts_as_open_for_a_minute() -> None:
    told = Told()
    assert not told.ledger.lately_open(PLACE)
    told.ledger.took_one(PLACE)
    told.clock.now += 59
    assert told.ledger.lately_open(PLACE)

    told.clock.now += 2
    assert not told.ledger.lately_open(PLACE)


def test_names_said_at_the_same_time_are_kept_apart() -> None:
    told = Told()
    sayings = [told.ledger.say(PLACE, "a.example") for _ in range(2)]
    told.ledger.ended(sayings[0], Failure.CONNECTION_RESET)
    told.ledger.ended(sayings[1], Failure.INTERRUPTED)
    told.ledger.ended(Saying(PLACE, "never.example", 0.0, 0), Failure.INTERRUPTED)

    assert told.disturbed("other.example")
    assert told.ledger._unanswered == {}
