"""Initials as anybody can write them: read by another hand, and by our own reader."""

import contextlib
import ssl

import pytest
from aioquic.quic.crypto import CryptoPair
from hypothesis import given
from hypothesis import strategies as st

from heliograph.lab.hello import server_name
from heliograph.lab.quic import Initials, close_code
from heliograph.lab.quic_close import closing, opening

OURS = b"12345678"


def message(name: str) -> bytes:
    """A ClientHello without its record."""
    outgoing = ssl.MemoryBIO()
    tls = ssl.create_default_context().wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname=name)
    with contextlib.suppress(ssl.SSLWantReadError):
        tls.do_handshake()
    return outgoing.read()[5:]


FIRST = opening(OURS, message("site.example"))


def test_a_first_packet_is_as_large_as_servers_demand_and_says_the_name() -> None:
    initials = Initials()
    initials.take(FIRST)

    assert len(FIRST) == 1200
    assert server_name(initials.record) == "site.example"


def test_another_hand_opens_both_packets() -> None:
    server, client = CryptoPair(), CryptoPair()
    server.setup_initial(cid=OURS, is_client=False, version=1)
    client.setup_initial(cid=OURS, is_client=True, version=1)
    close = closing(FIRST, 0x128)

    _, said, _ = server.decrypt_packet(FIRST, 28, 0)
    _, ended, _ = client.decrypt_packet(close, 28, 0)

    assert said.startswith(b"\6\0")
    assert ended.startswith(b"\x1c\x80\x00\x01\x28\x06\x00")


@pytest.mark.parametrize("code", [0, 7, 0x128, 0x170])
def test_the_code_of_a_close_is_read_back(code: int) -> None:
    assert close_code(closing(FIRST, code), OURS) == code


def test_what_is_for_another_connection_or_no_close_has_no_code() -> None:
    assert close_code(FIRST, OURS) is None
    assert close_code(closing(FIRST, 7)[:30], OURS) is None


@given(st.binary(max_size=100))
def test_garbage_has_no_code_and_raises_nothing(data: bytes) -> None:
    close_code(data, OURS)
