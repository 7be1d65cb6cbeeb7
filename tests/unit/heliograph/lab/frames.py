"""Frames as a kernel makes them, built and verified without the code under test."""

import ssl
import struct
from functools import cache
from ipaddress import ip_address

from heliograph.lab.censor import AnyCondition, Censor, Decision
from heliograph.lab.packets import ACK, FIN, PSH, RST, SYN, TCP, UDP, Packet, parse

CLIENT, SERVER = "198.51.100.2", "203.0.113.7"
CLIENT_V6, SERVER_V6 = "2001:db8:1::2", "2001:db8:2::7"
CLIENT_MAC, ROUTER_MAC = bytes.fromhex("020000000001"), bytes.fromhex("020000000002")
HEAD = 14


def summed(data: bytes) -> int:
    """RFC 1071 as the RFC tells it: words added, carries folded; 0xFFFF over what is right."""
    total = 0
    for at in range(0, len(data), 2):
        total += int.from_bytes(data[at : at + 2].ljust(2, b"\0"))
        total = (total & 0xFFFF) + (total >> 16)
    return total


def over_ip(protocol: int, body: bytes, ends: tuple[str, str], *, ttl: int = 64) -> bytes:
    """A frame from the first of two addresses to the other."""
    return _before(protocol, len(body), ends, ttl) + body


@cache
def _before(protocol: int, size: int, ends: tuple[str, str], ttl: int) -> bytes:
    """What stands before a body of this size, which is the same for every body."""
    source, destination = (ip_address(each).packed for each in ends)
    macs = ROUTER_MAC + CLIENT_MAC if ends[0] in {CLIENT, CLIENT_V6} else CLIENT_MAC + ROUTER_MAC
    if len(source) == 16:
        head = struct.pack("!IHBB", 6 << 28, size, protocol, ttl) + source + destination
        return macs + b"\x86\xdd" + head
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + size, 1, 0x4000, ttl, protocol, 0)
    head += source + destination
    head = head[:10] + (0xFFFF - summed(head)).to_bytes(2) + head[12:]
    return macs + b"\x08\x00" + head


def segment(
    payload: bytes = b"",
    *,
    flags: int = ACK | PSH,
    numbers: tuple[int, int] = (1000, 5000),
    ports: tuple[int, int] = (40000, 443),
    ends: tuple[str, str] = (CLIENT, SERVER),
) -> bytes:
    """A TCP segment with an MSS option; ``numbers`` are seq and ack."""
    head = struct.pack("!HHIIBBHHH", *ports, *numbers, 0x60, flags, 64240, 0, 0)
    return over_ip(TCP, head + b"\x02\x04\x05\xb4" + payload, ends)


def datagram(
    payload: bytes,
    *,
    ports: tuple[int, int] = (40000, 53),
    ends: tuple[str, str] = (CLIENT, SERVER),
) -> bytes:
    """A UDP datagram."""
    head = struct.pack("!HHHH", *ports, 8 + len(payload), 0)
    return over_ip(UDP, head + payload, ends)


def read(frame: bytes) -> Packet:
    """The packet in a frame that must have one."""
    packet = parse(frame)
    assert packet is not None
    return packet


def sums_are_right(frame: bytes) -> bool:
    """Whether a receiver would believe the frame's checksums, of IP and of what is in it."""
    if frame[12:14] == b"\x08\x00":
        head, body, protocol = frame[HEAD : HEAD + 20], frame[HEAD + 20 :], frame[23]
        pseudo = frame[26:34] + struct.pack("!BBH", 0, protocol, len(body))
        right = summed(head) == 0xFFFF and int.from_bytes(head[2:4]) == len(frame) - HEAD
    else:
        body, protocol = frame[HEAD + 40 :], frame[20]
        pseudo = frame[22:54] + struct.pack("!IHBB", len(body), 0, 0, protocol)
        right = int.from_bytes(frame[18:20]) == len(body)
    covered = body if protocol == 1 else pseudo + body  # ICMP over IPv4 has no pseudo-header
    return right and summed(covered) == 0xFFFF


def client_hello(name: str | None) -> bytes:
    """What OpenSSL says first."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    sent = ssl.MemoryBIO()
    shaking = context.wrap_bio(ssl.MemoryBIO(), sent, server_hostname=name)
    try:
        shaking.do_handshake()
    except ssl.SSLWantReadError:
        return sent.read()
    raise AssertionError("a handshake with nobody is over")


def request(host: str, target: str = "/") -> bytes:
    """A request in the clear."""
    return f"GET {target} HTTP/1.1\r\nUser-Agent: x\r\nHost: {host}\r\n\r\n".encode()


def query(name: str, kind: int = 1) -> bytes:
    """A DNS query."""
    labels = b"".join(bytes([len(part)]) + part.encode() for part in name.split("."))
    return b"\x12\x34\x01\0\0\1\0\0\0\0\0\0" + labels + b"\0" + struct.pack("!HH", kind, 1)


class Talk:
    """One connection of a client through a censor, packet by packet."""

    def __init__(
        self,
        censor: Censor | AnyCondition,
        *,
        port: int = 443,
        sport: int = 40000,
        v6: bool = False,
    ) -> None:
        self.censor = censor if isinstance(censor, Censor) else Censor((censor,))
        self.ports = (sport, port)
        self.ends = (CLIENT_V6, SERVER_V6) if v6 else (CLIENT, SERVER)
        self.seq, self.ack, self.now = 999, 5000, 100.0

    def opens(self) -> Decision:
        """SYN, and the server's answer if it gets that far."""
        decided = self._to_server(b"", SYN, (self.seq, 0))
        self.seq += 1
        if not decided.drop:
            self._to_client(b"", SYN | ACK, (self.ack - 1, self.seq))
        return decided

    def says(self, data: bytes, *, again: bool = False) -> Decision:
        """The next bytes of the client; ``again``: the same place in the stream once more."""
        seq = self.seq - len(data) if again else self.seq
        if not again:
            self.seq += len(data)
        return self._to_server(data, ACK | PSH, (seq, self.ack))

    def says_at(self, offset: int, data: bytes) -> Decision:
        """Bytes of the client at a place of their own, counted from the next expected byte."""
        return self._to_server(data, ACK | PSH, (self.seq + offset, self.ack))

    def hears(self, data: bytes) -> Decision:
        """The next bytes of the server."""
        decided = self._to_client(data, ACK | PSH, (self.ack, self.seq))
        self.ack += len(data)
        return decided

    def gives_up(self) -> Decision:
        """RST of the client."""
        return self._to_server(b"", RST, (self.seq, self.ack))

    def ends_it(self) -> Decision:
        """FIN of the client."""
        return self._to_server(b"", FIN | ACK, (self.seq, self.ack))

    def asks(self, payload: bytes) -> Decision:
        """A datagram of the client."""
        frame = datagram(payload, ports=self.ports, ends=self.ends)
        return self.censor.decide(read(frame), from_client=True, now=self.now)

    def _to_server(self, data: bytes, flags: int, numbers: tuple[int, int]) -> Decision:
        frame = segment(data, flags=flags, numbers=numbers, ports=self.ports, ends=self.ends)
        return self.censor.decide(read(frame), from_client=True, now=self.now)

    def _to_client(self, data: bytes, flags: int, numbers: tuple[int, int]) -> Decision:
        ports, ends = (self.ports[1], self.ports[0]), (self.ends[1], self.ends[0])
        frame = segment(data, flags=flags, numbers=numbers, ports=ports, ends=ends)
        return self.censor.decide(read(frame), from_client=False, now=self.now)


def opened(
    censor: Censor | AnyCondition, *, port: int = 443, sport: int = 40000, v6: bool = False
) -> Talk:
    """A connection over which nothing was said yet."""
    talk = Talk(censor, port=port, sport=sport, v6=v6)
    talk.opens()
    return talk
