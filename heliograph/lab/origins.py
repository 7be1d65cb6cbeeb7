"""TCP servers that look at the name asked for, in SNI or Host, before they misbehave."""

import contextlib
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Literal, NamedTuple, Self

from heliograph.lab import handshakes, responses
from heliograph.lab.handshakes import TlsStage
from heliograph.lab.hello import is_whole, looks_like_tls, server_name
from heliograph.lab.request import read_request
from heliograph.lab.responses import HttpStage
from heliograph.lab.wire import Stream, Wire, listening


@dataclass(frozen=True, slots=True)
class Site:
    """How one name behaves: what it does with a ClientHello, and what with a request."""

    tls: TlsStage = field(default_factory=lambda: handshakes.alert(40))
    http: HttpStage = field(default_factory=responses.page)


class Visit(NamedTuple):
    """Something that arrived: a connection (no name), a ClientHello (SNI) or a request (Host)."""

    stage: Literal["connection", "hello", "request"]
    name: str | None
    client: tuple[str, int]
    target: str = ""


class Origin:
    """One listening address with many sites; an unknown name gets `default`, else 112 or 421.

    A request goes to the site of its Host, else to that of the SNI.
    `seen` is complete once the context is left.
    """

    def __init__(
        self,
        sites: Mapping[str, Site],
        default: Site | None = None,
        *,
        address: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        self.address = address
        self.port = port
        self.seen: list[Visit] = []
        self._sites = {name.lower(): site for name, site in sites.items()}
        stranger = Site(handshakes.alert(112), responses.page(b"no such site\n", status=421))
        self._default = default or stranger
        self._stack = contextlib.AsyncExitStack()

    async def __aenter__(self) -> Self:
        """Listens; OSError if the address or port is not to be had."""
        family = socket.AF_INET6 if ":" in self.address else socket.AF_INET
        listener = socket.create_server((self.address, self.port), family=family)
        self.port = listener.getsockname()[1]
        await self._stack.enter_async_context(listening(listener, self._serve, self._arrived))
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Ends every connection and stops listening."""
        await self._stack.aclose()  # without the error: it would come back wrapped in a group

    def count(
        self, stage: Literal["connection", "hello", "request"], name: str | None = None
    ) -> int:
        """How often this stage was reached, for one name or for all."""
        return sum(visit.stage == stage and name in (None, visit.name) for visit in self.seen)

    def _arrived(self, client: tuple[str, int]) -> None:
        self.seen.append(Visit("connection", None, client))

    def _site(self, name: str | None) -> Site | None:
        return self._sites.get(name.removesuffix(".")) if name else None

    async def _serve(self, wire: Wire) -> None:
        first = await wire.read()
        if not looks_like_tls(first):
            await self._answer(wire, first, self._default, wire.peer)
            return
        while not is_whole(first):
            if not (more := await wire.read()):
                return
            first += more
        name = server_name(first)
        self.seen.append(Visit("hello", name, wire.peer))
        site = self._site(name) or self._default
        stream = await site.tls(wire, first)
        if stream is not None:
            await self._answer(stream, b"", site, wire.peer)

    async def _answer(
        self, stream: Stream, first: bytes, fallback: Site, client: tuple[str, int]
    ) -> None:
        while stream.open:
            request = await read_request(stream, first)
            if request is None:
                return
            first = b""
            self.seen.append(Visit("request", request.host, client, request.target))
            site = self._site(request.host) or fallback
            await site.http(stream, request._replace(client=client[0]))
            if request.is_last and stream.open:
                await stream.close()
