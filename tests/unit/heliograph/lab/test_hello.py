"""The ClientHello parser of the lab."""

import ssl

import pytest

from heliograph.lab.hello import is_whole, looks_like_tls, server_name, spelled_name

NAME = "site.example"


def client_hello(name: str | None) -> bytes:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    sent = ssl.MemoryBIO()
    with pytest.raises(ssl.SSLWantReadError):
        context.wrap_bio(ssl.MemoryBIO(), sent, server_hostname=name).do_handshake()
    return sent.read()


def test_the_name_is_read_from_a_real_client_hello() -> None:
    hello = client_hello("Some.Example")
    assert (server_name(hello), is_whole(hello), looks_like_tls(hello)) == (
        "some.example",
        True,
        True,
    )
    assert server_name(client_hello(None)) is None
    assert spelled_name(hello) == "Some.Example"
    assert spelled_name(client_hello(None)) is None


def test_a_client_hello_cut_anywhere_is_not_whole_and_never_raises() -> None:
    hello = client_hello(NAME)
    assert not any(is_whole(hello[:size]) for size in range(len(hello)))
    assert server_name(hello[: len(hello) // 8]) is None


def test_a_client_hello_spread_over_several_records_is_put_together() -> None:
    message = client_hello(NAME)[5:]
    pieces = [message[at : at + 20] for at in range(0, len(message), 20)]
    hello = b"".join(b"\x16\x03\x01" + len(piece).to_bytes(2) + piece for piece in pieces)
    assert is_whole(hello)
    assert server_name(hello) == NAME


@pytest.mark.parametrize(
    "garbage",
    [
        b"GET / HTTP/1.1\r\n",
        b"\x16\x03\x01\x00\x04\x02\x00\x00\x00",
        b"\x16\x03\x01\x00\x00" * 14000,
    ],
    ids=["http", "server hello", "empty records"],
)
def test_garbage_is_never_waited_for(garbage: bytes) -> None:
    assert is_whole(garbage)
    assert server_name(garbage) is None


def test_flipping_any_byte_of_a_client_hello_never_raises() -> None:
    hello = client_hello(NAME)
    names = {
        server_name(hello[:at] + bytes([hello[at] ^ 0xFF]) + hello[at + 1 :])
        for at in range(len(hello))
    }
    assert {NAME, None} <= names
