"""What a server does with a ClientHello: serve it, or break it in one of a censor's ways."""

import ssl
from collections.abc import Awaitable, Callable
from itertools import cycle

from heliograph.lab.wire import Secured, Stream, Wire

TlsStage = Callable[[Wire, bytes], Awaitable[Stream | None]]
"""From the connection and the ClientHello, the secured stream, or None if it ended there."""

BLOCK_PAGE = (
    b"HTTP/1.1 403 Forbidden\r\nContent-Type: text/html\r\nContent-Length: 37\r\n"
    b"Connection: close\r\n\r\n<html><h1>Access denied</h1></html>\r\n"
)


def serve(context: ssl.SSLContext, *, pace: float = 0.0) -> TlsStage:
    """The client sees a normal handshake; with a pace, one byte every so many seconds."""

    async def stage(wire: Wire, hello: bytes) -> Stream:
        stream = Secured(wire, context, hello)
        wire.pace = pace
        await stream.handshake()
        wire.pace = 0.0
        return stream

    return stage


def by_turns(*stages: TlsStage) -> TlsStage:
    """The first client sees the first of these, the next the second, and so on, round and round."""
    turns = cycle(stages)

    async def stage(wire: Wire, hello: bytes) -> Stream | None:
        return await next(turns)(wire, hello)

    return stage


def reset() -> TlsStage:
    """The client sees RST (errno 104) after its ClientHello."""

    async def stage(wire: Wire, hello: bytes) -> None:
        wire.reset()

    return stage


def finish() -> TlsStage:
    """The client sees a clean end of the stream (FIN) after its ClientHello."""
    return say(b"")


def silence() -> TlsStage:
    """The client sees nothing at all after its ClientHello, on a connection that stays open."""
    return say(b"", then_silence=True)


def alert(number: int, *, level: int = 2) -> TlsStage:
    """The client sees a TLS alert with this number (112 is unrecognized_name), then FIN."""
    return say(bytes([21, 3, 3, 0, 2, level, number]))


def plaintext(data: bytes = BLOCK_PAGE) -> TlsStage:
    """The client sees an HTTP block page in the clear where a ServerHello should be, then FIN."""
    return say(data)


def garbage(data: bytes = bytes(range(128, 256))) -> TlsStage:
    """The client sees bytes that belong to no protocol, then FIN."""
    return say(data)


def half_server_hello(*, then_silence: bool = False) -> TlsStage:
    """The client sees the first half of a ServerHello, then FIN or nothing more."""
    hello = b"\x03\x03" + bytes(range(32)) + b"\x00\xc0\x2f\x00\x00\x00"
    message = b"\x02" + len(hello).to_bytes(3) + hello
    record = b"\x16\x03\x03" + len(message).to_bytes(2) + message
    return say(record[: len(record) // 2], then_silence=then_silence)


def say(data: bytes, *, then_silence: bool = False) -> TlsStage:
    """The client sees exactly these bytes in reply to its ClientHello, then FIN or nothing more."""

    async def stage(wire: Wire, hello: bytes) -> None:
        await wire.write(data)
        await (wire.hold() if then_silence else wire.finish())

    return stage
