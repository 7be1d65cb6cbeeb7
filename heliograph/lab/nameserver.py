"""A DNS server: UDP and TCP on one port, TLS on another, HTTPS as a stage of an origin."""

import asyncio
import base64
import contextlib
import socket
import ssl
import urllib.parse
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from types import TracebackType
from typing import NamedTuple, Self

import dns.exception
import dns.message
import dns.rdatatype

from heliograph.lab.answers import Answer, Packet, Reset, Transport, nxdomain
from heliograph.lab.request import Request
from heliograph.lab.responses import head
from heliograph.lab.wire import Secured, Stream, Wire, listening

Hear = Callable[[bytes, tuple[str, int]], dns.message.Message | None]

_MEDIA_TYPE = "application/dns-message"
_ATTEMPTS = 16


class Asked(NamedTuple):
    """Something that arrived: a question, or without a name a connection or mere bytes."""

    name: str
    type: str
    transport: Transport
    client: tuple[str, int]


class Nameserver:
    """Answers from a zone of names; a name it does not know gets `default`, else NXDOMAIN.

    With a TLS context it speaks DoT on `tls_port`; `over_https` is a stage for `Site(http=...)`.
    `seen` is complete once the context is left.
    """

    def __init__(
        self,
        zone: Mapping[str, Answer],
        *,
        address: str = "127.0.0.1",
        ports: tuple[int, int] = (0, 0),
        tls: ssl.SSLContext | None = None,
        default: Answer | None = None,
    ) -> None:
        """``ports`` for UDP and TCP, and for TLS; 0 for any that is free."""
        self.address = address
        self.port, self.tls_port = ports
        self.seen: list[Asked] = []
        self._zone = {name.lower().removesuffix("."): answer for name, answer in zone.items()}
        self._default = default or nxdomain()
        self._tls = tls
        self._stack = contextlib.AsyncExitStack()

    async def __aenter__(self) -> Self:
        """Binds its ports; OSError if the address is not to be had."""
        async with contextlib.AsyncExitStack() as stack:
            datagrams, listener = _pair(self.address, self.port)
            self.port = listener.getsockname()[1]
            await stack.enter_async_context(_receiving(datagrams, self._hear, self._answers))
            serving = listening(listener, self._plain, self._connected("tcp"))
            await stack.enter_async_context(serving)
            if self._tls is not None:
                secure = socket.create_server((self.address, self.tls_port))
                self.tls_port = secure.getsockname()[1]
                serving = listening(secure, self._secured, self._connected("tls"))
                await stack.enter_async_context(serving)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Ends every connection and stops listening."""
        await self._stack.aclose()  # without the error: it would come back wrapped in a group

    async def over_https(self, stream: Stream, request: Request) -> None:
        """Answers RFC 8484 by POST or GET; 400 to anything else."""
        query = self._asked(_from_http(request), "https", ("", 0))
        if query is None:
            await stream.write(head(400, [("Content-Length", "0")]))
            return
        for sent in self._answers(query, "https"):
            await asyncio.sleep(sent.after)
            if isinstance(sent, Reset):
                stream.reset()
            else:
                length = ("Content-Length", str(len(sent.wire)))
                await stream.write(head(200, [("Content-Type", _MEDIA_TYPE), length]) + sent.wire)
            return
        await stream.hold()

    def names(self) -> list[str]:
        """The names asked for, in order, over whatever transport."""
        return [asked.name for asked in self.seen if asked.name]

    def _connected(self, transport: Transport) -> Callable[[tuple[str, int]], None]:
        return lambda client: self.seen.append(Asked("", "", transport, client))

    def _asked(
        self, data: bytes, transport: Transport, client: tuple[str, int]
    ) -> dns.message.Message | None:
        """The question in these bytes, noted in `seen`; None, noted too, if there is none."""
        try:
            query = dns.message.from_wire(data)
            question = query.question[0]
        except (dns.exception.DNSException, IndexError):
            self.seen.append(Asked("", "", transport, client))
            return None
        name = question.name.to_text(omit_final_dot=True).lower()
        self.seen.append(Asked(name, dns.rdatatype.to_text(question.rdtype), transport, client))
        return query

    def _answers(
        self, query: dns.message.Message, transport: Transport
    ) -> Sequence[Packet | Reset]:
        name = query.question[0].name.to_text(omit_final_dot=True).lower()
        return self._zone.get(name, self._default)(query, transport)

    def _hear(self, data: bytes, client: tuple[str, int]) -> dns.message.Message | None:
        return self._asked(data, "udp", client)

    async def _plain(self, wire: Wire) -> None:
        await self._converse(wire, "tcp", wire.peer)

    async def _secured(self, wire: Wire) -> None:
        assert self._tls is not None
        stream = Secured(wire, self._tls, b"")
        await stream.handshake()
        await self._converse(stream, "tls", wire.peer)

    async def _converse(
        self, stream: Stream, transport: Transport, client: tuple[str, int]
    ) -> None:
        data = b""
        while stream.open:
            while len(data) < 2 or len(data) < 2 + int.from_bytes(data[:2]):
                if not (more := await stream.read()):
                    return
                data += more
            size = 2 + int.from_bytes(data[:2])
            query = self._asked(data[2:size], transport, client)
            data = data[size:]
            if query is not None:
                await _reply(stream, self._answers(query, transport))


async def _reply(stream: Stream, answers: Sequence[Packet | Reset]) -> None:
    for sent in answers:
        await asyncio.sleep(sent.after)
        if isinstance(sent, Reset):
            stream.reset()
            return
        claimed = len(sent.wire) if sent.claims is None else sent.claims
        await stream.write(claimed.to_bytes(2) + sent.wire)


def _from_http(request: Request) -> bytes:
    """The message inside a DoH request, empty if there is none."""
    if request.method == "POST" and request.headers.get("content-type") == _MEDIA_TYPE:
        return request.body
    values = urllib.parse.parse_qs(urllib.parse.urlsplit(request.target).query).get("dns", [""])
    try:
        return base64.urlsafe_b64decode(values[0] + "=" * (-len(values[0]) % 4))
    except ValueError:
        return b""


def _pair(address: str, port: int) -> tuple[socket.socket, socket.socket]:
    """A UDP and a TCP socket on the same port; on one that is free if it is 0."""
    for _ in range(_ATTEMPTS):
        listener = socket.create_server((address, port))
        datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            datagrams.bind(listener.getsockname())
        except OSError:  # somebody has that port for UDP: another one
            listener.close()
            datagrams.close()
        else:
            return datagrams, listener
    raise OSError(f"no port of {address} is free for both UDP and TCP")


@contextlib.asynccontextmanager
async def _receiving(datagrams: socket.socket, hear: Hear, answer: Answer) -> AsyncIterator[None]:
    """Answers datagrams until left; what waits then is heard and not answered."""
    datagrams.setblocking(False)
    with datagrams:
        async with asyncio.TaskGroup() as group:
            keeper = group.create_task(_reading(datagrams, hear, answer))
            yield
            keeper.cancel()
        with contextlib.suppress(BlockingIOError):
            while True:
                hear(*datagrams.recvfrom(65535))


async def _reading(datagrams: socket.socket, hear: Hear, answer: Answer) -> None:
    loop = asyncio.get_running_loop()

    def ready() -> None:
        with contextlib.suppress(BlockingIOError):
            data, client = datagrams.recvfrom(65535)
            if (query := hear(data, client)) is not None:
                replies.create_task(reply(query, client))

    async def reply(query: dns.message.Message, client: tuple[str, int]) -> None:
        for sent in answer(query, "udp"):
            await asyncio.sleep(sent.after)
            if isinstance(sent, Packet):
                await loop.sock_sendto(datagrams, sent.wire, client)

    async with asyncio.TaskGroup() as replies:
        loop.add_reader(datagrams, ready)
        try:
            await loop.create_future()
        finally:
            loop.remove_reader(datagrams)
