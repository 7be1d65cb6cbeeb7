"""The floods of the lab go on for ever, wait for slow clients, and are valid where they end."""

import asyncio
import gzip
import socket

import pytest

from heliograph.lab import floods
from heliograph.lab.origins import Origin, Site
from heliograph.lab.request import Request
from heliograph.lab.responses import HttpStage
from heliograph.lab.wire import Stream

NAME = "site.example"
REQUEST = f"GET / HTTP/1.1\r\nHost: {NAME}\r\nConnection: close\r\n\r\n".encode()


async def staged(stage: HttpStage, *, limit: int = 1 << 20) -> tuple[bytes, str]:
    """The first bytes of an answer, and whether there was more when the client had enough."""
    loop = asyncio.get_running_loop()
    data = b""
    async with Origin({NAME: Site(http=stage)}) as origin:
        with socket.socket() as client:
            client.setblocking(False)
            await loop.sock_connect(client, (origin.address, origin.port))
            await loop.sock_sendall(client, REQUEST)
            while len(data) < limit:
                if not (more := await loop.sock_recv(client, 65536)):
                    return data, "fin"
                data += more
    return data, "more"


def body(answer: bytes) -> bytes:
    return answer.partition(b"\r\n\r\n")[2]


def dechunked(data: bytes) -> bytes:
    whole = b""
    while data:
        size, _, rest = data.partition(b"\r\n")
        whole, data = whole + rest[: int(size, 16)], rest[int(size, 16) + 2 :]
    return whole


@pytest.mark.parametrize(
    ("stage", "mark"),
    [
        (floods.endless_body(), b"xxxx"),
        (floods.endless_informational(), b"HTTP/1.1 103 Early Hints\r\n"),
        (floods.many_headers(100_000, size=1000), b"X-Flood-2: xxx"),
        (floods.long_header(100_000_000), b"X-Flood: xxx"),
        (floods.gzip_bomb(10_240), b"Content-Encoding: gzip\r\n"),
    ],
    ids=["body", "1xx", "100 MB of headers", "100 MB header", "10 GiB bomb"],
)
async def test_a_flood_goes_on_and_stops_with_its_client(stage: HttpStage, mark: bytes) -> None:
    async with asyncio.timeout(3):
        answer, end = await staged(stage, limit=1 << 20)
    assert (mark in answer, end) == (True, "more")


async def test_a_flood_waits_for_a_client_that_does_not_read() -> None:
    written = 0

    async def counted(stream: Stream, request: Request) -> None:
        nonlocal written
        while True:
            await stream.write(bytes(65536))
            written += 65536

    async with Origin({NAME: Site(http=counted)}) as origin:
        with socket.create_connection((origin.address, origin.port)) as client:
            client.sendall(REQUEST)
            await asyncio.sleep(0.3)
            before = written
            await asyncio.sleep(0.1)
            assert 0 < before == written < 50_000_000


async def test_finite_floods_are_valid_to_the_last_byte() -> None:
    answer, _ = await staged(floods.many_headers(100_000), limit=1 << 23)
    assert answer.count(b"\r\nX-Flood-") == 100_000
    answer, _ = await staged(floods.long_header(200_000))
    assert answer.count(b"x") == 200_000


@pytest.mark.parametrize("layers", [1, 2])
async def test_a_gzip_bomb_is_valid_gzip_in_every_layer(layers: int) -> None:
    answer, _ = await staged(floods.gzip_bomb(3, layers=layers))
    assert b"Content-Encoding: " + b", ".join([b"gzip"] * layers) + b"\r\n" in answer
    data = dechunked(body(answer))
    for _ in range(layers):
        data = gzip.decompress(data)
    assert data == bytes(3 << 20)
