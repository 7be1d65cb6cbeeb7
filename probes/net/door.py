"""The real Net: guard, budget, politeness and trace around every packet that leaves."""

import asyncio
import base64
import ssl
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from ipaddress import ip_address
from types import TracebackType

import msgspec

from heliograph.config import NetworkConfig, Resolver
from heliograph.detail import DatagramDetail, Sought, TcpDetail, TlsDetail
from heliograph.failure import Failure
from heliograph.model import ADDRESS_UNKNOWN, StepKind
from heliograph.plugin import (
    TEST,
    Connection,
    Cost,
    Datagrams,
    Handshake,
    Label,
    Lookup,
    QuicHandshake,
    RemoteLook,
    Reply,
    Request,
    SinkMessage,
    Sweep,
    SweepPlan,
)
from heliograph.text import decode
from heliograph.trace import OpenStep, Trace
from heliograph.valid import is_address
from probes.net.carrier import Carrier
from probes.net.connection import OpenConnection
from probes.net.datagrams import DatagramSocket
from probes.net.exchange import Caps, Exchange
from probes.net.outside import is_unknown
from probes.net.spending import AddressRefused, Budget
from probes.net.stream import Stream
from probes.net.surroundings import Surroundings
from probes.net.trust import presented_chain, summarise
from probes.net.watch import Watch


class Door:
    """Net for one look; an async context manager that closes whatever it opened."""

    def __init__(self, around: Surroundings, trace: Trace, budget: Budget | None = None) -> None:
        self._around = around
        self._trace = trace
        self._budget = budget or Budget()
        self._watch = Watch(around.ledger, trace)
        self._open = AsyncExitStack()
        self._carriers: dict[Resolver, Carrier] = {}
        self._own: set[str] = set()

    @property
    def settings(self) -> NetworkConfig:
        """See heliograph.plugin.Net."""
        return self._around.config.network

    @property
    def resolver(self) -> Resolver:
        """See heliograph.plugin.Net."""
        return self._around.resolver

    async def __aenter__(self) -> "Door":
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        guard, known = self._around.guard, self._around.scrubber.addresses
        if not guard.rehearsal and is_unknown(self._own, known, guard.bogon):
            self._trace.flag(ADDRESS_UNKNOWN)
        try:
            if error is None:
                await self._watch.hear_out()
        finally:
            self._watch.settle(over=True)
            await self._open.aclose()

    async def resolve(
        self,
        name: str,
        query_type: str = "A",
        *,
        resolver: Resolver | None = None,
        label: Label = TEST,
        heard: Callable[[Lookup], None] | None = None,
        explained: bool = False,
    ) -> Lookup:
        """See heliograph.plugin.Net."""
        from probes.net.resolving import Resolving

        asked = resolver or self._around.resolver
        resolving = Resolving(self, asked, label, heard, explained=explained)
        return await resolving.ask(name, query_type)

    def next_sink(self) -> tuple[str, int] | None:
        """See heliograph.plugin.Net."""
        return self._around.sinks.take()

    async def sink(
        self, place: tuple[str, int], message: SinkMessage, *, label: Label = TEST
    ) -> Reply:
        """See heliograph.plugin.Net."""
        from probes.net.sinking import send

        return await send(self, place, message, label)

    def keep_to(self, cost: Cost) -> None:
        """See heliograph.plugin.Net."""
        self._budget = Budget(
            connections=cost.connections, queries=cost.queries, received_bytes=cost.bytes
        )

    async def pause(self, seconds: float) -> None:
        """See heliograph.plugin.Net."""
        await asyncio.sleep(seconds)

    async def connect(
        self, address: str, port: int, *, host: str | None = None, label: Label = TEST
    ) -> Connection:
        """See heliograph.plugin.Net."""
        return await self.open(address, port, host=host, label=label)

    async def open(
        self,
        address: str,
        port: int,
        *,
        host: str | None,
        label: Label,
        resolver: Resolver | None = None,
        chosen: bool = False,
    ) -> OpenConnection:
        """Connect, for a target or (when ``resolver`` is given) to carry queries to it.

        ``chosen`` places are the operator's own (a control server): guard and budget let them pass.
        """
        if not is_address(address):
            raise ValueError(f"Net connects to literal addresses, not to {address!r}")
        served = None if resolver is None else str(resolver)
        exempt = chosen or resolver in self._around.exempt
        made = OpenConnection((address, port), label, served, host)
        self._open.push_async_callback(made.close)
        refusal = None if exempt else self._around.guard.refusal(address, port)
        if not exempt and refusal is None:  # waiting our turn is no part of the step's time
            await made.place.enter_async_context(self._around.pacer.slot(address))
        with (
            self._trace.step(
                StepKind.TCP_CONNECT, label, host=host, resolver=served, peer=(address, port)
            ) as step,
            self._watch.connecting(step, made),
        ):
            step.detail = TcpDetail(refusal=refusal)
            if refusal is not None:
                raise AddressRefused(refusal)
            if not chosen:
                self._budget.spend_connection()
            made.stream = Stream.unconnected(address)
            await self._connect(made.stream, step, address, port)
        made.failure = step.failure
        if made.failure is not None:
            await made.close()
        return made

    async def _connect(self, stream: Stream, step: OpenStep, address: str, port: int) -> None:
        try:
            await stream.connect(address, port, self._around.timeouts.connect)
        finally:
            own, step.source_port = stream.local
            self.note_own(own)
            if stream.unsent:
                step.detail = TcpDetail(unsent=True)
        if ip_address(stream.remote) != ip_address(address):
            raise AddressRefused(f"connected to {stream.remote} instead")

    async def handshake(
        self, connection: Connection, sni: str, *, alpn: Sequence[str] = ("http/1.1",)
    ) -> Handshake:
        """See heliograph.plugin.Net."""
        made = _ours(connection)
        peer = (made.address, made.port)
        sent_name = None if is_address(sni) else sni
        with (
            self._trace.step(
                StepKind.TLS_HANDSHAKE,
                made.label,
                host=sni,
                resolver=made.resolver,
                peer=peer,
                sni=sent_name,
            ) as step,
            self._watch.saying(step, made, sni),
        ):
            stream = _stream(made)
            step.detail = TlsDetail()
            _, step.source_port = stream.local
            context = self._around.context_for(tuple(alpn))
            try:
                await self._shake(stream, context, sent_name)
            finally:
                step.detail = _tls_facts(stream)
                step.bytes_sent, step.bytes_received = stream.sent, stream.received
            self._judge_chain(stream, step, sni)
        detail = step.detail
        assert isinstance(detail, TlsDetail)
        if not detail.completed:
            await made.close()
        return Handshake(
            failure=step.failure, version=detail.version, alpn=detail.alpn, chain=detail.chain
        )

    async def _shake(self, stream: Stream, context: ssl.SSLContext, name: str | None) -> None:
        async with asyncio.timeout(self._around.timeouts.handshake):
            await stream.handshake(context, name)
        self._budget.spend_bytes(stream.received)

    def _judge_chain(self, stream: Stream, step: OpenStep, name: str) -> None:
        assert stream.tls is not None
        chain = presented_chain(stream.tls)
        problem = self._around.trust.verify(chain, name)
        if problem is None:
            return
        word, reason = problem
        step.fail(word)
        assert isinstance(step.detail, TlsDetail)
        step.detail = msgspec.structs.replace(
            step.detail, verification=reason, chain=summarise(chain, keep_der=True)
        )

    async def exchange(
        self, connection: Connection, request: Request, *, keep: bool = False
    ) -> Reply:
        """See heliograph.plugin.Net."""
        made = _ours(connection)
        reply = await self.converse(made, request)
        if not (keep and reply.takes_more):
            await made.close()
        return reply

    async def converse(
        self,
        made: OpenConnection,
        request: Request,
        caps: Caps | None = None,
        finish: Callable[[OpenStep, Reply], None] | None = None,
    ) -> Reply:
        """One exchange; the connection stays open where the response ended whole.

        ``finish`` looks at the response before its step ends, and may fail it.
        """
        with (
            self._trace.step(
                StepKind.HTTP_EXCHANGE,
                made.label,
                host=made.host,
                resolver=made.resolver,
                peer=(made.address, made.port),
            ) as step,
            self._watch.saying(step, made, made.host),
        ):
            stream = _stream(made)
            _, step.source_port = stream.local
            limits = self._around.timeouts
            most = self._around.config.limits.body_bytes
            body = most if request.most is None else min(request.most, most)
            usual = Caps(limits.stall, limits.exchange, body)
            exchange = Exchange(stream, step, caps or usual)
            sent, received = stream.sent, stream.received
            try:
                await exchange.run(request, self._budget.spend_bytes)
                if finish is not None:
                    finish(step, exchange.reply)
            finally:
                step.bytes_sent = stream.sent - sent
                step.bytes_received = stream.received - received
        if not exchange.whole:
            await made.close()
        return exchange.reply

    async def datagram(
        self, address: str, port: int, payload: bytes, *, label: Label = TEST
    ) -> Datagrams:
        """See heliograph.plugin.Net."""
        if not is_address(address):
            raise ValueError(f"Net sends to literal addresses, not to {address!r}")
        found: list[bytes] = []
        with self._trace.step(StepKind.DATAGRAM, label, peer=(address, port)) as step:
            step.detail = DatagramDetail(sent=base64.b64encode(payload).decode())
            refusal = self._around.guard.refusal(address, port)
            if refusal is not None:
                raise AddressRefused(refusal)
            self._budget.spend_query()
            with DatagramSocket(address, port) as sock:
                sock.connect()
                own, step.source_port = sock.local
                self.note_own(own)
                try:
                    timing = self._around.timeouts.datagram
                    replies = await sock.ask(payload, timing, lambda _: True)
                finally:
                    step.bytes_sent = len(payload) * sock.sends
            found = [reply.data for reply in replies]
            step.bytes_received = sum(len(data) for data in found)
            self._budget.spend_bytes(step.bytes_received)
            step.detail = msgspec.structs.replace(
                step.detail, replies=tuple(base64.b64encode(data).decode() for data in found)
            )
            if not found:
                step.fail(Failure.GENERIC_TIMEOUT_ERROR)
        return Datagrams(failure=step.failure, replies=tuple(found))

    async def quic(
        self,
        address: str,
        port: int,
        sni: str | None = None,
        *,
        alpn: Sequence[str] = ("h3",),
        lasting: bool = False,
        label: Label = TEST,
    ) -> QuicHandshake:
        """See heliograph.plugin.Net."""
        if not is_address(address):
            raise ValueError(f"Net sends to literal addresses, not to {address!r}")
        from probes.net.quic import Shaking

        return await Shaking(self, label).run((address, port), sni, alpn, lasting=lasting)

    async def sweep(
        self, address: str, port: int, plan: SweepPlan, *, label: Label = TEST
    ) -> Sweep:
        """See heliograph.plugin.Net."""
        if not is_address(address):
            raise ValueError(f"Net sends to literal addresses, not to {address!r}")
        from probes.net.sweeping import Sweeping

        return await Sweeping(self, (address, port), label).run(plan)

    async def control(
        self,
        url: str,
        addresses: Sequence[str] = (),
        *,
        headers: Sequence[tuple[str, str]] = (),
        sought: tuple[Sought, ...] = (),
        label: Label = TEST,
    ) -> RemoteLook | None:
        """See heliograph.plugin.Net."""
        if not self._around.controls.places:
            return None
        from probes.net.asking import Asking

        return await Asking(self, label).ask(url, addresses, headers, sought)

    # What resolving and asking need of the door.

    def carrier(self, resolver: Resolver) -> Carrier:
        """The look's one connection to a resolver over TCP, TLS or HTTPS."""
        return self._carriers.setdefault(resolver, Carrier())

    def note_own(self, address: str) -> None:
        """A socket of this look had this address here."""
        self._around.scrubber.add(address)
        if is_address(address.partition("%")[0]):
            self._own.add(address)

    @property
    def around(self) -> Surroundings:
        """What all looks of the run share."""
        return self._around

    @property
    def watch(self) -> Watch:
        """What the ledger is told of the look."""
        return self._watch

    @property
    def trace(self) -> Trace:
        """The look's trace."""
        return self._trace

    @property
    def budget(self) -> Budget:
        """What the look may still spend."""
        return self._budget


def _ours(connection: Connection) -> OpenConnection:
    if not isinstance(connection, OpenConnection):
        raise TypeError("this connection was not made by this Net")
    return connection


def _stream(made: OpenConnection) -> Stream:
    if made.stream is None or made.failure is not None:
        raise ValueError("the connection failed: check connection.failure before going on")
    if made.stream.closed:
        raise ValueError("the connection is closed: after a failure or an exchange, make another")
    return made.stream


def _tls_facts(stream: Stream) -> TlsDetail:
    tls = stream.tls
    cipher = tls.cipher() if tls is not None else None
    chain = [] if tls is None else presented_chain(tls)
    began = stream.first_bytes
    is_tls = bool(began) and began[0] in {20, 21, 22, 23}
    return TlsDetail(
        version=None if tls is None else tls.version(),
        cipher=None if cipher is None else cipher[0],
        alpn=None if tls is None else tls.selected_alpn_protocol(),
        completed=tls is not None,
        server_spoke=is_tls,
        alert=stream.alert,
        client_hello_bytes=stream.client_hello_bytes,
        client_hello_segments=stream.client_hello_segments,
        injected=decode(began) if began and not is_tls else None,
        chain=summarise(chain, keep_der=False),
    )
