"""The packets that come back for a sweep's connections, as they arrive: fields an injector chose.

Nothing is sent here. Raw sockets need rights; the kernel gives them IPv4 packets with their
headers, so IPv6 is not captured. Packets of others are never looked at: the one socket takes
nothing but what the target's server is said to have sent, the other ICMP that quotes our own.
"""

import asyncio
import struct
from contextlib import suppress
from dataclasses import dataclass
from socket import (
    AF_INET,
    IPPROTO_ICMP,
    IPPROTO_TCP,
    SO_RCVBUF,
    SOCK_RAW,
    SOL_SOCKET,
    inet_ntoa,
    socket,
)

import msgspec

from heliograph.detail import Caught

_SOL_RAW, _ICMP_FILTER = 255, 1
_TIME_EXCEEDED = 11
_ALL_BUT_EXPIRED = struct.pack("=I", 0xFFFFFFFF & ~(1 << _TIME_EXCEEDED))
_BUFFER = 1 << 20
_MOST = 4096
_SHOWN = 32
_IP = struct.Struct("!BxHHHBB2x4s4s")
_ICMP_HEADER = 8
_FLAGS = "FSRPAUEC"


def may_capture() -> bool:
    """Whether this process has the right to raw sockets."""
    try:
        socket(AF_INET, SOCK_RAW, IPPROTO_TCP).close()
    except OSError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class _Packet:
    at: float
    data: bytes


class Capture:
    """Takes packets between ``begin`` and ``close``; raises PermissionError without the rights."""

    def __init__(self, address: str, port: int) -> None:
        self._peer = (address, port)
        self._packets: list[_Packet] = []
        self._by_port: dict[int, list[tuple[float, Caught]]] = {}
        self._socks = [socket(AF_INET, SOCK_RAW, IPPROTO_TCP)]
        try:
            self._socks.append(socket(AF_INET, SOCK_RAW, IPPROTO_ICMP))
            self._socks[0].connect((address, 0))
            self._socks[1].setsockopt(_SOL_RAW, _ICMP_FILTER, _ALL_BUT_EXPIRED)
        except OSError:
            self.close()
            raise
        for sock in self._socks:
            sock.setblocking(False)
            sock.setsockopt(SOL_SOCKET, SO_RCVBUF, _BUFFER)

    def begin(self) -> None:
        """Take what comes from now on."""
        loop = asyncio.get_running_loop()
        for sock in self._socks:
            loop.add_reader(sock.fileno(), self._take, sock)

    def _take(self, sock: socket) -> None:
        now = asyncio.get_running_loop().time()
        with suppress(BlockingIOError):
            while len(self._packets) < _MOST:
                self._packets.append(_Packet(now, sock.recv(65535)))

    def close(self) -> None:
        """Take no more; harmless twice."""
        for sock in self._socks:
            if sock.fileno() >= 0:
                with suppress(RuntimeError):
                    asyncio.get_running_loop().remove_reader(sock.fileno())
                sock.close()

    def caught(self, port: int, since: float) -> tuple[Caught, ...]:
        """What came for our port, packets of one kind together, in the order of their first."""
        found: dict[str, Caught] = {}
        for at, one in self._read().get(port, ()):
            if at >= since:
                dated = msgspec.structs.replace(one, count=0, after=round(at - since, 6))
                first = found.setdefault(one.kind, dated)
                found[one.kind] = msgspec.structs.replace(first, count=first.count + 1)
        return tuple(found.values())

    def _read(self) -> dict[int, list[tuple[float, Caught]]]:
        """All packets by our port, each read once."""
        for packet in sorted(self._packets, key=lambda packet: packet.at):
            told = read_packet(packet.data, self._peer)
            if told is not None:
                self._by_port.setdefault(told[0], []).append((packet.at, told[1]))
        self._packets.clear()
        return self._by_port


def read_packet(data: bytes, peer: tuple[str, int]) -> tuple[int, Caught] | None:
    """One packet, and the port of ours that it is for or about; None where it is not about that
    peer. Never raises."""
    try:
        packet = _ip(data)
        if packet.protocol == IPPROTO_ICMP:
            quoted = _ip(packet.body[_ICMP_HEADER:])
            ours, theirs = struct.unpack_from("!HH", quoted.body)
            is_expired = packet.body[0] == _TIME_EXCEEDED and quoted.protocol == IPPROTO_TCP
            about = is_expired and (quoted.destination, theirs) == peer
            return (ours, _caught(packet, "expired")) if about else None
        theirs, ours = struct.unpack_from("!HH", packet.body)
        if packet.protocol != IPPROTO_TCP or (packet.source, theirs) != peer:
            return None
        found = _segment(packet)
        return None if found is None else (ours, found)
    except (struct.error, IndexError):
        return None


@dataclass(frozen=True, slots=True)
class _Ip:
    """An IPv4 packet (RFC 791): what is recorded of its header, and what it carries."""

    source: str
    destination: str
    protocol: int
    ttl: int
    number: int
    dont_fragment: bool
    body: bytes


def _ip(data: bytes) -> _Ip:
    """Raises struct.error for what is none."""
    first, size, number, fragment, ttl, protocol, source, destination = _IP.unpack_from(data)
    length = (first & 0x0F) * 4
    if first >> 4 != 4 or length < _IP.size:
        raise struct.error("no IPv4 packet")
    return _Ip(
        source=inet_ntoa(source),
        destination=inet_ntoa(destination),
        protocol=protocol,
        ttl=ttl,
        number=number,
        dont_fragment=bool(fragment & 0x4000),
        body=data[length : size or None],
    )


def _segment(packet: _Ip) -> Caught | None:
    """A TCP segment (RFC 9293); None for one that only acknowledges."""
    offset, bits, window = struct.unpack_from("!BBH", packet.body, 12)
    flags = "".join(letter for n, letter in enumerate(_FLAGS) if bits >> n & 1)
    payload = packet.body[(offset >> 4) * 4 :]
    kind = _kind(flags, payload)
    if kind is None:
        return None
    return msgspec.structs.replace(
        _caught(packet, kind),
        flags=flags,
        window=window,
        size=len(payload),
        payload=payload[:_SHOWN].hex() if kind == "reset" else "",
    )


def _kind(flags: str, payload: bytes) -> str | None:
    if "R" in flags:
        return "reset"
    if payload:
        return "data"
    return "end" if "F" in flags else None


def _caught(packet: _Ip, kind: str) -> Caught:
    return Caught(
        kind=kind,
        ip_ttl=packet.ttl,
        ip_id=packet.number,
        dont_fragment=packet.dont_fragment,
    )
