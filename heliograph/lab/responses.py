"""What a server does with an HTTP request: answer it, or break off where a censor would."""

import asyncio
import http
import zlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Literal

from heliograph.lab.request import Request
from heliograph.lab.wire import Stream

HttpStage = Callable[[Stream, Request], Awaitable[None]]
"""Answers a request; the connection goes on if the stage leaves it open."""

Headers = Sequence[tuple[str, str]]
End = Literal["finish", "close", "reset", "silence"]


def head(status: int, headers: Headers = ()) -> bytes:
    """The bytes of a status line and headers, with the empty line after them."""
    known = {word.value: word.phrase for word in http.HTTPStatus}
    lines = [f"HTTP/1.1 {status} {known.get(status, 'Unknown')}"]
    lines += [f"{name}: {value}" for name, value in headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def page(body: bytes = b"", *, status: int = 200, headers: Headers = ()) -> HttpStage:
    """The client sees this complete page, without its body when it asked by HEAD."""

    async def stage(stream: Stream, request: Request) -> None:
        sent = b"" if request.method == "HEAD" else body
        await stream.write(_sized_head(len(body), status, headers) + sent)

    return stage


def redirect(location: str, *, status: int = 302) -> HttpStage:
    """The client sees a redirect to this location, sent as it is, valid or not."""
    return page(status=status, headers=[("Location", location)])


def by_path(stages: Mapping[str, HttpStage], otherwise: HttpStage | None = None) -> HttpStage:
    """The client sees what is staged for the path it asks for, else `otherwise`, else a 404."""
    missing = otherwise or page(b"no such page\n", status=404)

    async def stage(stream: Stream, request: Request) -> None:
        await stages.get(request.path, missing)(stream, request)

    return stage


def reset() -> HttpStage:
    """The client sees RST after its request."""
    return raw(b"", end="reset")


def finish() -> HttpStage:
    """The client sees a bare FIN after its request, within TLS without close_notify."""
    return raw(b"")


def silence() -> HttpStage:
    """The client sees nothing after its request, on a connection that stays open."""
    return raw(b"", end="silence")


def status_line_only(status: int = 200) -> HttpStage:
    """The client sees a status line without the end of the headers, then FIN."""
    return raw(f"HTTP/1.1 {status} OK\r\n".encode("ascii"))


def not_http(data: bytes = b"SSH-2.0-OpenSSH_9.9\r\n") -> HttpStage:
    """The client sees an answer that is no HTTP, then FIN."""
    return raw(data)


def reset_body(body: bytes, *, after: int) -> HttpStage:
    """The client sees the headers and `after` bytes of the body, then RST."""
    return raw(_sized_head(len(body)) + body[:after], end="reset")


def truncated_body(body: bytes, *, after: int) -> HttpStage:
    """The client sees a Content-Length for the whole body, `after` bytes of it, then FIN."""
    return raw(_sized_head(len(body)) + body[:after])


def frozen_body(body: bytes, *, after: int) -> HttpStage:
    """The client sees a Content-Length for all of the body, `after` bytes, then nothing more."""
    return raw(_sized_head(len(body)) + body[:after], end="silence")


def without_length(body: bytes) -> HttpStage:
    """The client sees an HTTP/1.0 answer that ends when the connection does."""
    return raw(b"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n" + body, end="close")


def dripped_body(body: bytes, *, pace: float = 1.0) -> HttpStage:
    """The client sees the headers at once and the body one byte every `pace` seconds."""

    async def stage(stream: Stream, request: Request) -> None:
        await stream.write(_sized_head(len(body)))
        for at in range(len(body)):
            await asyncio.sleep(pace)
            await stream.write(body[at : at + 1])

    return stage


def paced_body(body: bytes, *, rate: int) -> HttpStage:
    """The client sees the headers at once and so many bytes of the body a second."""

    async def stage(stream: Stream, request: Request) -> None:
        await stream.write(_sized_head(len(body)))
        for at in range(0, len(body), rate // 10):
            await asyncio.sleep(0.1)
            await stream.write(body[at : at + rate // 10])

    return stage


def in_pieces(body: bytes, *, size: int = 4096) -> HttpStage:
    """The client sees the headers, then the body in writes (within TLS, records) of this size."""

    async def stage(stream: Stream, request: Request) -> None:
        await stream.write(_sized_head(len(body)))
        for at in range(0, len(body), size):
            await stream.write(body[at : at + size])

    return stage


def long_body(length: int, chunk: bytes = b"x" * 65536) -> HttpStage:
    """The client sees a body of so many bytes, none of which is kept here."""

    async def stage(stream: Stream, request: Request) -> None:
        await stream.write(_sized_head(length))
        for at in range(0, length, len(chunk)):
            await stream.write(chunk[: length - at])

    return stage


def encoded(encoding: str, data: bytes) -> HttpStage:
    """The client sees these bytes labelled with this Content-Encoding, rightly or not."""
    return page(data, headers=[("Content-Encoding", encoding)])


def deflated(body: bytes, *, bare: bool = False) -> HttpStage:
    """The client sees a deflate body in its zlib frame, or bare as some servers send it."""
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS if bare else zlib.MAX_WBITS)
    return encoded("deflate", packer.compress(body) + packer.flush())


def raw(data: bytes, *, end: End = "finish") -> HttpStage:
    """The client sees just these bytes, then bare FIN, honest close, RST, or nothing more."""

    async def stage(stream: Stream, request: Request) -> None:
        await stream.write(data)
        if end == "reset":
            stream.reset()
        elif end == "silence":
            await stream.hold()
        else:
            await (stream.close() if end == "close" else stream.finish())

    return stage


def _sized_head(length: int, status: int = 200, headers: Headers = ()) -> bytes:
    given = {name.lower() for name, _ in headers}
    usual = [("Content-Type", "text/html; charset=utf-8"), ("Content-Length", str(length))]
    return head(status, [*(pair for pair in usual if pair[0].lower() not in given), *headers])
