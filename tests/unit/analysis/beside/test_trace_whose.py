"""Whose doing it may be: the networks and the times that tell how far a hop is from the server."""

import pytest

from analysis.beside.trace_seen import facts
from analysis.beside.trace_whose import befalls, proof
from heliograph.detail import HopTrial
from heliograph.model import RESIDUAL_POSSIBLE, ConfidenceWord, Measurement
from tests.unit.analysis.beside.trace_looks import (
    AFTER,
    AT_SERVER,
    BEFORE,
    DROPPED,
    MUTE,
    PASSES,
    PLACED,
    RESET,
    TEST,
    WAY,
    look,
    routers,
    sweep,
    trial,
)
from tests.unit.analysis.builders import CONTROL, HOST, REAL, measured, system
from tests.unit.analysis.builders_control import SITE_ASN, in_network

CONFIRMED, LIKELY = ConfidenceWord.CONFIRMED, ConfidenceWord.LIKELY
VANTAGE_ASN = 64500


def own(ttl: int) -> HopTrial:
    return trial(ttl, "expired", asn=SITE_ASN)


def others(ttl: int) -> HopTrial:
    return trial(ttl, "expired", asn=64508)


def inside(ttl: int) -> HopTrial:
    return trial(ttl, "expired", inside=True)


@pytest.mark.parametrize(
    ("way", "how"),
    [
        (WAY, CONFIRMED),
        ((inside(1), others(4)), CONFIRMED),
        ((inside(1), inside(4)), CONFIRMED),
        ((others(5), own(4)), CONFIRMED),
        ((others(3), own(4)), LIKELY),
        ((inside(3), own(4)), LIKELY),
        ((others(2), own(4)), None),
        ((own(3), others(4)), None),
        ((own(2), others(4)), None),
        ((others(2), trial(3, "expired"), trial(4, "expired")), None),
        ((others(2), others(6), others(7)), None),
        ((others(2), own(6)), None),
        (MUTE, None),
    ],
)
def test_only_a_router_farther_on_in_another_network_proves_the_place(
    way: tuple[HopTrial, ...], how: ConfidenceWord | None
) -> None:
    """It happens at hop 3 of 6."""
    seen = facts(look(RESET, RESET, way=way))

    assert befalls(seen) == ("tls.reset", 3)
    assert proof(seen) is how


def test_where_the_servers_network_is_not_known_other_routers_prove_nothing() -> None:
    unplaced, elsewhere = system(REAL), in_network(SITE_ASN, system("203.0.113.200"))
    nobodys = in_network(0, system(REAL))

    for placed in (unplaced, elsewhere, nobodys):
        assert proof(facts(look(RESET, RESET, placed=placed))) is None
    for within in ((inside(1), inside(4)), (trial(2, "expired"), inside(4))):
        assert proof(facts(look(RESET, RESET, placed=unplaced, way=within))) is CONFIRMED


def test_a_router_inside_proves_nothing_of_a_server_in_the_vantages_own_network() -> None:
    own_server = in_network(VANTAGE_ASN, system(REAL))

    for within in ((inside(1), inside(3), inside(4)), (others(2), inside(4))):
        assert proof(facts(look(RESET, RESET, placed=own_server, way=within))) is None
    assert proof(facts(look(RESET, RESET, placed=own_server, way=(others(4),)))) is CONFIRMED


def timed(
    theirs: float | None,
    servers: float | None,
    later: float | None = 0.022,
    *,
    said: str = "tls",
    way: tuple[HopTrial, ...],
) -> Measurement:
    """A reset at hop 3 after so many seconds, and the server's answers to another name."""
    hit = tuple(
        trial(n, end, after=theirs if end == "reset" else 0.0001)
        for n, end in enumerate(RESET, start=1)
    )
    first, second = (
        tuple(
            trial(n, end, "alert 112", after=seconds if end == "answered" else 0.0001)
            for n, end in enumerate(PASSES, start=1)
        )
        for seconds in (servers, later)
    )
    return measured(
        PLACED,
        routers(way),
        sweep(CONTROL, BEFORE, PASSES, said=said, trials=first),
        sweep(HOST, TEST, RESET, said=said, trials=hit),
        sweep(CONTROL, AFTER, PASSES, said=said, trials=second),
        sweep(HOST, TEST, RESET, said=said, trials=hit),
        probe="trace",
    )


@pytest.mark.parametrize(
    ("measurement", "how"),
    [
        (timed(0.001, 0.022, way=MUTE), LIKELY),
        (timed(0.001, 0.022, way=(others(2), *MUTE[2:])), LIKELY),
        (timed(0.011, 0.022, way=MUTE), None),
        (timed(0.020, 0.022, way=MUTE), None),
        (timed(0.001, 0.006, way=MUTE), None),
        (timed(0.001, 0.0061, way=MUTE), LIKELY),
        (timed(None, 0.022, way=MUTE), None),
        (timed(0.001, None, None, way=MUTE), None),
        (timed(0.001, 0.022, 0.002, way=MUTE), None),
        (timed(0.001, 0.022, said="http", way=MUTE), None),
        (timed(0.001, 0.022, way=(others(2), own(4))), None),
        (timed(0.001, 0.022, way=(others(2), own(3))), None),
    ],
)
def test_where_no_router_tells_a_handshake_answered_long_before_the_server_can_makes_it_likely(
    measurement: Measurement, how: ConfidenceWord | None
) -> None:
    assert proof(facts(measurement)) is how


def test_what_is_done_is_told_as_a_technique_with_its_hop() -> None:
    assert befalls(facts(look(DROPPED))) == ("tls.timeout", 3)
    assert befalls(facts(look(PASSES))) is None
    assert befalls(facts(look(AT_SERVER))) is None
    assert befalls(facts(look(RESET, RESET, context=(RESIDUAL_POSSIBLE,)))) is None
    assert befalls(facts(measured(probe="trace"))) is None
    assert proof(facts(look(PASSES))) is None
