"""One DNS question to one resolver over UDP, TCP, TLS or HTTPS, as steps of the look."""

import asyncio
import struct
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import msgspec

from heliograph.config import Resolver
from heliograph.detail import DnsDetail, DnsReply
from heliograph.failure import Failure
from heliograph.model import StepKind
from heliograph.plugin import Label, Lookup, Request
from heliograph.trace import OpenStep
from probes.net.carrier import Carrier
from probes.net.datagrams import DatagramSocket
from probes.net.exchange import UnexpectedStatus
from probes.net.messages import Query, ReplyReader, failure_of, truncated
from probes.net.spending import AddressRefused

if TYPE_CHECKING:
    from probes.net.connection import OpenConnection
    from probes.net.door import Door

_DNS_MESSAGE = "application/dns-message"


class StaleConnection(Exception):
    """The server closed a connection that had carried an answer before: nothing was lost."""


class Resolving:
    """Asks one resolver; a truncated answer over UDP is asked again over TCP, as a stub does."""

    def __init__(
        self,
        door: "Door",
        resolver: Resolver,
        label: Label,
        heard: Callable[[Lookup], None] | None = None,
        *,
        explained: bool = False,
    ) -> None:
        self._door = door
        self._resolver = resolver
        self._label = label
        self._heard = heard
        self._explained = explained
        self._reader = ReplyReader(door.around.guard.bogon, door.around.networks.lookup)

    async def ask(self, name: str, query_type: str) -> Lookup:
        """One query step (and the connection's steps where there is one), and its replies."""
        lookup = await self._ask(name, query_type, self._resolver)
        first = next((reply for reply in lookup.replies if reply.problem is None), None)
        if self._resolver.scheme == "udp" and first is not None and truncated(first):
            return await self._ask(
                name, query_type, msgspec.structs.replace(self._resolver, scheme="tcp")
            )
        return lookup

    async def _ask(self, name: str, query_type: str, resolver: Resolver) -> Lookup:
        encrypted = resolver.scheme == "https"
        identity = 0 if encrypted else self._door.around.new_query_id()
        query = Query(name, query_type, identity, explained=self._explained)
        address, missing = await self._place(resolver)
        peer = None if address is None else (address, resolver.port)
        with self._door.trace.step(
            StepKind.DNS_QUERY, self._label, host=name, resolver=str(resolver), peer=peer
        ) as step:
            step.detail = DnsDetail(
                query_type=query_type, standing=self._standing(), transport=resolver.scheme
            )
            self._door.budget.spend_query()
            if address is None:
                step.fail(missing or Failure.DNS_NO_ANSWER)
            elif resolver.scheme == "udp":
                await self._over_udp(step, query, resolver, address)
            else:
                await self._over_stream(step, query, resolver, address)
        assert isinstance(step.detail, DnsDetail)
        return Lookup(failure=step.failure, replies=step.detail.replies)

    def _standing(self) -> str:
        if self._resolver == self._door.resolver:
            return "system"
        return "trusted" if self._resolver in self._door.around.exempt else "other"

    async def _place(self, resolver: Resolver) -> tuple[str | None, Failure | None]:
        """The resolver's address, looked up with the system's resolver if only a name is known."""
        if resolver.address is not None:
            return resolver.address, None
        system = self._door.resolver
        if system.address is None:
            return None, Failure.DNS_NON_RECOVERABLE_FAILURE
        found = await Resolving(self._door, system, self._label).ask(resolver.host, "A")
        return next(iter(found.routable), None), found.failure

    async def _over_udp(
        self, step: OpenStep, query: Query, resolver: Resolver, address: str
    ) -> None:
        around = self._door.around
        if self._resolver not in around.exempt:
            refusal = around.guard.refusal(address)
            if refusal is not None:
                raise AddressRefused(refusal)
        with DatagramSocket(address, resolver.port) as sock:
            sock.connect()
            own, step.source_port = sock.local
            self._door.note_own(own)
            try:
                found = await sock.ask(query.wire, around.timeouts.datagram, self._taking(query))
            finally:
                step.bytes_sent = len(query.wire) * sock.sends
                step.detail = _changed(step, sends=sock.sends)
        step.bytes_received = sum(len(reply.data) for reply in found)
        self._door.budget.spend_bytes(step.bytes_received)
        self._keep(
            step, query, tuple(self._reader.read(query, r.data, r.after, r.ip_ttl) for r in found)
        )

    def _taking(self, query: Query) -> Callable[[bytes], bool]:
        """Whether a stub would take a reply; whoever waits hears of the first that it would."""

        def accepts(wire: bytes) -> bool:
            accepted = query.accepts(wire)
            if accepted and self._heard is not None:
                reply = self._reader.read(query, wire, 0.0, None)
                if not truncated(reply):
                    self._heard(Lookup(failure=failure_of(query.type, (reply,)), replies=(reply,)))
            return accepted

        return accepts

    def _keep(self, step: OpenStep, query: Query, replies: tuple[DnsReply, ...]) -> None:
        known = any(answer.country for reply in replies for answer in reply.answers)
        edition = self._door.around.networks.edition if known else None
        step.detail = _changed(step, replies=replies, networks=edition)
        failure = failure_of(query.type, replies)
        if failure is not None:
            step.fail(failure)

    async def _over_stream(
        self, step: OpenStep, query: Query, resolver: Resolver, address: str
    ) -> None:
        async with self._door.carrier(resolver) as carrier:
            began = self._door.trace.elapsed()
            try:
                wire = await self._carried(step, carrier, query, (resolver, address))
            except StaleConnection:
                wire = await self._carried(step, carrier, query, (resolver, address))
        if wire is not None:
            after = self._door.trace.elapsed() - began
            self._keep(step, query, (self._reader.read(query, wire, after, None),))

    async def _carried(
        self, step: OpenStep, carrier: Carrier, query: Query, place: tuple[Resolver, str]
    ) -> bytes | None:
        """The reply's wire form, or None once the step has failed."""
        used = carrier.open
        if not used:
            await self._open(carrier, place)
        if carrier.failure is not None or carrier.made is None:
            step.fail(carrier.failure or Failure.UNKNOWN_FAILURE)
            return None
        try:
            if place[0].scheme == "https":
                return await self._over_https(step, carrier, query, place[0])
            wire = await self._framed(step, carrier.made, query)
            carrier.answers += 1
            return wire
        except (OSError, EOFError) as error:
            await carrier.drop()
            if used and carrier.answers and not isinstance(error, TimeoutError):
                raise StaleConnection from error
            raise

    async def _open(self, carrier: Carrier, place: tuple[Resolver, str]) -> None:
        """Connect, and secure where the scheme says so; a failure counts for the whole look."""
        if carrier.failure is not None:
            return
        resolver, address = place
        carrier.answers = 0
        made = await self._door.open(
            address, resolver.port, host=resolver.host, label=self._label, resolver=resolver
        )
        carrier.made, carrier.failure = made, made.failure
        if made.failure is None and resolver.encrypted:
            alpn = ("http/1.1",) if resolver.scheme == "https" else ("dot",)
            carrier.failure = (await self._door.handshake(made, resolver.host, alpn=alpn)).failure
        if carrier.failure is not None:
            await made.close()

    async def _over_https(
        self, step: OpenStep, carrier: Carrier, query: Query, resolver: Resolver
    ) -> bytes | None:
        """RFC 8484, by POST: a GET would put the name into logs and caches."""
        assert carrier.made is not None
        host = f"[{resolver.host}]" if ":" in resolver.host else resolver.host
        request = Request(
            url=f"https://{host}:{resolver.port}{resolver.path}",
            method="POST",
            headers=(("Accept", _DNS_MESSAGE), ("Content-Type", _DNS_MESSAGE)),
            body=query.wire,
        )
        reply = await self._door.converse(carrier.made, request)
        carrier.answers += reply.status is not None
        silent = reply.failure is Failure.GENERIC_TIMEOUT_ERROR
        if reply.failure is not None and reply.status is None and carrier.answers and not silent:
            raise StaleConnection
        if reply.failure is not None:
            step.fail(reply.failure)
            return None
        if reply.status != 200:
            raise UnexpectedStatus(f"the resolver answered {reply.status}")
        step.bytes_sent, step.bytes_received = len(query.wire), len(reply.body)
        return reply.body

    async def _framed(self, step: OpenStep, made: "OpenConnection", query: Query) -> bytes:
        """Two bytes of length before each message (RFC 1035 4.2.2, RFC 7858)."""
        stream = made.stream
        assert stream is not None
        async with asyncio.timeout(self._door.around.timeouts.datagram.deadline):
            await stream.write(struct.pack("!H", len(query.wire)) + query.wire)
            step.bytes_sent = len(query.wire) + 2
            (length,) = struct.unpack("!H", await _exactly(stream.read, 2))
            wire = await _exactly(stream.read, length)
        step.bytes_received = length + 2
        self._door.budget.spend_bytes(length)
        return wire


def _changed(step: OpenStep, **changes: object) -> DnsDetail:
    assert isinstance(step.detail, DnsDetail)
    return msgspec.structs.replace(step.detail, **changes)


async def _exactly(read: Callable[[int], Awaitable[bytes]], count: int) -> bytes:
    data = b""
    while len(data) < count:
        more = await read(count - len(data))
        if not more:
            raise EOFError(f"closed after {len(data)} of {count} bytes")
        data += more
    return data
