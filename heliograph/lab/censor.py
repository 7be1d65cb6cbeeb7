"""What a censor on the path does: small values, each of which decides about one packet.

Names match whole hosts and those below them when ``subdomains`` is set; a condition on names
holds on any address, whoever answers there.
"""

import random
import struct
from collections.abc import Iterable
from dataclasses import dataclass, field
from socket import AF_INET, AF_INET6, inet_pton
from typing import Protocol

import msgspec

from heliograph.lab.flows import Flow, Flows, asked_name
from heliograph.lab.packets import (
    SYN,
    TCP,
    UDP,
    Packet,
    data_to_client,
    datagram_to_client,
    end_to_client,
    reset_to_client,
    reset_to_server,
    unreachable_to_client,
)


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of a packet, and what is sent in the name of others."""

    drop: bool = False
    delay: float = 0.0
    """Seconds, beside the path's own."""
    doom: bool = False
    """Nothing of this flow passes from now on."""
    to_client: tuple[bytes, ...] = ()
    to_server: tuple[bytes, ...] = ()


PASS = Decision()
_DROP = Decision(drop=True)


class Condition(Protocol):
    """Looks at one packet; None means that it is none of its business."""

    def decide(self, packet: Packet, flow: Flow, now: float) -> Decision | None:
        """What to do; ``flow`` holds what the client has said so far."""


class _Named(msgspec.Struct, frozen=True, kw_only=True):
    names: tuple[str, ...]
    subdomains: bool = False

    def hits(self, name: str | None) -> bool:
        if name is None:
            return False
        if name in self.names:
            return True
        return self.subdomains and any(name.endswith(f".{own}") for own in self.names)


class _OfHello(_Named, frozen=True, kw_only=True):
    """A condition that holds at the moment a ClientHello with such a name is whole."""

    def decide(self, packet: Packet, flow: Flow, now: float) -> Decision | None:
        return self.act(packet) if flow.just_said and self.hits(flow.sni) else None

    def act(self, packet: Packet) -> Decision:
        raise AssertionError("each kind says what it does")


class ResetSni(_OfHello, frozen=True, tag=True):
    """RST to both ends after a ClientHello with such a name."""

    def act(self, packet: Packet) -> Decision:
        return _reset(packet)


class DropSni(_OfHello, frozen=True, tag=True):
    """The ClientHello vanishes, and whatever follows on its connection."""

    def act(self, packet: Packet) -> Decision:
        return Decision(drop=True, doom=True)


class CloseSni(_OfHello, frozen=True, tag=True):
    """FIN to the client after a ClientHello with such a name."""

    def act(self, packet: Packet) -> Decision:
        return _closed(packet)


class AlertSni(_OfHello, frozen=True, tag=True, kw_only=True):
    """A fatal TLS alert, then FIN, in the place of a ServerHello."""

    number: int = 40

    def act(self, packet: Packet) -> Decision:
        return _closed(packet, bytes([21, 3, 3, 0, 2, 2, self.number]))


class _OfRequest(_OfHello, frozen=True, kw_only=True):
    """A condition that holds at the moment a request in the clear to such a host is whole."""

    def decide(self, packet: Packet, flow: Flow, now: float) -> Decision | None:
        return self.act(packet) if flow.just_said and self.hits(flow.host) else None


class ResetHost(_OfRequest, frozen=True, tag=True):
    """RST to both ends after a request to such a host."""

    def act(self, packet: Packet) -> Decision:
        return _reset(packet)


class DropHost(_OfRequest, frozen=True, tag=True):
    """The request vanishes, and whatever follows on its connection."""

    def act(self, packet: Packet) -> Decision:
        return Decision(drop=True, doom=True)


class CloseHost(_OfRequest, frozen=True, tag=True):
    """FIN to the client after a request to such a host."""

    def act(self, packet: Packet) -> Decision:
        return _closed(packet)


class AnswerHost(_OfRequest, frozen=True, tag=True, kw_only=True):
    """A response of the censor's in the server's name, which never sees the request."""

    response: bytes

    def act(self, packet: Packet) -> Decision:
        return _closed(packet, self.response)


class _Addressed(msgspec.Struct, frozen=True, kw_only=True):
    addresses: tuple[str, ...]
    port: int | None = None

    def hits(self, packet: Packet) -> bool:
        if packet.protocol != TCP or packet.server not in self.addresses:
            return False
        return self.port is None or packet.dport == self.port


class DropAddress(_Addressed, frozen=True, tag=True):
    """Whatever goes to such an address by TCP vanishes."""

    def decide(self, packet: Packet, flow: Flow, now: float) -> Decision | None:
        return _DROP if flow.from_client and self.hits(packet) else None


class RefuseAddress(_Addressed, frozen=True, tag=True):
    """A SYN to such an address is answered by RST."""

    def decide(self, packet: Packet, flow: Flow, now: float) -> Decision | None:
        if not (flow.from_client and packet.flags & SYN and self.hits(packet)):
            return None
        return Decision(drop=True, to_client=(reset_to_client(packet),))


class UnreachableAddress(_Addressed, frozen=True, tag=True):
    """A SYN to such an address is answered by ICMP: unreachable."""

    def decide(self, packet: Packet, flow: Flow, now: float) -> Decision | None:
        if not (flow.from_client and packet.flags & SYN and self.hits(packet)):
            return None
        return Decision(drop=True, to_client=(unreachable_to_client(packet),))


class InjectDns(_Named, frozen=True, tag=True, kw_only=True):
    """Forged answers to a query for such a name over UDP, to whomever it goes; it goes on."""

    addresses: tuple[str, ...]
    count: int = 2
    ip_ttl: int = 57

    def decide(self, packet: Packet, flow: Flow, now: float) -> Decision | None:
        if not (flow.from_client and packet.protocol == UDP and packet.dport == 53):
            return None
        name, kind = asked_name(packet.payload)
        fitting = [a for a in self.addresses if (":" in a) == (kind == 28)]
        if not self.hits(name) or kind not in {1, 28} or not fitting:
            return None
        forged = [
            datagram_to_client(
                packet, _answer(packet.payload, kind, fitting[n % len(fitting)]), self.ip_ttl
            )
            for n in range(self.count)
        ]
        return Decision(to_client=tuple(forged))


class DropDns(_Named, frozen=True, tag=True):
    """Queries for such a name over UDP vanish."""

    def decide(self, packet: Packet, flow: Flow, now: float) -> Decision | None:
        if not (flow.from_client and packet.protocol == UDP and packet.dport == 53):
            return None
        return _DROP if self.hits(asked_name(packet.payload)[0]) else None


class Delay(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """So many seconds more, one way, for everything; up to ``jitter`` seconds beyond that."""

    seconds: float
    jitter: float = 0.0

    def decide(self, packet: Packet, flow: Flow, now: float) -> Decision | None:
        return Decision(delay=self.seconds + self.jitter * _chance(packet))


class Lose(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """A share of all packets vanishes."""

    share: float

    def decide(self, packet: Packet, flow: Flow, now: float) -> Decision | None:
        return _DROP if random.random() < self.share else None  # noqa: S311 - weather, no secret


class Limit(_Named, frozen=True, tag=True, kw_only=True):
    """So many bytes a second to the client, on connections that name such a host."""

    rate: float

    def decide(self, packet: Packet, flow: Flow, now: float) -> Decision | None:
        if flow.from_client or not (self.hits(flow.sni) or self.hits(flow.host)):
            return None
        flow.free_at = max(flow.free_at, now) + len(packet.payload) / self.rate
        return Decision(delay=flow.free_at - now)


class Freeze(_Named, frozen=True, tag=True, kw_only=True):
    """After so many bytes nothing reaches the client on a connection that names such a host."""

    after: int = 16_384

    def decide(self, packet: Packet, flow: Flow, now: float) -> Decision | None:
        if flow.from_client or not (self.hits(flow.sni) or self.hits(flow.host)):
            return None
        flow.brought += len(packet.payload)
        return _DROP if flow.brought > self.after else None


class BlockUdp(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """Datagrams to such a port vanish."""

    port: int

    def decide(self, packet: Packet, flow: Flow, now: float) -> Decision | None:
        hit = flow.from_client and packet.protocol == UDP and packet.dport == self.port
        return _DROP if hit else None


AnyCondition = (
    ResetSni | DropSni | CloseSni | AlertSni | ResetHost | DropHost | CloseHost | AnswerHost
    | DropAddress | RefuseAddress | UnreachableAddress | InjectDns | DropDns
    | Delay | Lose | Limit | Freeze | BlockUdp
)  # fmt: skip


@dataclass(slots=True)
class Censor:
    """All conditions of a path: the first that drops a packet decides, delays add up."""

    conditions: tuple[AnyCondition, ...]
    on: bool = True
    flows: Flows = field(default_factory=Flows)

    def decide(self, packet: Packet, *, from_client: bool, now: float) -> Decision:
        """What becomes of one packet of one direction."""
        if not self.on:
            return PASS
        flow = self.flows.of(packet, from_client=from_client)
        if flow.doomed:
            return _DROP
        found = [c.decide(packet, flow, now) for c in self.conditions]
        decision = _together(d for d in found if d is not None)
        flow.doomed = decision.doom
        return decision


def _together(decisions: Iterable[Decision]) -> Decision:
    delay = 0.0
    to_client: tuple[bytes, ...] = ()
    to_server: tuple[bytes, ...] = ()
    for one in decisions:
        delay += one.delay
        to_client += one.to_client
        to_server += one.to_server
        if one.drop:
            return Decision(True, delay, one.doom, to_client, to_server)
    return Decision(False, delay, False, to_client, to_server) if delay or to_client else PASS


def _reset(packet: Packet) -> Decision:
    return Decision(
        drop=True,
        doom=True,
        to_client=(reset_to_client(packet),),
        to_server=(reset_to_server(packet),),
    )


def _closed(packet: Packet, data: bytes = b"") -> Decision:
    """Data of ours and FIN to the client; the server is let go."""
    frames = (*data_to_client(packet, data), end_to_client(packet, len(data)))
    return Decision(drop=True, doom=True, to_client=frames, to_server=(reset_to_server(packet),))


def _answer(query: bytes, kind: int, address: str) -> bytes:
    """A response with one record, its question the query's (RFC 1035)."""
    end = query.index(0, 12) + 5
    head = query[:2] + struct.pack("!HHHHH", 0x8180, 1, 1, 0, 0)
    packed = inet_pton(AF_INET if kind == 1 else AF_INET6, address)
    record = struct.pack("!HHHIH", 0xC00C, kind, 1, 60, len(packed)) + packed
    return head + query[12:end] + record


def _chance(packet: Packet) -> float:
    return (hash((packet.seq, packet.sport, len(packet.frame))) % 1000) / 1000
