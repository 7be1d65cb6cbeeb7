"""Ethernet frames read and forged: IPv4 and IPv6, TCP and UDP, never an error for garbage."""

import socket
import struct
from typing import Literal

import msgspec

TCP, UDP = 6, 17
FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
_ETHERNET = 14
_IPV4, _IPV6 = b"\x08\x00", b"\x86\xdd"
_SEGMENT = 1400
_MASK = 0xFFFFFFFF
_TTL = 64
_QUOTED = 8  # bytes of the transport's header an ICMP message repeats


class Packet(msgspec.Struct, frozen=True, gc=False):
    """One TCP segment or UDP datagram over IP, and the frame it came in."""

    # a struct of msgspec, not a dataclass: one is made for every frame that passes
    frame: bytes
    version: Literal[4, 6]
    source: bytes
    destination: bytes
    ttl: int
    protocol: int
    sport: int
    dport: int
    flags: int
    seq: int
    ack: int
    payload: bytes

    @property
    def src(self) -> str:
        """The source address as text."""
        return _text(self.source)

    @property
    def dst(self) -> str:
        """The destination address as text."""
        return _text(self.destination)

    @property
    def opens(self) -> bool:
        """True for the first segment of a connection."""
        return self.flags & (SYN | ACK) == SYN

    @property
    def after(self) -> int:
        """The sequence number that follows this segment."""
        taken = len(self.payload) + bool(self.flags & SYN) + bool(self.flags & FIN)
        return self.seq + taken & _MASK


def parse(frame: bytes) -> Packet | None:
    """The packet in a frame; None for what is no whole TCP or UDP over IP, fragments included."""
    kind = frame[12:14]
    try:
        if kind == _IPV4:
            return _ipv4(frame)
        if kind == _IPV6:
            return _ipv6(frame)
    except (struct.error, IndexError):
        return None
    return None


def _ipv4(frame: bytes) -> Packet | None:
    first, whole, fragment, ttl, protocol = struct.unpack_from("!BxHxxHBB", frame, _ETHERNET)
    length = (first & 0x0F) * 4
    if first >> 4 != 4 or length < 20 or fragment & 0x3FFF:
        return None
    # a super-packet of the kernel's may be too large for the field, which then says nought
    span = (_ETHERNET + length, _ETHERNET + whole if whole else len(frame))
    return _transport(frame, 4, (frame[26:30], frame[30:34]), (ttl, protocol), span)


def _ipv6(frame: bytes) -> Packet | None:
    first, size, protocol, ttl = struct.unpack_from("!BxxxHBB", frame, _ETHERNET)
    if first >> 4 != 6:
        return None
    span = (54, 54 + size if size else len(frame))
    return _transport(frame, 6, (frame[22:38], frame[38:54]), (ttl, protocol), span)


def _transport(
    frame: bytes,
    version: Literal[4, 6],
    ends: tuple[bytes, bytes],
    ttl_protocol: tuple[int, int],
    span: tuple[int, int],
) -> Packet | None:
    start, end = span
    source, destination = ends
    ttl, protocol = ttl_protocol
    if end > len(frame):
        return None
    if protocol == TCP and end >= start + 20:
        sport, dport, seq, ack, offset, flags = struct.unpack_from("!HHIIBB", frame, start)
        begin, shortest = start + (offset >> 4) * 4, start + 20
        numbers = (sport, dport, flags, seq, ack)
    elif protocol == UDP and end >= start + 8:
        sport, dport = struct.unpack_from("!HH", frame, start)
        begin = shortest = start + 8
        numbers = (sport, dport, 0, 0, 0)
    else:
        return None
    if not shortest <= begin <= end:
        return None
    head = (frame, version, source, destination, ttl, protocol)
    return Packet(*head, *numbers, frame[begin:end])


# What a censor forges


def reset_to_client(packet: Packet) -> bytes:
    """RST in the server's name, in answer to a segment or a SYN of the client."""
    return _tcp(packet, RST | ACK, 0 if packet.opens else packet.ack, packet.after)


def reset_to_server(packet: Packet) -> bytes:
    """RST in the client's name, in the place of its segment."""
    return _tcp(packet, RST | ACK, packet.seq, packet.ack, onwards=True)


def end_to_client(packet: Packet, after: int = 0) -> bytes:
    """FIN in the server's name, ``after`` bytes of forged data."""
    return _tcp(packet, FIN | ACK, packet.ack + after, packet.after)


def data_to_client(packet: Packet, data: bytes) -> tuple[bytes, ...]:
    """Data in the server's name, in answer to the client's segment."""
    return tuple(
        _tcp(packet, PSH | ACK, packet.ack + at, packet.after, data[at : at + _SEGMENT])
        for at in range(0, len(data), _SEGMENT)
    )


def beginning(packet: Packet, size: int) -> tuple[bytes, ...]:
    """The first bytes of a segment as segments of their own, on the same way."""
    data = packet.payload[:size]
    return tuple(
        _tcp(packet, ACK, packet.seq + at, packet.ack, data[at : at + _SEGMENT], onwards=True)
        for at in range(0, len(data), _SEGMENT)
    )


def datagram_to_client(packet: Packet, data: bytes, ttl: int = _TTL) -> bytes:
    """A datagram in the server's name."""
    head = struct.pack("!HHH", packet.dport, packet.sport, 8 + len(data))
    check = _checksum(_pseudo(packet, False, UDP, 8 + len(data)) + head + data)
    return _framed(packet, UDP, head + check + data, ttl)


def unreachable_to_client(packet: Packet) -> bytes:
    """ICMP: the host can't be reached (RFC 792), or its address (RFC 4443)."""
    if packet.version == 4:
        length = (packet.frame[_ETHERNET] & 0x0F) * 4
        kind, protocol = b"\x03\x01", 1
    else:
        length, kind, protocol = 40, b"\x01\x03", 58
    rest = bytes(4) + packet.frame[_ETHERNET : _ETHERNET + length + _QUOTED]
    covered = kind + rest
    if packet.version == 6:
        covered = _pseudo(packet, False, protocol, len(rest) + 4) + covered
    return _framed(packet, protocol, kind + _checksum(covered) + rest, _TTL)


def _tcp(
    packet: Packet, flags: int, seq: int, ack: int, data: bytes = b"", *, onwards: bool = False
) -> bytes:
    """A segment back to whoever sent the packet, or ``onwards`` with it."""
    ports = (packet.sport, packet.dport) if onwards else (packet.dport, packet.sport)
    head = struct.pack("!HHIIBBH", *ports, seq & _MASK, ack & _MASK, 0x50, flags, 502)
    check = _checksum(_pseudo(packet, onwards, TCP, 20 + len(data)) + head + data)
    return _framed(packet, TCP, head + check + bytes(2) + data, _TTL, onwards=onwards)


def _framed(
    packet: Packet, protocol: int, body: bytes, ttl: int, *, onwards: bool = False
) -> bytes:
    destination, source = packet.frame[:6], packet.frame[6:12]
    ethernet = (destination + source if onwards else source + destination) + packet.frame[12:14]
    ends = _ends(packet, onwards)
    if packet.version == 6:
        return ethernet + struct.pack("!IHBB", 0x60000000, len(body), protocol, ttl) + ends + body
    head = struct.pack("!BBHHHBB", 0x45, 0, 20 + len(body), 0, 0x4000, ttl, protocol)
    return ethernet + head + _checksum(head + ends) + ends + body


def _ends(packet: Packet, onwards: bool) -> bytes:
    if onwards:
        return packet.source + packet.destination
    return packet.destination + packet.source


def _pseudo(packet: Packet, onwards: bool, protocol: int, length: int) -> bytes:
    """What a transport's checksum covers beside its own bytes."""
    shape = "!HH" if packet.version == 4 else "!II"
    return _ends(packet, onwards) + struct.pack(shape, protocol, length)


def _checksum(covered: bytes) -> bytes:
    """RFC 1071; never nought, which UDP takes for "none"."""
    padded = covered + bytes(len(covered) % 2)
    # the sum of 16-bit words with end-around carry is the remainder by 2^16 - 1
    return struct.pack("!H", 0xFFFF - int.from_bytes(padded) % 0xFFFF)


def _text(address: bytes) -> str:
    return socket.inet_ntop(socket.AF_INET if len(address) == 4 else socket.AF_INET6, address)
