"""One HTTP exchange by httpx over a stream already connected, read raw and with caps.

httpx and httpcore speak HTTP; the socket, the TLS session and every limit stay ours.
"""

import asyncio
import hashlib
import ssl
from collections.abc import AsyncIterable, AsyncIterator, Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import httpcore
import httpx
import msgspec

from heliograph.detail import HttpDetail, Sought
from heliograph.plugin import Reply, Request
from heliograph.sought import CUT, seek
from heliograph.text import beginning, decode, title_of
from heliograph.trace import OpenStep
from probes.net.headers import for_record, written
from probes.net.inflate import Inflater
from probes.net.stream import Stream

_HEADER_BYTES = 262_144
_SLOW_SECONDS = 1.0
"""How a response that took less came is not kept."""
_MOST_PACES = 12
_GREETING = b"HTTP/"

BROWSER_HEADERS = (
    (
        "User-Agent",
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
        "Chrome/140.0.0.0 Safari/537.36",
    ),
    ("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"),
    ("Accept-Language", "en-US,en;q=0.9"),
    ("Accept-Encoding", "gzip, deflate"),
)
"""What a common browser sends: a name of our own would single volunteers out."""


class HeaderOverflow(Exception):
    """The response's headers did not end within the limit."""


class UnexpectedStatus(Exception):
    """The status is not the one this protocol needs."""


class Stalled(TimeoutError):
    """Not one byte came for as long as we wait."""


@dataclass(frozen=True, slots=True)
class Caps:
    """Seconds without a byte, seconds in all, and bytes of content after which we stop."""

    stall: float = 10.0
    whole: float = 20.0
    body: int = 262_144
    private: bool = False
    """Of headers and content, either way, nothing goes on record."""


class _Wire(httpcore.AsyncNetworkStream):
    """Our stream as httpcore sees it; time limits are ours, not the ones it passes."""

    def __init__(self, stream: Stream, stall: float, spend: Callable[[int], None]) -> None:
        self._stream = stream
        self._stall = stall
        self._spend = spend
        self._began = stream.received
        self._unsent: OSError | None = None
        self._first = b""
        self.in_headers = True

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        before = self._stream.received
        try:
            async with asyncio.timeout(self._stall):
                data = await self._stream.read(max_bytes)
        except TimeoutError as error:
            if error.errno is not None:
                raise
            raise Stalled from error
        if not data and self._unsent is not None:
            raise self._unsent  # the write consumed the reset: this end of stream is no clean close
        self._spend(self._stream.received - before)
        if self.in_headers and self._stream.received - self._began > _HEADER_BYTES:
            raise HeaderOverflow(f"more than {_HEADER_BYTES} bytes of headers")
        self._check_greeting(data)
        return data

    def _check_greeting(self, data: bytes) -> None:
        """Another protocol's greeting is told from a close or a silence before the headers end."""
        if len(self._first) < len(_GREETING):
            self._first += data[: len(_GREETING) - len(self._first)]
            if not _GREETING.startswith(self._first):
                raise httpcore.RemoteProtocolError("what came back is not HTTP")

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        try:
            async with asyncio.timeout(self._stall):
                await self._stream.write(buffer)
        except OSError as error:
            self._unsent = error
            raise httpcore.WriteError(str(error)) from error  # lets it read an early answer

    async def aclose(self) -> None:
        """The stream is its connection's to close: another exchange may follow on it."""

    async def start_tls(self, *_: object, **__: object) -> httpcore.AsyncNetworkStream:
        return self  # the handshake was made, and recorded, before

    def get_extra_info(self, info: str) -> Any:
        return self._stream.tls if info == "ssl_object" else None


class _Backend(httpcore.AsyncNetworkBackend):
    """Hands out the one stream there is instead of connecting."""

    def __init__(self, wire: _Wire) -> None:
        self._wire = wire

    async def connect_tcp(self, *_: object, **__: object) -> httpcore.AsyncNetworkStream:
        return self._wire


@cache
def _unused() -> ssl.SSLContext:
    """A context for httpcore, which else loads all roots for a handshake it never makes."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


class _Transport(httpx.AsyncBaseTransport):
    """httpx over that backend: public interfaces of httpx and httpcore only."""

    def __init__(self, wire: _Wire) -> None:
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=_unused(), max_connections=1, network_backend=_Backend(wire)
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        response = await self._pool.handle_async_request(
            httpcore.Request(
                method=request.method,
                url=httpcore.URL(
                    scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
                ),
                headers=request.headers.raw,
                content=request.stream,
            )
        )
        assert isinstance(response.stream, AsyncIterable)
        return httpx.Response(
            status_code=response.status,
            headers=response.headers,
            stream=_Body(response.stream),
            extensions=response.extensions,
        )

    async def aclose(self) -> None:
        await self._pool.aclose()


class _Body(httpx.AsyncByteStream):
    def __init__(self, chunks: AsyncIterable[bytes]) -> None:
        self._chunks = chunks

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._chunks:
            yield chunk


class Exchange:
    """One request and its response; ``step`` collects the evidence as it arrives."""

    def __init__(self, stream: Stream, step: OpenStep, caps: Caps) -> None:
        self._stream = stream
        self._step = step
        self._caps = caps
        self._inflater = Inflater(None, caps.body)
        self._reply = Reply(failure=None)
        self._began = 0.0
        self._pace: list[tuple[float, int]] = []

    @property
    def reply(self) -> Reply:
        """What has arrived so far."""
        return msgspec.structs.replace(
            self._reply,
            failure=self._step.failure,
            body=self._inflater.content,
            takes_more=self.whole,
        )

    @property
    def whole(self) -> bool:
        """The response ended where it said it would, and the server keeps the connection."""
        detail = self._step.detail
        closes = (self._reply.header("connection") or "").lower() == "close"
        return (
            isinstance(detail, HttpDetail)
            and self._step.failure is None
            and detail.stage == "done"
            and detail.version == "HTTP/1.1"
            and not closes
        )

    async def run(self, request: Request, spend: Callable[[int], None]) -> None:
        """Send, and read until the end or a cap. Raises what the network does."""
        headers = _with_defaults(request.headers)
        self._step.detail = HttpDetail(
            url=request.url,
            method=request.method,
            request_headers=() if self._caps.private else for_record(headers),
            request_body="" if request.words is None else beginning(request.body),
            words=request.words or (),
        )
        wire = _Wire(self._stream, self._caps.stall, spend)
        outgoing = httpx.Request(
            request.method, request.url, headers=headers, content=request.body or None
        )
        sent_before = self._stream.sent
        self._began = asyncio.get_running_loop().time()
        transport = _Transport(wire)
        async with httpx.AsyncClient(transport=transport, trust_env=False) as client:
            try:
                async with asyncio.timeout(self._caps.whole):
                    response = await client.send(outgoing, stream=True, follow_redirects=False)
            finally:
                self._note(stage="headers" if self._stream.sent > sent_before else "request")
            wire.in_headers = False
            self._take_head(response)
            try:
                await self._take_body(response)
            finally:
                if not self._caps.private:
                    self._take_features(request.sought)
                await response.aclose()

    async def _take_body(self, response: httpx.Response) -> None:
        raw = 0
        try:
            async with asyncio.timeout(self._caps.whole):
                async for chunk in response.aiter_raw():
                    raw += len(chunk)
                    self._take_pace(raw)
                    self._inflater.feed(chunk)
                    if self._inflater.full or raw >= self._caps.body:
                        self._cut()
                        return
        except Stalled:
            raise
        except TimeoutError:
            self._cut()  # bytes were still flowing: slow is not broken
            return
        finally:
            self._end_of_body(raw)
        self._note(stage="done")

    def _take_pace(self, raw: int) -> None:
        """Note when so many bytes were there, a few times as they come."""
        before = self._pace[-1][1] if self._pace else 0
        if not before or raw - before >= self._caps.body // _MOST_PACES:
            self._pace.append((round(self._elapsed(), 3), raw))

    def _elapsed(self) -> float:
        return asyncio.get_running_loop().time() - self._began

    def _end_of_body(self, raw: int) -> None:
        seconds = self._elapsed()
        self._reply = msgspec.structs.replace(self._reply, raw_bytes=raw, seconds=seconds)
        slow = seconds >= _SLOW_SECONDS and not self._caps.private
        lost = self._stream.out_of_order if slow else 0
        pace = tuple(self._pace[: _MOST_PACES + 1]) if slow else ()
        self._note(raw_bytes=raw, pace=pace, out_of_order=lost)

    def _cut(self) -> None:
        self._note(truncated=True)
        self._reply = msgspec.structs.replace(self._reply, truncated=True)

    def _take_head(self, response: httpx.Response) -> None:
        headers = written(response.headers.raw)
        self._reply = Reply(failure=None, status=response.status_code, headers=headers)
        coding = self._reply.header("content-encoding")
        self._inflater = Inflater(coding, self._caps.body)
        length = self._reply.header("content-length") or ""
        version = response.extensions.get("http_version", b"")
        self._note(
            stage="body",
            status=response.status_code,
            headers=() if self._caps.private else for_record(headers),
            version=version.decode("ascii", "replace") if isinstance(version, bytes) else None,
            location=None if self._caps.private else self._reply.header("location"),
            expected_bytes=int(length) if length.isascii() and length.isdigit() else None,
            encoding=coding,
        )

    def _take_features(self, sought: tuple[Sought, ...]) -> None:
        body = self._inflater.content
        kind = self._reply.header("content-type") or ""
        charset = kind.partition("charset=")[2].split(";")[0].strip(" \"'") or None
        text = decode(body, charset)
        self._note(
            body_bytes=len(body),
            body_sha256=hashlib.sha256(body).hexdigest(),
            body_text=beginning(body, charset),
            title=title_of(text),
            encoding_problem=self._inflater.problem,
        )
        if sought:
            self._search(body, kind, sought)

    def _search(self, body: bytes, kind: str, sought: tuple[Sought, ...]) -> None:
        detail = self._step.detail
        ended = isinstance(detail, HttpDetail) and detail.stage == "done"
        found = seek(body, kind, sought, self._inflater.problem or (None if ended else CUT))
        self._reply = msgspec.structs.replace(self._reply, sought=found)
        self._note(sought=found)

    def _note(self, **changes: object) -> None:
        assert self._step.detail is not None
        self._step.detail = msgspec.structs.replace(self._step.detail, **changes)


def _with_defaults(chosen: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    names = {name.lower() for name, _ in chosen}
    return tuple(h for h in BROWSER_HEADERS if h[0].lower() not in names) + chosen
