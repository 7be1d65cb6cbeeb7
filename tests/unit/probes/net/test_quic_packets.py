"""What anybody can read of QUIC: version negotiation, the close in an Initial, no garbage."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heliograph.lab.quic_close import closing
from probes.net.quic_client import QuicClient
from probes.net.quic_packets import Close, InitialReader, negotiation, offer, written
from tests.unit.probes.net.quic_peer import NAME, SERVER, Peer

OURS, THEIRS = b"12345678", b"abcdefgh"


def first_packet() -> tuple[bytes, bytes]:
    """A client's first datagram, and what it calls the connection."""
    (datagram,) = QuicClient(NAME, ("h3",), SERVER, 0.0).outgoing(0.0)
    return datagram, datagram[6:14]


FIRST = first_packet()


def test_an_offer_is_as_large_as_servers_demand_and_of_a_version_nobody_has() -> None:
    packet = offer(THEIRS, OURS)

    assert len(packet) == 1200
    assert packet[:5] == b"\xc0\x1a\x2a\x3a\x4a"
    assert packet[5:23] == b"\x08" + THEIRS + b"\x08" + OURS


def test_a_negotiation_says_to_whom_it_is_and_what_is_spoken() -> None:
    packet = b"\xca\0\0\0\0\x08" + OURS + b"\x08" + THEIRS + b"\0\0\0\1\x6b\x33\x43\xcf"

    assert negotiation(packet) == (OURS, (1, 0x6B3343CF))


def test_other_packets_are_no_negotiation() -> None:
    assert negotiation(first_packet()[0]) is None
    assert negotiation(b"") is None


def test_a_close_in_an_initial_is_found_whoever_wrote_it() -> None:
    datagram, connection = first_packet()
    reader = InitialReader(connection)

    assert reader.close_in(closing(datagram, 0x128)) == Close(0x128, "", "initial")
    assert reader.opened


def test_a_server_s_usual_answer_holds_no_close() -> None:
    datagram, connection = first_packet()
    answers = Peer().take(datagram, 0.0)
    reader = InitialReader(connection)

    assert answers
    assert [reader.close_in(answer) for answer in answers] == [None] * len(answers)
    assert reader.opened


def test_what_was_not_written_by_a_reader_of_ours_is_not_opened() -> None:
    datagram, _ = first_packet()
    reader = InitialReader(b"another!")

    assert reader.close_in(closing(datagram, 0x128)) is None
    assert not reader.opened


@given(data=st.binary(max_size=200), cut=st.integers(min_value=0, max_value=67))
def test_garbage_and_packets_that_end_early_are_passed_over(data: bytes, cut: int) -> None:
    reader = InitialReader(FIRST[1])

    negotiation(data)
    assert reader.close_in(data) is None
    assert reader.close_in(closing(FIRST[0], 7)[:cut]) is None


@pytest.mark.parametrize("reason", [b"\xff\x00bad", "\x1b[31mred", b"x" * 5000])
def test_a_stranger_s_reason_is_short_and_safe(reason: bytes | str) -> None:
    told = written(reason)

    assert len(told) <= 120
    assert "\0" not in told
