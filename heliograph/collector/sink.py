"""A sink: answers any request in the clear with its signature, and keeps nothing of it.

What is said to it is chosen to provoke filters on the way, so it must be the same for every name,
path and word: it reads a request, signs what came, and closes.
"""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from heliograph.control import SINK_BODY_BYTES, sink_signature

_HEAD_BYTES = 16_384
_SECONDS = 10.0
_MOST_AT_ONCE = 256


class BadRequest(Exception):
    """What came is no request this can answer."""


@contextmanager
def sinking(socks: Sequence[socket.socket], token: str) -> Iterator[None]:
    """Sinks on these sockets, beside whatever else goes on, until left."""
    loop = asyncio.new_event_loop()
    over = asyncio.Event()
    thread = threading.Thread(target=loop.run_until_complete, args=(_serve(socks, token, over),))
    thread.start()
    try:
        yield
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join()
        loop.close()


async def _serve(socks: Sequence[socket.socket], token: str, over: asyncio.Event) -> None:
    places = asyncio.Semaphore(_MOST_AT_ONCE)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, TimeoutError, BadRequest, asyncio.IncompleteReadError):
            async with places, asyncio.timeout(_SECONDS):
                writer.write(await _answer(reader, token))
                await writer.drain()
        writer.close()

    servers = [
        await asyncio.start_server(answer, sock=sock, limit=_HEAD_BYTES, backlog=_MOST_AT_ONCE)
        for sock in socks
    ]
    await over.wait()
    for server in servers:
        server.close()


async def _answer(reader: asyncio.StreamReader, token: str) -> bytes:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.LimitOverrunError as error:
        raise BadRequest from error
    method, target, headers = _read(head)
    length = headers.get("content-length", "0")
    if not length.isascii() or not length.isdigit() or int(length[:9]) > SINK_BODY_BYTES:
        raise BadRequest
    body = await reader.readexactly(int(length))
    nonce = headers.get("cookie", "").partition("s=")[2].partition(";")[0][:64]
    told = (method, target, headers.get("host", ""), headers.get("referer", ""))
    line = f"{nonce} {sink_signature(token, nonce, told, body)}" if nonce else ""
    page = f"<!doctype html><title>It works</title><p>{line if nonce.isalnum() else ''}".encode()
    return (
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nCache-Control: no-store\r\n"
        b"Connection: close\r\nContent-Length: %d\r\n\r\n%b" % (len(page), page)
    )


def _read(head: bytes) -> tuple[str, str, dict[str, str]]:
    """Method, target and headers, by lower-case name; raises BadRequest."""
    first, *lines = head.decode("latin-1").split("\r\n")
    words = first.split(" ")
    if len(words) != 3:
        raise BadRequest
    pairs = (line.partition(":") for line in lines if line)
    return words[0], words[1], {name.strip().lower(): value.strip() for name, _, value in pairs}
