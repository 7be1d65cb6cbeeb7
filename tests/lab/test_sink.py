"""A sink answers anything alike, signs what came, and keeps nothing."""

import contextlib
import socket
from collections.abc import Iterator

import pytest

from heliograph.collector.sink import sinking
from heliograph.control import SINK_BODY_BYTES, sink_signature

TOKEN = "a word"
NONCE = "00ff00ff00ff00ff"


@pytest.fixture(scope="module")
def place() -> Iterator[tuple[str, int]]:
    with socket.create_server(("127.0.0.1", 0)) as sock, sinking([sock], TOKEN):
        yield sock.getsockname()


def said(place: tuple[str, int], data: bytes) -> bytes:
    with socket.create_connection(place, 5) as wire:
        wire.sendall(data)
        answer = b""
        while more := wire.recv(65536):
            answer += more
        return answer


def request(host: str = "any.example", target: str = "/", *, body: bytes = b"") -> bytes:
    method = b"POST" if body else b"GET"
    head = f" {target} HTTP/1.1\r\nHost: {host}\r\nCookie: s={NONCE}\r\nReferer: http://r/\r\n"
    return method + head.encode() + b"Content-Length: %d\r\n\r\n" % len(body) + body


@pytest.mark.parametrize("host", ["any.example", "other.example"])
@pytest.mark.parametrize("target", ["/", "/a/b?c=%E4%B8"])
def test_any_host_path_and_query_is_answered_with_its_signature(
    place: tuple[str, int], host: str, target: str
) -> None:
    told = said(place, request(host, target))
    signature = sink_signature(TOKEN, NONCE, ("GET", target, host, "http://r/"), b"")

    assert told.startswith(b"HTTP/1.1 200 OK\r\n")
    assert f"{NONCE} {signature}".encode() in told


def test_a_body_is_signed_too(place: tuple[str, int]) -> None:
    told = said(place, request(body=b"q=word"))

    assert (
        sink_signature(TOKEN, NONCE, ("POST", "/", "any.example", "http://r/"), b"q=word").encode()
        in told
    )
    assert (
        sink_signature(TOKEN, NONCE, ("POST", "/", "any.example", "http://r/"), b"").encode()
        not in told
    )


def test_no_two_requests_tokens_or_nonces_have_one_signature() -> None:
    base = (TOKEN, NONCE, ("GET", "/", "a.example", ""), b"")
    others = [
        ("another", *base[1:]),
        (TOKEN, "01", *base[2:]),
        (TOKEN, NONCE, ("POST", "/", "a.example", ""), b""),
        (TOKEN, NONCE, ("GET", "/b", "a.example", ""), b""),
        (TOKEN, NONCE, ("GET", "/", "b.example", ""), b""),
        (TOKEN, NONCE, ("GET", "/", "a.example", "r"), b""),
        (TOKEN, NONCE, ("GET", "/", "a.example", ""), b"x"),
    ]

    assert len({sink_signature(*each) for each in (base, *others)}) == 8


@pytest.mark.parametrize(
    "data",
    [
        b"nonsense\r\n\r\n",
        b"GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % (SINK_BODY_BYTES + 1),
        b"GET / HTTP/1.1\r\nX: " + b"y" * 20_000 + b"\r\n\r\n",
    ],
)
def test_what_is_no_request_is_closed_and_the_next_is_answered(
    place: tuple[str, int], data: bytes
) -> None:
    with contextlib.suppress(ConnectionError):
        assert said(place, data) == b""
    assert said(place, request()).startswith(b"HTTP/1.1 200")


def test_markup_in_a_nonce_is_not_repeated(place: tuple[str, int]) -> None:
    told = said(place, b"GET / HTTP/1.1\r\nHost: a\r\nCookie: s=<script>\r\n\r\n")

    assert b"script" not in told
