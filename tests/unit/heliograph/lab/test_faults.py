"""What fails on a way and means nobody's name: what it hits, for how long, and what it spares."""

import pytest

from heliograph.lab.censor import Censor
from heliograph.lab.decision import DROP, PASS
from heliograph.lab.faults import Narrow, Outage, Ration
from heliograph.lab.packets import RST
from tests.unit.heliograph.lab.frames import (
    SERVER,
    SERVER_V6,
    Talk,
    client_hello,
    opened,
    read,
    sums_are_right,
)

BOTH = pytest.mark.parametrize("v6", [False, True], ids=["IPv4", "IPv6"])
PLACES = (SERVER, SERVER_V6)


@BOTH
def test_large_segments_from_there_vanish_and_small_ones_pass(v6: bool) -> None:
    talk = opened(Narrow(addresses=PLACES, most=536), v6=v6)

    assert talk.says(client_hello("any.example") * 4) == PASS
    assert talk.hears(b"x" * 536) == PASS
    assert talk.hears(b"x" * 537) == DROP
    assert talk.hears(b"x" * 40_000) == DROP


def test_large_segments_from_elsewhere_pass() -> None:
    assert opened(Narrow(addresses=("192.0.2.0/24",), most=536)).hears(b"x" * 1400) == PASS


def test_connections_beyond_the_ration_are_reset_whatever_their_port() -> None:
    censor = Censor((Ration(addresses=PLACES, most=2, seconds=10.0),))
    taken = [Talk(censor, sport=4000 + n, port=port).opens() for n, port in enumerate((443, 80))]
    refused = Talk(censor, sport=4002).opens()

    assert taken == [PASS, PASS]
    assert refused.drop
    assert [read(frame).flags & RST for frame in refused.to_client] == [RST]
    assert all(sums_are_right(frame) for frame in refused.to_client)


def test_a_ration_is_to_be_had_again_after_its_time_and_for_another_server() -> None:
    censor = Censor((Ration(addresses=PLACES, most=1, seconds=10.0),))
    assert Talk(censor).opens() == PASS
    later = Talk(censor, sport=4001)
    later.now += 10

    assert Talk(censor, sport=4002, v6=True).opens() == PASS
    assert later.opens() == PASS


def test_a_connection_that_was_taken_goes_on() -> None:
    talk = opened(Ration(addresses=PLACES, most=1, seconds=10.0))

    assert talk.says(b"going on") == PASS
    assert talk.hears(b"answer") == PASS


def test_an_outage_begins_with_the_first_connection_and_is_over_for_good() -> None:
    censor = Censor((Outage(addresses=PLACES, seconds=5.0),))
    found = []
    for number, after in enumerate((0.0, 4.9, 5.1, 500.0)):
        talk = Talk(censor, sport=4000 + number)
        talk.now += after
        found.append(talk.opens().drop)

    assert found == [True, True, False, False]


def test_an_outage_elsewhere_is_none_here() -> None:
    assert Talk(Outage(addresses=("192.0.2.1",), seconds=5.0)).opens() == PASS
