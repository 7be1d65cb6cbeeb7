"""What all looks of a run share."""

from probes.net.datagrams import Timing
from probes.net.surroundings import Timeouts


def test_no_single_step_can_use_up_a_look() -> None:
    limits = Timeouts()
    whole = 60  # limits.seconds_per_target

    assert max(limits.connect, limits.handshake, limits.stall, limits.exchange) <= whole / 3
    assert Timing().window < Timing().resend_after < Timing().deadline <= whole / 3
