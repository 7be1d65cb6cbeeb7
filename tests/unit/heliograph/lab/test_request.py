"""How the lab's servers read a request."""

import pytest

from heliograph.lab.request import Request, read_request


class Pieces:
    """A client that sends these pieces, then ends; nobody answers it."""

    open = True

    def __init__(self, pieces: tuple[bytes, ...]) -> None:
        self._pieces = list(pieces)

    async def read(self) -> bytes:
        return self._pieces.pop(0) if self._pieces else b""

    async def write(self, data: bytes) -> None:
        raise AssertionError(data)

    async def close(self) -> None:
        raise AssertionError

    async def finish(self) -> None:
        raise AssertionError

    async def hold(self) -> None:
        raise AssertionError

    def reset(self) -> None:
        raise AssertionError


async def reading(*pieces: bytes, first: bytes = b"") -> Request | None:
    return await read_request(Pieces(pieces), first)


async def test_a_request_in_pieces_is_read_whole_and_no_further() -> None:
    pieces = (
        b"ST /p?q HTTP/1.1\r\nHOST: A.example:81\r\nContent-",
        b"Length: 4\r\n\r\nab",
        b"cdef",
    )
    request = await reading(*pieces, first=b"PO")
    assert request is not None
    assert (request.method, request.path, request.host) == ("POST", "/p", "a.example")
    assert (request.body, request.is_last) == (b"abcd", False)


@pytest.mark.parametrize(
    ("line", "host", "is_last"),
    [
        (b"GET / HTTP/1.0\r\n\r\n", None, True),
        (b"GET / HTTP/1.1\r\nHost: B.example\r\nConnection: Close\r\n\r\n", "b.example", True),
        (b"GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", None, False),
    ],
)
async def test_host_and_end_follow_the_headers(
    line: bytes, host: str | None, is_last: bool
) -> None:
    request = await reading(line)
    assert request is not None
    assert (request.host, request.is_last, request.body) == (host, is_last, b"")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"GET / HTTP/1.1\r\nHost: cut",
        b"hello\r\n\r\n",
        b"GET / GOPHER/1\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nabc",
        b"x" * 70_000 + b"\r\n",
    ],
)
async def test_what_is_cut_or_no_http_is_no_request(data: bytes) -> None:
    assert await reading(data) is None
