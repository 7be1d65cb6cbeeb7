"""What becomes of a packet, and the forgeries that go with it."""

import struct
from collections.abc import Iterable
from dataclasses import dataclass, replace
from socket import AF_INET, AF_INET6, inet_pton

from heliograph.lab.packets import (
    Packet,
    data_to_client,
    end_to_client,
    reset_to_client,
    reset_to_server,
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
DROP = Decision(drop=True)


def together(decisions: Iterable[Decision | None]) -> Decision:
    """One decision of many: the first that drops is the last that is heard, delays add up."""
    found: Decision | None = None
    for one in decisions:
        if one is None:
            continue
        found = one if found is None else _both(found, one)
        if found.drop:
            break
    return PASS if found is None else found


def _both(one: Decision, other: Decision) -> Decision:
    return replace(
        other,
        delay=one.delay + other.delay,
        to_client=one.to_client + other.to_client,
        to_server=one.to_server + other.to_server,
    )


def reset(packet: Packet, *, doom: bool = True) -> Decision:
    """RST to both ends in the place of a packet; to the client alone in the place of a SYN."""
    return Decision(
        drop=True,
        doom=doom,
        to_client=(reset_to_client(packet),),
        to_server=() if packet.opens else (reset_to_server(packet),),
    )


def outrun(packet: Packet) -> Decision:
    """RST to the client, thrice as such boxes do, before the answer of a server that hears all."""
    return Decision(to_client=(reset_to_client(packet),) * 3)


def closed(packet: Packet, data: bytes = b"") -> Decision:
    """Data in the server's name and FIN to the client; the server is let go."""
    frames = (*data_to_client(packet, data), end_to_client(packet, len(data)))
    return Decision(drop=True, doom=True, to_client=frames, to_server=(reset_to_server(packet),))


def forged_answer(query: bytes, kind: int, address: str) -> bytes:
    """A response with one record, its question the query's (RFC 1035)."""
    end = query.index(0, 12) + 5
    head = query[:2] + struct.pack("!HHHHH", 0x8180, 1, 1, 0, 0)
    packed = inet_pton(AF_INET6 if ":" in address else AF_INET, address)
    record = struct.pack("!HHHIH", 0xC00C, kind, 1, 60, len(packed)) + packed
    return head + query[12:end] + record
