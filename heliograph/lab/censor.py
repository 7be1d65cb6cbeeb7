"""What a censor on the path does: small values, each of which decides about one packet.

Names match whole hosts in any case, and those below them when ``subdomains`` is set; a condition
on names holds on any address, whoever answers there.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import msgspec

from heliograph.lab.decision import (
    DROP,
    PASS,
    Decision,
    closed,
    forged_answer,
    outrun,
    reset,
    together,
)
from heliograph.lab.faults import Narrow, Outage, Ration
from heliograph.lab.flows import Flow, Flows, asked_name
from heliograph.lab.matching import is_among, is_within
from heliograph.lab.packets import (
    FIN,
    RST,
    TCP,
    UDP,
    Packet,
    beginning,
    datagram_to_client,
    reset_to_client,
    unreachable_to_client,
)
from heliograph.lab.quic_censor import AnyQuicCondition
from heliograph.lab.word_censor import StopWord

__all__ = ["PASS", "AnyCondition", "Censor", "Decision"]
_A, _AAAA = 1, 28
_MOST_SECONDS_LATE = 10.0
_MOST_MARKS = 10_000


class _Named(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    names: tuple[str, ...]
    subdomains: bool = False

    def hits(self, name: str | None) -> bool:
        return name is not None and is_among(name, self.names, self.subdomains)

    def hits_connection(self, flow: Flow) -> bool:
        return self.hits(flow.sni) or self.hits(flow.host)

    def hits_hello(self, packet: Packet, flow: Flow) -> bool:
        return flow.just_said and packet.protocol == TCP and self.hits(flow.sni)

    def hits_request(self, flow: Flow) -> bool:
        return flow.just_said and flow.sni is None and self.hits(flow.host)

    def hits_query(self, packet: Packet, flow: Flow, protocol: int) -> bool:
        if not (flow.just_said and packet.protocol == protocol and packet.dport == 53):
            return False
        return self.hits(asked_name(flow.query)[0])


class ResetSni(_Named, frozen=True, kw_only=True):
    """RST to both ends after a ClientHello with such a name."""

    racing: bool = False
    """From beside the path: the ClientHello goes on, and only the client is reset."""
    one_segment: bool = False
    """A ClientHello that takes several segments is not put together."""
    as_spelled: bool = False
    """A name in other capitals is another name."""
    share: float = 1.0
    """So many of those that are heard, by chance; the same ones each time for one ``seed``."""
    seed: int = 0

    def decide(self, packet: Packet, flow: Flow, now: float) -> Decision | None:
        spared = self.as_spelled and flow.spelled not in self.names
        if spared or not self.hits_hello(packet, flow):
            return None
        if self.one_segment and flow.segments > 1:
            return None
        if self.share < 1.0 and flow.memory.rolled(self, self.seed) >= self.share:
            return None
        return outrun(packet) if self.racing else reset(packet)


class DropSni(_Named, frozen=True, kw_only=True):
    """The ClientHello vanishes, and whatever follows on its connection."""

    def decide(self, packet: Packet, flow: Flow, now: float) -> Decision | None:
        return Decision(drop=True, doom=True) if self.hits_hello(packet, flow) else None


class CloseSni(_Named, frozen=True, kw_only=True):
    """FIN to the client after a ClientHello with such a name."""

    def decide(self, packet: Packet, flow: Flow, now: float) -> Decision | None:
        return closed(packet) if self.hits_hello(packet, flow) else None


class AlertSni(_Named, frozen=True, kw_only=True):
    """A fatal TLS alert, then FIN, in the place of a ServerHello."""

    number: int = 40

    def decide(self, packet: Packet, flow: Flow, now: float) -> Decision | None:
        alert = bytes([21, 3, 3, 0, 2, 2, self.number])
        return closed(packet, alert) if self.hits_hello(packet, flow) else None


class ResetHost(_Named, frozen=True, kw_only=True):
    """RST to both ends after a request to such a host."""

    racing: bool = False
    """From beside the path: the request goes on, and only the client is reset."""

    def decide(self, packet: Packet, flow: Flow, now: float) -> Decision | None:
        if not self.hits_request(flow):
            return None
        return outrun(packet) if self.racing else reset(packet)


class DropHost(_Named, frozen=True, kw_only=True):
    """The request vanishes, and whatever follows on its connection."""

    def decide(self, packet: Packet, flow: Flow, now: float) -> Decision | None:
        return Decision(drop=True, doom=True) if self.hits_request(flow) else None


class CloseHost(_Named, frozen=True, kw_only=True):
    """FIN to the client after a request to such a host."""

    def decide(self, packet: Packet, flow: Flow, now: float) -> Decision | None:
        return closed(packet) if self.hits_request(flow) else None


class AnswerHost(_Named, frozen=True, kw_only=True):
    """An answer in the server's name, then FIN, to a request that the server never gets."""

    response: bytes
    racing: bool = False
    """From beside the path: the server gets the request, and answers too late."""
    target: str | None = None
    """Path and query that are asked for; None for any."""
    once_in: float | None = None
    """Seconds for which a client that was shown it is let alone; None: never."""

    def decide(self, packet: Packet, flow: Flow, now: float) -> Decision | None:
        if not self.hits_request(flow) or self.target not in {None, flow.target}:
            return None
        if self.once_in is not None:
            seen = (self, packet.source)
            if now < flow.memory.until.get(seen, now):
                return None
            flow.memory.until[seen] = now + self.once_in
        forged = closed(packet, self.response)
        return Decision(to_client=forged.to_client) if self.racing else forged


class ResetWord(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """RST to both ends after a request whose path or query holds such a word."""

    words: tuple[str, ...]

    def decide(self, packet: Packet, flow: Flow, now: float) -> Decision | None:
        target = flow.target.lower()
        hit = flow.just_said and any(word.lower() in target for word in self.words)
        return reset(packet) if hit else None


class Residual(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """After a hit everything the client sends to that address and port is reset, so long."""

    condition: ResetSni | StopWord
    seconds: float

    def decide(self, packet: Packet, flow: Flow, now: float) -> Decision | None:
        if not flow.from_client:
            return None
        marks = flow.memory.until
        key = (self, packet.source, packet.destination, packet.dport)
        if now < marks.get(key, now):
            # not doomed: if this RST comes too late to be believed, the next one may not
            return None if packet.flags & RST else reset(packet, doom=False)
        decision = self.condition.decide(packet, flow, now)
        if decision is not None:
            if len(marks) >= _MOST_MARKS:
                marks.clear()
            marks[key] = now + self.seconds
        return decision


class _Addressed(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    addresses: tuple[str, ...]
    """Single ones, or networks in CIDR notation."""
    port: int | None = None

    def hits(self, packet: Packet, flow: Flow) -> bool:
        if not flow.from_client or self.port not in {None, packet.dport}:
            return False
        return is_within(packet.destination, self.addresses)


class DropAddress(_Addressed, frozen=True, kw_only=True):
    """Whatever goes to such an address vanishes."""

    def decide(self, packet: Packet, flow: Flow, now: float) -> Decision | None:
        return DROP if self.hits(packet, flow) else None


class RefuseAddress(_Addressed, frozen=True, kw_only=True):
    """A SYN to such an address is answered by RST."""

    def decide(self, packet: Packet, flow: Flow, now: float) -> Decision | None:
        if not (packet.opens and self.hits(packet, flow)):
            return None
        return Decision(drop=True, to_client=(reset_to_client(packet),))


class UnreachableAddress(_Addressed, frozen=True, kw_only=True):
    """A SYN or a datagram to such an address is answered by ICMP: unreachable."""

    def decide(self, packet: Packet, flow: Flow, now: float) -> Decision | None:
        first = packet.opens or packet.protocol == UDP
        if not (first and self.hits(packet, flow)):
            return None
        return Decision(drop=True, to_client=(unreachable_to_client(packet),))


class InjectDns(_Named, frozen=True, kw_only=True):
    """Forged answers to a query for such a name, to whomever it goes.

    Over UDP the query goes on unless it is swallowed, and the truth comes later; over TCP, if
    ``tcp`` is set, it does not.
    """

    addresses: tuple[str, ...]
    """What is forged; a query for the other family's addresses is left alone."""
    count: int = 2
    ip_ttl: int = 57
    tcp: bool = False
    swallow: bool = False

    def decide(self, packet: Packet, flow: Flow, now: float) -> Decision | None:
        if self.hits_query(packet, flow, UDP):
            forged = self._forged(flow.query, self.count)
            frames = [datagram_to_client(packet, answer, self.ip_ttl) for answer in forged]
            return Decision(drop=self.swallow, to_client=tuple(frames)) if frames else None
        if self.tcp and self.hits_query(packet, flow, TCP):
            for answer in self._forged(flow.query, 1):
                return closed(packet, len(answer).to_bytes(2) + answer)
        return None

    def _forged(self, query: bytes, count: int) -> list[bytes]:
        _, kind = asked_name(query)
        fitting = [a for a in self.addresses if kind == (_AAAA if ":" in a else _A)]
        return [
            forged_answer(query, kind, fitting[n % len(fitting)])
            for n in range(count if fitting else 0)
        ]


class DropDns(_Named, frozen=True, kw_only=True):
    """Queries for such a name vanish, over UDP, and over TCP with their connection."""

    def decide(self, packet: Packet, flow: Flow, now: float) -> Decision | None:
        if self.hits_query(packet, flow, TCP):
            return Decision(drop=True, doom=True)
        return DROP if self.hits_query(packet, flow, UDP) else None


class Delay(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """So many seconds more, one way, for everything; up to ``jitter`` seconds beyond that."""

    seconds: float
    jitter: float = 0.0
    seed: int = 0

    def decide(self, packet: Packet, flow: Flow, now: float) -> Decision | None:
        more = self.jitter * flow.memory.rolled(self, self.seed) if self.jitter else 0.0
        return Decision(delay=self.seconds + more)


class Lose(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """A share of all packets vanishes, the same ones each time for the same ``seed``."""

    share: float
    seed: int = 0

    def decide(self, packet: Packet, flow: Flow, now: float) -> Decision | None:
        return DROP if flow.memory.rolled(self, self.seed) < self.share else None


class Limit(_Named, frozen=True, kw_only=True):
    """So many bytes a second, each way, on connections that name such a host; none: on all."""

    names: tuple[str, ...] = ()
    rate: float

    def decide(self, packet: Packet, flow: Flow, now: float) -> Decision | None:
        if self.names and not self.hits_connection(flow):
            return None
        way = (self, flow.from_client)
        begins = max(flow.free_at.get(way, now), now)
        if begins - now > _MOST_SECONDS_LATE:
            return DROP
        flow.free_at[way] = begins + len(packet.payload) / self.rate
        return Decision(delay=flow.free_at[way] - now)


class Police(_Named, frozen=True, kw_only=True):
    """So many bytes a second come on connections that name such a host; all beyond is lost.

    A token bucket: the first of a connection passes at once.
    """

    rate: float
    burst: int = 24_576

    def decide(self, packet: Packet, flow: Flow, now: float) -> Decision | None:
        if flow.from_client or not self.hits_connection(flow):
            return None
        way = (self, False)
        due = max(flow.free_at.get(way, now), now)
        if due - now > self.burst / self.rate:
            return DROP
        flow.free_at[way] = due + len(packet.payload) / self.rate
        return None


class Freeze(_Named, frozen=True, kw_only=True):
    """After so many bytes nothing passes on a connection that names such a host."""

    after: int = 16_384

    def decide(self, packet: Packet, flow: Flow, now: float) -> Decision | None:
        if flow.from_client or flow.answered_from is None or not self.hits_connection(flow):
            return None
        room = self.after - (packet.seq - flow.answered_from & 0xFFFFFFFF)
        if len(packet.payload) + bool(packet.flags & FIN) <= room:
            return None
        return Decision(drop=True, doom=True, to_client=beginning(packet, max(0, room)))


class CutOff(Freeze, frozen=True, kw_only=True):
    """RST to both ends once the client has so many bytes of such a connection."""

    def decide(self, packet: Packet, flow: Flow, now: float) -> Decision | None:
        if not flow.from_client:
            frozen = super().decide(packet, flow, now)
            return None if frozen is None else replace(frozen, doom=False)
        if flow.answered_from is None or not self.hits_connection(flow):
            return None
        has = packet.ack - flow.answered_from & 0xFFFFFFFF
        return reset(packet) if has == self.after and not packet.flags & RST else None


class BlockUdp(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """Datagrams to such a port vanish: all, or from the first that asks for such a name on.

    A name is what a DNS query or the ClientHello in a QUIC Initial asks for.
    """

    port: int
    names: tuple[str, ...] = ()
    subdomains: bool = False

    def decide(self, packet: Packet, flow: Flow, now: float) -> Decision | None:
        if not (flow.from_client and packet.protocol == UDP and packet.dport == self.port):
            return None
        if not self.names:
            return DROP
        name = asked_name(flow.query)[0] if self.port == 53 else flow.sni
        hit = name is not None and is_among(name, self.names, self.subdomains)
        return Decision(drop=True, doom=self.port != 53) if hit else None


AnyCondition = (
    ResetSni | DropSni | CloseSni | AlertSni | ResetHost | DropHost | CloseHost | AnswerHost
    | ResetWord | Residual | DropAddress | RefuseAddress | UnreachableAddress | InjectDns
    | DropDns | Delay | Lose | Limit | Police | Freeze | CutOff | BlockUdp | Narrow | Ration
    | Outage | AnyQuicCondition | StopWord
)  # fmt: skip


@dataclass(slots=True)
class Censor:
    """All conditions of a path: the first that drops a packet decides, delays add up."""

    conditions: Sequence[AnyCondition]
    on: bool = True
    flows: Flows = field(default_factory=Flows)

    def __post_init__(self) -> None:
        """Packets are lost behind the censor: a name it never heard it could not stop."""
        self.conditions = sorted(self.conditions, key=lambda one: isinstance(one, Lose))

    @property
    def awake(self) -> bool:
        """False when every packet would pass untouched."""
        return self.on and bool(self.conditions)

    def switch(self, on: bool) -> None:
        """Begin or cease to interfere; what was going on is forgotten."""
        self.on, self.flows = on, Flows()

    def decide(self, packet: Packet, *, from_client: bool, now: float) -> Decision:
        """What becomes of one packet of one direction."""
        if not self.awake:
            return PASS
        flow = self.flows.of(packet, from_client=from_client)
        if flow.doomed:
            return DROP
        decision = together(one.decide(packet, flow, now) for one in self.conditions)
        flow.doomed = decision.doom
        return flow.in_turn(decision, now) if decision.delay else decision
