"""A scripted Net for testing probes without a network; it records steps as the real one does.

    net = FakeNet()
    net.answers("example.org", "192.0.2.1")
    net.accepts("192.0.2.1", 443)
    net.presents("192.0.2.1", 443, "example.org", failure=Failure.CONNECTION_RESET)
    await TlsProbe().measure(parse_target("example.org"), net)
    no_ipv6 = Failure.DNS_NO_ANSWER
    assert [step.failure for step in net.steps] == [None, no_ipv6, None, Failure.CONNECTION_RESET]

What the script does not mention fails the way an empty network would: names do not exist,
addresses stay silent.
"""

import base64
import itertools
from collections.abc import Callable, Sequence

import msgspec

from heliograph.config import NetworkConfig, Resolver
from heliograph.detail import (
    Certificate,
    DatagramDetail,
    DnsAnswer,
    DnsDetail,
    DnsReply,
    HopTrial,
    HttpDetail,
    QuicDetail,
    Sought,
    SweepDetail,
    TcpDetail,
    TlsDetail,
)
from heliograph.failure import CERTIFICATE_FAILURES, Failure
from heliograph.model import Role, Step, StepKind
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
from heliograph.sought import CUT, seek
from heliograph.trace import Trace

_RCODES = {
    None: "NOERROR",
    Failure.DNS_NO_ANSWER: "NOERROR",
    Failure.DNS_NXDOMAIN_ERROR: "NXDOMAIN",
    Failure.DNS_REFUSED_ERROR: "REFUSED",
    Failure.DNS_SERVFAIL_ERROR: "SERVFAIL",
}


class FakeConnection(msgspec.Struct, frozen=True, kw_only=True):
    """What FakeNet hands out for a connection."""

    failure: Failure | None
    address: str
    port: int
    label: Label
    host: str | None

    async def close(self) -> None:
        """Nothing to close."""


class FakeNet:
    """A Net that answers from a script; see the module's docstring."""

    def __init__(
        self, settings: NetworkConfig | None = None, resolver: str = "udp://192.0.2.53"
    ) -> None:
        self._ticks = itertools.count()
        self._trace = Trace(lambda: next(self._ticks) / 1000, lambda text: text)
        self._settings = settings or NetworkConfig(trusted_resolvers=(), control_names=())
        self._resolver = Resolver.parse(resolver)
        self._lookups: dict[tuple[str, str], tuple[DnsReply, ...] | Failure] = {}
        self._connects: dict[tuple[str, int], Failure | None] = {}
        self._handshakes: dict[tuple[str, int, str], Handshake] = {}
        self._replies: dict[tuple[str, str], Reply] = {}
        self._datagrams: dict[tuple[str, int], tuple[bytes, ...]] = {}
        self._quic: dict[tuple[str, int, str | None], list[QuicHandshake]] = {}
        self._ways: dict[tuple[str, str, str | None], tuple[str, ...]] = {}
        self._controls: dict[str, RemoteLook] = {}
        self._sinks = iter(self._settings.sink_places)
        self._filter: Callable[[tuple[str, int], SinkMessage], Reply | None] = lambda *_: None
        self.asked: list[tuple[str, tuple[str, ...]]] = []
        """What the control was asked: the URL, and the addresses sent along."""
        self.kept_to: Cost | None = None
        """What the runner told it to keep to."""
        self.pauses: list[float] = []
        """Seconds that would have been waited, one by one."""

    # The script.

    def answers(
        self,
        name: str,
        *addresses: str,
        resolver: str | None = None,
        failure: Failure | None = None,
        bogon: str | None = None,
    ) -> None:
        """One reply for ``name``: these addresses (A or AAAA by their form), or this failure."""
        records = tuple(
            DnsAnswer(name=name, type="AAAA" if ":" in a else "A", value=a, ttl=60, bogon=bogon)
            for a in addresses
        )
        self.replies(
            name,
            DnsReply(after=0.01, rcode=_RCODES.get(failure, "SERVFAIL"), answers=records),
            resolver=resolver,
        )
        if failure in {Failure.GENERIC_TIMEOUT_ERROR, Failure.CONNECTION_RESET}:
            self._lookups[name, resolver or str(self._resolver)] = failure

    def replies(self, name: str, *replies: DnsReply, resolver: str | None = None) -> None:
        """Every reply one query for ``name`` brings, in their order."""
        self._lookups[name, resolver or str(self._resolver)] = replies

    def filters(self, decide: Callable[[tuple[str, int], SinkMessage], Reply | None]) -> None:
        """What becomes of a request to a sink; None: it is answered as it was sent."""
        self._filter = decide

    def accepts(self, address: str, port: int, failure: Failure | None = None) -> None:
        """The address takes connections at this port, or fails so."""
        self._connects[address, port] = failure

    def presents(
        self,
        address: str,
        port: int,
        sni: str,
        failure: Failure | None = None,
        chain: tuple[Certificate, ...] = (),
    ) -> None:
        """What becomes of a handshake for ``sni`` there; the connection is accepted, too."""
        self._connects.setdefault((address, port), None)
        self._handshakes[address, port, sni] = Handshake(
            failure=failure, version="TLSv1.3", chain=chain
        )

    def serves(self, address: str, url: str, reply: Reply) -> None:
        """The response to a request for ``url`` at this address."""
        self._replies[address, url] = reply

    def returns(self, address: str, port: int, *datagrams: bytes) -> None:
        """What comes back to a datagram sent there."""
        self._datagrams[address, port] = datagrams

    def speaks_quic(
        self,
        address: str,
        port: int,
        sni: str | None = None,
        failure: Failure | None = None,
        detail: QuicDetail | None = None,
    ) -> None:
        """What becomes of a QUIC handshake for ``sni`` there, or of an offer; call it again for
        the next one. The last holds for all that follow."""
        well = QuicDetail(server_spoke=True, completed=sni is not None)
        made = QuicHandshake(failure=failure, detail=detail or well)
        self._quic.setdefault((address, port, sni), []).append(made)

    def lies_beyond(
        self, address: str, *ends: str, said: str = "routers", name: str | None = None
    ) -> None:
        """What becomes of a packet to the address, by its time to live; the last holds beyond."""
        self._ways[address, said, name] = ends

    def sees(self, url: str, *steps: Step, failure: Failure | None = None) -> None:
        """What a control server elsewhere sees of this URL, or why it can't be asked."""
        self._controls[url] = RemoteLook(failure=failure, steps=steps)

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps recorded so far."""
        return self._trace.steps()

    # Net.

    @property
    def settings(self) -> NetworkConfig:
        """See heliograph.plugin.Net."""
        return self._settings

    @property
    def resolver(self) -> Resolver:
        """See heliograph.plugin.Net."""
        return self._resolver

    def next_sink(self) -> tuple[str, int] | None:
        """See heliograph.plugin.Net."""
        return next(self._sinks, None)

    async def sink(
        self, place: tuple[str, int], message: SinkMessage, *, label: Label = TEST
    ) -> Reply:
        """See heliograph.plugin.Net; what ``filters`` says becomes of the request."""
        ended = self._filter(place, message)
        reply = Reply(failure=None, status=200, signed=True) if ended is None else ended
        peer, host = place, message.host
        with self._trace.step(StepKind.HTTP_EXCHANGE, label, host=host, peer=peer) as step:
            step.detail = HttpDetail(
                url=f"http://{host}{message.target}",
                method=message.method,
                stage="headers" if reply.status is None else "done",
                status=reply.status,
                words=message.words,
                signed=reply.signed,
            )
            if reply.failure is not None:
                step.fail(reply.failure)
        return reply

    def keep_to(self, cost: Cost) -> None:
        """See heliograph.plugin.Net; a script costs nothing."""
        self.kept_to = cost

    async def pause(self, seconds: float) -> None:
        """See heliograph.plugin.Net. Takes no time here; ``pauses`` has how long it would."""
        self.pauses.append(seconds)

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
        asked = resolver or self._resolver
        missing = (DnsReply(after=0.01, rcode="NXDOMAIN"),)
        script = self._lookups.get((name, str(asked)), missing)
        replies = () if isinstance(script, Failure) else _only(query_type, script)
        failure = script if isinstance(script, Failure) else _failure(replies)
        known = "trusted" if asked in self._settings.trusted_resolvers else "other"
        standing = "system" if asked == self._resolver else known
        with self._trace.step(StepKind.DNS_QUERY, label, host=name, resolver=str(asked)) as step:
            step.detail = DnsDetail(
                query_type=query_type, standing=standing, transport=asked.scheme, replies=replies
            )
            if failure is not None:
                step.fail(failure)
        found = Lookup(failure=failure, replies=replies)
        if heard is not None and replies:
            heard(found)
        return found

    async def connect(
        self, address: str, port: int, *, host: str | None = None, label: Label = TEST
    ) -> Connection:
        """See heliograph.plugin.Net."""
        failure = self._connects.get((address, port), Failure.GENERIC_TIMEOUT_ERROR)
        with self._trace.step(StepKind.TCP_CONNECT, label, host=host, peer=(address, port)) as step:
            step.detail = TcpDetail()
            if failure is not None:
                step.fail(failure)
        return FakeConnection(failure=failure, address=address, port=port, label=label, host=host)

    async def handshake(
        self, connection: Connection, sni: str, *, alpn: Sequence[str] = ("http/1.1",)
    ) -> Handshake:
        """See heliograph.plugin.Net."""
        peer = (connection.address, connection.port)
        silent = Handshake(failure=Failure.GENERIC_TIMEOUT_ERROR)
        made = self._handshakes.get((*peer, sni), silent)
        with self._trace.step(
            StepKind.TLS_HANDSHAKE, connection.label, host=sni, peer=peer, sni=sni
        ) as step:
            completed = made.failure is None or made.failure in CERTIFICATE_FAILURES
            step.detail = TlsDetail(
                version=made.version if completed else None, completed=completed, chain=made.chain
            )
            if made.failure is not None:
                step.fail(made.failure)
        return made

    async def exchange(
        self, connection: Connection, request: Request, *, keep: bool = False
    ) -> Reply:
        """See heliograph.plugin.Net."""
        silent = Reply(failure=Failure.GENERIC_TIMEOUT_ERROR)
        reply = self._replies.get((connection.address, request.url), silent)
        if reply.status is not None:
            kind = reply.header("content-type") or ""
            problem = CUT if reply.truncated else None
            found = seek(reply.body, kind, request.sought, problem)
            reply = msgspec.structs.replace(reply, sought=found)
        host = connection.host if isinstance(connection, FakeConnection) else None
        with self._trace.step(
            StepKind.HTTP_EXCHANGE,
            connection.label,
            host=host,
            peer=(connection.address, connection.port),
        ) as step:
            step.detail = HttpDetail(
                url=request.url,
                method=request.method,
                stage="headers" if reply.status is None else "done",
                status=reply.status,
                headers=reply.headers,
                raw_bytes=reply.raw_bytes,
                body_bytes=len(reply.body),
                sought=reply.sought,
            )
            if reply.failure is not None:
                step.fail(reply.failure)
        return reply

    async def datagram(
        self, address: str, port: int, payload: bytes, *, label: Label = TEST
    ) -> Datagrams:
        """See heliograph.plugin.Net."""
        found = self._datagrams.get((address, port), ())
        failure = None if found else Failure.GENERIC_TIMEOUT_ERROR
        with self._trace.step(StepKind.DATAGRAM, label, peer=(address, port)) as step:
            step.detail = DatagramDetail(sent=_base64(payload), replies=tuple(map(_base64, found)))
            if failure is not None:
                step.fail(failure)
        return Datagrams(failure=failure, replies=found)

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
        silent = QuicHandshake(failure=Failure.GENERIC_TIMEOUT_ERROR, detail=QuicDetail())
        script = self._quic.get((address, port, sni), [silent])
        made = script.pop(0) if len(script) > 1 else script[0]
        with self._trace.step(
            StepKind.QUIC_HANDSHAKE, label, host=sni, peer=(address, port), sni=sni
        ) as step:
            step.detail = made.detail
            if made.failure is not None:
                step.fail(made.failure)
        return made

    async def sweep(
        self, address: str, port: int, plan: SweepPlan, *, label: Label = TEST
    ) -> Sweep:
        """See heliograph.plugin.Net; no packet is captured."""
        ends = self._ways.get((address, plan.said, plan.name), ("silent",))
        sni = plan.name if plan.said == "tls" else None
        with self._trace.step(
            StepKind.HOP_PROBE, label, host=plan.name, peer=(address, port), sni=sni
        ) as step:
            trials = tuple(
                HopTrial(ttl=ttl, ended=ends[min(ttl, len(ends)) - 1]) for ttl in plan.ttls
            )
            step.detail = SweepDetail(said=plan.said, trials=trials, captured=plan.capture)
        return Sweep(failure=step.failure, trials=trials)

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
        self.asked.append((url, tuple(addresses)))
        look = self._controls.get(url)
        for step in () if look is None else look.steps:
            self._trace.adopt(
                msgspec.structs.replace(
                    step, role=Role.REMOTE_CONTROL, hop=label.hop, pair=label.pair
                )
            )
        return look


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _only(query_type: str, replies: tuple[DnsReply, ...]) -> tuple[DnsReply, ...]:
    """The replies with the records of the type asked for (CNAMEs stay)."""
    other = {"A": "AAAA", "AAAA": "A"}.get(query_type)
    return tuple(
        msgspec.structs.replace(r, answers=tuple(a for a in r.answers if a.type != other))
        for r in replies
    )


def _failure(replies: tuple[DnsReply, ...]) -> Failure | None:
    by_rcode = {rcode: word for word, rcode in _RCODES.items() if word is not None}
    if not replies:
        return Failure.GENERIC_TIMEOUT_ERROR
    if replies[0].rcode == "NOERROR":
        return None if replies[0].answers else Failure.DNS_NO_ANSWER
    return by_rcode.get(replies[0].rcode, Failure.DNS_SERVER_MISBEHAVING)
