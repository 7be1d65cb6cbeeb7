"""What the client of each connection has said so far, as a box on the path puts it together."""

import random
from dataclasses import dataclass, field, replace

from heliograph.lab.decision import Decision
from heliograph.lab.hello import is_whole, looks_like_tls, spelled_name
from heliograph.lab.packets import SYN, TCP, Packet
from heliograph.lab.quic import Initials

_MOST_FLOWS = 20_000
_MOST_BYTES = 16_384
_MOST_EARLY = 16
_HEAD_END = b"\r\n\r\n"
_METHODS = (b"GET ", b"HEAD ", b"POST ", b"PUT ", b"DELETE ", b"OPTIONS ", b"PATCH ", b"CONNECT ")
_DNS, _QUIC = 53, 443
_EMPTY_RECORD = 5
_LARGEST = 1460
"""Bytes that a segment of an Ethernet carries at most, without options."""
_MASK = 0xFFFFFFFF


@dataclass(slots=True)
class Memory:
    """What conditions remember beyond one connection; keys begin with the condition itself."""

    until: dict[tuple[object, ...], float] = field(default_factory=dict)
    dice: dict[object, random.Random] = field(default_factory=dict)

    def rolled(self, condition: object, seed: int) -> float:
        """The next number of a condition's own chance, from 0 to 1."""
        if condition not in self.dice:
            self.dice[condition] = random.Random(seed)  # noqa: S311 - weather, no secret
        return self.dice[condition].random()


@dataclass(slots=True)
class Flow:
    """One connection, or one pair of UDP ports: the names it is for, and what became of it."""

    memory: Memory
    from_client: bool = True
    """The packet under the glass goes to the server."""
    just_said: bool = False
    """The packet under the glass completes what names the host."""
    spelled: str | None = None
    """The name in the ClientHello, with capitals as they were sent."""
    host: str | None = None
    target: str = ""
    """Path and query of the latest request in the clear."""
    query: bytes = b""
    """The latest DNS message of the client, over UDP or TCP."""
    doomed: bool = False
    free_at: dict[tuple[object, bool], float] = field(default_factory=dict)
    """When a limited direction has room again."""
    latest: dict[bool, float] = field(default_factory=dict)
    """When the last delayed packet of each direction goes on."""
    answered_from: int | None = None
    """The sequence number of the server's first byte."""
    initials: Initials = field(default_factory=Initials)
    segments: int = 0
    """How many segments with bytes the client has sent until its name was heard."""
    _base: int | None = None
    _said: bytearray = field(default_factory=bytearray)
    _early: dict[int, bytes] = field(default_factory=dict)
    _settled: bool = False

    @property
    def sni(self) -> str | None:
        """The name in the ClientHello, in lower case."""
        return None if self.spelled is None else self.spelled.lower()

    @property
    def held(self) -> int:
        """How many bytes of the client's are kept."""
        return len(self._said) + sum(map(len, self._early.values()))

    def in_turn(self, decision: Decision, now: float) -> Decision:
        """The decision, with the packet not before those of its direction that wait already."""
        due = max(now + decision.delay, self.latest.get(self.from_client, now))
        self.latest[self.from_client] = due
        return replace(decision, delay=due - now)

    def take(self, packet: Packet) -> None:
        """Look at the next packet of either end."""
        self.just_said = False
        if packet.protocol != TCP:
            self._take_datagram(packet)
        elif self.from_client:
            self._take_segment(packet)
        elif packet.flags & SYN:
            self.answered_from = packet.after
        elif self.answered_from is None:
            self.answered_from = packet.seq

    def _take_datagram(self, packet: Packet) -> None:
        if not self.from_client:
            return
        if packet.dport == _DNS:
            self.query, self.just_said = packet.payload, True
        elif packet.dport == _QUIC and not self._settled:
            self.initials.take(packet.payload)
            record = self.initials.record
            if len(record) > _EMPTY_RECORD and is_whole(record):
                self.spelled = spelled_name(record)
                self._settle()

    def _take_segment(self, packet: Packet) -> None:
        """Put the client's bytes in order: they come split, twice or out of turn."""
        if packet.flags & SYN:
            self._base = packet.after
            return
        if not packet.payload:
            return
        if self._base is None:
            self._base = packet.seq
        if not self._settled:  # between namespaces the kernel hands over several as one
            self.segments += -(-len(packet.payload) // _LARGEST)
        self._place(packet.seq - self._base & _MASK, packet.payload)
        while (early := self._early.pop(len(self._said), None)) is not None:
            self._place(len(self._said), early)
        self._listen(packet.dport)

    def _place(self, offset: int, data: bytes) -> None:
        if self._settled:
            return
        known = len(self._said)
        if offset <= known:
            self._said += data[known - offset :][: _MOST_BYTES - known]
        elif offset < _MOST_BYTES and len(self._early) < _MOST_EARLY:
            self._early[offset] = data

    def _listen(self, port: int) -> None:
        said = bytes(self._said)
        if self._settled or not said:
            return
        if port == _DNS:
            self._ask(said)
        elif looks_like_tls(said):
            if is_whole(said):
                self.spelled = spelled_name(said)
                self._settle()
        elif _HEAD_END in said:
            self._request(said)
        elif len(said) >= _MOST_BYTES:
            self._name_by(said)
            self._settle()

    def _name_by(self, head: bytes) -> None:
        """Whatever comes first counts as a request; later, bodies must not."""
        if self.host is None or head.startswith(_METHODS):
            self.host, self.target = host_of(head), target_of(head)

    def _request(self, said: bytes) -> None:
        """A whole request; another may follow on the same connection."""
        self._name_by(said)
        if said.startswith(_METHODS):
            self.just_said = True
            self._forget(said.index(_HEAD_END) + len(_HEAD_END))
        else:
            self._settle()

    def _ask(self, said: bytes) -> None:
        size = 2 + int.from_bytes(said[:2])
        if len(said) >= size:
            self.query, self.just_said = said[2:size], True
            self._forget(size)

    def _settle(self) -> None:
        self.just_said = self._settled = True
        self._said.clear()
        self._early.clear()

    def _forget(self, size: int) -> None:
        """The next message begins after so many bytes."""
        assert self._base is not None
        self._base = self._base + size & _MASK
        del self._said[:size]
        self._early.clear()


class Flows:
    """The latest connections, bounded in number and in bytes each."""

    def __init__(self) -> None:
        self._known: dict[tuple[bytes, int, bytes, int, int], Flow] = {}
        self._memory = Memory()

    def __len__(self) -> int:
        return len(self._known)

    def of(self, packet: Packet, *, from_client: bool) -> Flow:
        """The packet's connection, with what it says taken in."""
        here, there = (packet.source, packet.sport), (packet.destination, packet.dport)
        ends = (*here, *there) if from_client else (*there, *here)
        key = (*ends, packet.protocol)
        flow = self._known.get(key)
        if flow is None or (from_client and packet.opens):
            flow = self._new(key)
        flow.from_client = from_client
        flow.take(packet)
        return flow

    def _new(self, key: tuple[bytes, int, bytes, int, int]) -> Flow:
        self._known.pop(key, None)
        if len(self._known) >= _MOST_FLOWS:
            del self._known[next(iter(self._known))]
        self._known[key] = flow = Flow(self._memory)
        return flow


def host_of(head: bytes) -> str | None:
    """The host a request in the clear is for, in lower case and without its port."""
    for line in head.split(b"\r\n")[1:]:
        name, mark, value = line.partition(b":")
        if mark and name.strip().lower() == b"host":
            text = value.strip().decode("latin-1").lower()
            before, _, port = text.rpartition(":")
            return before if before and port.isdigit() else text
    return None


def target_of(head: bytes) -> str:
    """What a request in the clear asks for: path and query."""
    words = head.partition(b"\r\n")[0].split(b" ")
    return words[1].decode("latin-1") if len(words) > 1 else ""


def asked_name(query: bytes) -> tuple[str | None, int]:
    """The name and the type number a DNS query asks for, in lower case; None for garbage."""
    labels, at = [], 12
    while at < len(query) and 0 < query[at] < 64:
        labels.append(query[at + 1 : at + 1 + query[at]])
        at += 1 + query[at]
    if not labels or at + 5 > len(query) or query[at] != 0:
        return None, 0
    name = b".".join(labels).decode("latin-1").lower()
    return name, int.from_bytes(query[at + 1 : at + 3])
