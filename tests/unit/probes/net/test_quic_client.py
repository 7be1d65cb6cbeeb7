"""The client's side of QUIC: a handshake, closes believed and held back, and signs of life."""

import pytest
from aioquic.quic.connection import QuicConnection
from aioquic.quic.packet import QuicErrorCode

from heliograph.lab.quic_close import closing
from probes.net.quic_client import QuicClient
from probes.net.quic_packets import Close
from tests.unit.probes.net.quic_peer import NAME, SERVER, Peer, converse

_NEGOTIATION = b"\xca\0\0\0\0\x08%s\x08abcdefgh%s"


def begun() -> tuple[QuicClient, bytes]:
    client = QuicClient(NAME, ("h3",), SERVER, 0.0)
    (first,) = client.outgoing(0.0)
    return client, first


def test_a_handshake_is_completed_with_the_chain_that_was_presented() -> None:
    client, peer = QuicClient(NAME, ("h3",), SERVER, 0.0), Peer()

    converse(client, peer)

    assert (client.completed, client.alpn, client.close) == (True, "h3", None)
    assert client.peer_spoke
    assert len(client.chain) == 1


def test_pings_are_signs_of_life() -> None:
    client, peer = QuicClient(NAME, ("h3",), SERVER, 0.0), Peer()
    converse(client, peer)

    client.ping(1)
    client.ping(2)
    converse(client, peer, 1.0)

    assert client.acknowledged <= {1, 2}
    assert client.acknowledged


def test_a_ping_before_the_handshake_is_none() -> None:
    client, _ = begun()

    client.ping(1)

    assert not client.acknowledged


def test_a_close_in_an_initial_ends_it_unless_the_peer_goes_on() -> None:
    client, first = begun()

    client.take(closing(first, 0x128), 0.1)

    assert client.close == Close(0x128, "", "initial")
    assert client.ended
    assert not client.completed
    assert not client.contradicted


def test_a_peer_that_completes_what_somebody_closed_contradicts_them() -> None:
    client, first = begun()
    peer = Peer()

    client.take(closing(first, 0x128), 0.1)
    for answer in peer.take(first, 0.1):
        client.take(answer, 0.2)
    converse(client, peer, 0.3)

    assert client.contradicted
    assert client.close is not None
    assert client.close.code == 0x128


def test_an_encrypted_close_is_the_peer_s() -> None:
    client, peer = QuicClient(NAME, ("h3",), SERVER, 0.0), Peer()
    converse(client, peer)
    assert peer.quic is not None

    peer.quic.close(error_code=QuicErrorCode.INTERNAL_ERROR, reason_phrase="tired")
    for datagram, _ in peer.quic.datagrams_to_send(1.0):
        client.take(datagram, 1.0)

    assert client.close == Close(1, "tired", "peer")
    assert not client.contradicted


def test_a_version_that_is_not_ours_is_noted() -> None:
    client, first = begun()

    client.take(_NEGOTIATION % (first[15:23], b"\x6b\x33\x43\xcf"), 0.1)

    assert client.versions == (0x6B3343CF,)
    assert client.ended


def test_a_negotiation_that_lists_our_version_is_a_forgery_and_passed_over() -> None:
    client, first = begun()

    client.take(_NEGOTIATION % (first[15:23], b"\0\0\0\1"), 0.1)

    assert not client.ended


def test_garbage_is_passed_over() -> None:
    client, _ = begun()

    for datagram in (b"", b"\0", b"\xff" * 50, b"HTTP/1.1 403 Forbidden\r\n\r\n"):
        client.take(datagram, 0.1)

    assert not client.ended
    assert not client.peer_spoke


def test_what_was_not_answered_is_sent_again() -> None:
    client, _ = begun()
    assert client.timer is not None

    client.fire(client.timer)

    assert client.outgoing(client.timer or 1.0)


def test_hanging_up_is_said_once() -> None:
    client, peer = QuicClient(NAME, ("h3",), SERVER, 0.0), Peer()
    converse(client, peer)

    client.hang_up()
    client.hang_up()

    assert len(client.outgoing(1.0)) == 1


def test_what_a_library_can_not_bear_ends_the_connection_and_not_the_look(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client, first = begun()

    def unbearable(*_: object) -> None:
        raise KeyError("odd curve")

    monkeypatch.setattr(QuicConnection, "receive_datagram", unbearable)
    client.take(first, 0.1)

    assert client.close == Close(0, "KeyError: 'odd curve'", "ours")
