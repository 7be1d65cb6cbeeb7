"""A place is disturbed for other names while a filter that was hit there may still be at work."""

import pytest

from heliograph.failure import Failure
from probes.net.ledger import STOPPED, Ledger

PLACE = ("203.0.113.10", 443)


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize("failure", sorted(STOPPED))
def test_a_stopped_name_disturbs_its_place_for_others(failure: Failure) -> None:
    ledger = Ledger(200, Clock())
    ledger.note(PLACE, "stopped.example", failure)

    assert ledger.disturbed(PLACE, "other.example")
    assert not ledger.disturbed(PLACE, "stopped.example")
    assert not ledger.disturbed(("203.0.113.10", 80), "other.example")
    assert not ledger.disturbed(("203.0.113.11", 443), "other.example")


@pytest.mark.parametrize("failure", [None, Failure.SSL_INVALID_HOSTNAME, Failure.INTERRUPTED])
def test_other_ends_disturb_nothing(failure: Failure | None) -> None:
    ledger = Ledger(200, Clock())
    ledger.note(PLACE, "site.example", failure)

    assert not ledger.disturbed(PLACE, "other.example")


def test_it_is_over_after_the_cool_down() -> None:
    clock = Clock()
    ledger = Ledger(200, clock)
    ledger.note(PLACE, "stopped.example", Failure.CONNECTION_RESET)
    clock.now += 201

    assert not ledger.disturbed(PLACE, "other.example")
