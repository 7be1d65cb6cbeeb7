"""Ethernet frames read and forged: IPv4 and IPv6, TCP and UDP, never an error for garbage."""

import socket
import struct
from dataclasses import dataclass
from typing import Literal

TCP, UDP = 6, 17
FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
_ETHERNET = 14
_IPV4, _IPV6 = 0x0800, 0x86DD
_SEGMENT = 1400
_MASK = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class Packet:
    """One TCP segment or UDP datagram over IP, and the frame it came in."""

    frame: bytes
    version: Literal[4, 6]
    source: bytes
    destination: bytes
    protocol: int
    sport: int
    dport: int
    payload: bytes
    flags: int = 0
    seq: int = 0
    ack: int = 0

    @property
    def client(self) -> str:
        """The source address as text."""
        return _text(self.source)

    @property
    def server(self) -> str:
        """The destination address as text."""
        return _text(self.destination)


def parse(frame: bytes) -> Packet | None:
    """The packet in a frame; None for what is no whole TCP or UDP over IP, fragments included."""
    kind = int.from_bytes(frame[12:14])
    try:
        if kind == _IPV4:
            return _ipv4(frame)
        if kind == _IPV6:
            return _ipv6(frame)
    except (struct.error, IndexError):
        return None
    return None


def _ipv4(frame: bytes) -> Packet | None:
    length = (frame[_ETHERNET] & 0x0F) * 4
    whole, fragment = struct.unpack_from("!HxxH", frame, _ETHERNET + 2)
    if length < 20 or fragment & 0x3FFF:
        return None
    source, destination = frame[26:30], frame[30:34]
    end = _ETHERNET + whole if whole else len(frame)
    return _transport(frame, 4, (source, destination), frame[23], (_ETHERNET + length, end))


def _ipv6(frame: bytes) -> Packet | None:
    (size,) = struct.unpack_from("!H", frame, _ETHERNET + 4)
    source, destination = frame[22:38], frame[38:54]
    end = 54 + size if size else len(frame)
    return _transport(frame, 6, (source, destination), frame[20], (54, end))


def _transport(
    frame: bytes,
    version: Literal[4, 6],
    ends: tuple[bytes, bytes],
    protocol: int,
    span: tuple[int, int],
) -> Packet | None:
    start, end = span
    if protocol == UDP:
        sport, dport = struct.unpack_from("!HH", frame, start)
        return Packet(frame, version, *ends, UDP, sport, dport, frame[start + 8 : end])
    if protocol == TCP:
        sport, dport, seq, ack, offset, flags = struct.unpack_from("!HHIIBB", frame, start)
        payload = frame[start + (offset >> 4) * 4 : end]
        return Packet(frame, version, *ends, TCP, sport, dport, payload, flags, seq, ack)
    return None


# What a censor forges


def reset_to_client(packet: Packet) -> bytes:
    """RST in the server's name, in answer to a segment or a SYN of the client."""
    if packet.flags & SYN:
        return _tcp(packet, RST | ACK, 0, packet.seq + 1)
    return _tcp(packet, RST | ACK, packet.ack, packet.seq + len(packet.payload))


def reset_to_server(packet: Packet) -> bytes:
    """RST in the client's name, in the place of its segment."""
    return _tcp(packet, RST | ACK, packet.seq, packet.ack, onwards=True)


def end_to_client(packet: Packet, after: int = 0) -> bytes:
    """FIN in the server's name, ``after`` bytes of forged data."""
    return _tcp(packet, FIN | ACK, packet.ack + after, packet.seq + len(packet.payload))


def data_to_client(packet: Packet, data: bytes) -> tuple[bytes, ...]:
    """Data in the server's name, in answer to the client's segment."""
    told = packet.seq + len(packet.payload)
    return tuple(
        _tcp(packet, PSH | ACK, packet.ack + at, told, data[at : at + _SEGMENT])
        for at in range(0, len(data), _SEGMENT)
    )


def datagram_to_client(packet: Packet, data: bytes, ttl: int = 64) -> bytes:
    """A datagram in the server's name."""
    head = struct.pack("!HHHH", packet.dport, packet.sport, 8 + len(data), 0)
    check = _checksum(_pseudo(packet, False, UDP, 8 + len(data)) + head + data) or 0xFFFF
    return _framed(packet, UDP, head[:6] + struct.pack("!H", check) + data, ttl)


def unreachable_to_client(packet: Packet) -> bytes:
    """ICMP: the host can't be reached (RFC 792), or its address (RFC 4443)."""
    quoted = packet.frame[_ETHERNET:][: 28 if packet.version == 4 else 48]
    if packet.version == 4:
        head, protocol, pseudo = struct.pack("!BBHI", 3, 1, 0, 0), 1, b""
    else:
        head, protocol = struct.pack("!BBHI", 1, 3, 0, 0), 58
        pseudo = _pseudo(packet, False, 58, 8 + len(quoted))
    check = struct.pack("!H", _checksum(pseudo + head + quoted))
    return _framed(packet, protocol, head[:2] + check + head[4:] + quoted, 64)


def _tcp(
    packet: Packet, flags: int, seq: int, ack: int, data: bytes = b"", *, onwards: bool = False
) -> bytes:
    """A segment back to the client, or ``onwards`` to the server."""
    ports = (packet.sport, packet.dport) if onwards else (packet.dport, packet.sport)
    head = struct.pack("!HHIIBBHHH", *ports, seq & _MASK, ack & _MASK, 0x50, flags, 502, 0, 0)
    check = _checksum(_pseudo(packet, onwards, TCP, 20 + len(data)) + head + data)
    return _framed(
        packet, TCP, head[:16] + struct.pack("!HH", check, 0) + data, 64, onwards=onwards
    )


def _framed(
    packet: Packet, protocol: int, body: bytes, ttl: int, *, onwards: bool = False
) -> bytes:
    destination, source = packet.frame[:6], packet.frame[6:12]
    ethernet = (destination + source if onwards else source + destination) + packet.frame[12:14]
    ends = _ends(packet, onwards)
    if packet.version == 6:
        return ethernet + struct.pack("!IHBB", 0x60000000, len(body), protocol, ttl) + ends + body
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(body), 0, 0x4000, ttl, protocol, 0) + ends
    check = struct.pack("!H", _checksum(head))
    return ethernet + head[:10] + check + head[12:] + body


def _ends(packet: Packet, onwards: bool) -> bytes:
    ends = (packet.source, packet.destination)
    return b"".join(ends if onwards else reversed(ends))


def _pseudo(packet: Packet, onwards: bool, protocol: int, length: int) -> bytes:
    shape = "!BBH" if packet.version == 4 else "!IHxB"
    numbers = (0, protocol, length) if packet.version == 4 else (length, 0, protocol)
    return _ends(packet, onwards) + struct.pack(shape, *numbers)


def _checksum(data: bytes) -> int:
    """RFC 1071."""
    padded = data + b"\0" if len(data) % 2 else data
    total: int = sum(struct.unpack(f"!{len(padded) // 2}H", padded))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def _text(address: bytes) -> str:
    return socket.inet_ntop(socket.AF_INET if len(address) == 4 else socket.AF_INET6, address)
