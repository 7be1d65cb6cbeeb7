"""What the client of each connection has said so far, as a box on the path puts it together."""

from collections import OrderedDict
from dataclasses import dataclass

from heliograph.lab.hello import is_whole, looks_like_tls, server_name
from heliograph.lab.packets import FIN, RST, SYN, TCP, Packet

_MOST_FLOWS = 20_000
_MOST_BYTES = 16_384
_HEAD_END = b"\r\n\r\n"


@dataclass(slots=True)
class Flow:
    """One connection: the names it was opened for, and what became of it."""

    from_client: bool = True
    """The packet under the glass goes to the server."""
    sni: str | None = None
    host: str | None = None
    just_said: bool = False
    """The packet under the glass completes what names the host."""
    doomed: bool = False
    free_at: float = 0.0
    brought: int = 0
    said: bytes = b""
    expected: int | None = None
    settled: bool = False


class Flows:
    """The latest connections, bounded in number and in bytes each."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[bytes, int, bytes, int], Flow] = OrderedDict()

    def of(self, packet: Packet, *, from_client: bool) -> Flow:
        """The packet's connection, with what it says taken in."""
        if packet.protocol != TCP:
            return Flow(from_client=from_client)
        here, there = (packet.source, packet.sport), (packet.destination, packet.dport)
        key = (*here, *there) if from_client else (*there, *here)
        if from_client and packet.flags & SYN:
            self._known.pop(key, None)
        flow = self._known.setdefault(key, Flow())
        self._known.move_to_end(key)
        while len(self._known) > _MOST_FLOWS:
            self._known.popitem(last=False)
        flow.from_client, flow.just_said = from_client, False
        if from_client:
            _listen(flow, packet)
        return flow


def _listen(flow: Flow, packet: Packet) -> None:
    """Append the next bytes of the client; those that come out of turn are passed over."""
    if packet.flags & SYN:
        flow.expected = packet.seq + 1 & 0xFFFFFFFF
        return
    if flow.settled or not packet.payload or packet.flags & RST:
        return
    if flow.expected is not None and packet.seq != flow.expected:
        return
    flow.expected = packet.seq + len(packet.payload) & 0xFFFFFFFF
    flow.said += packet.payload
    if looks_like_tls(flow.said):
        if is_whole(flow.said):
            _settle(flow, sni=server_name(flow.said))
    elif _HEAD_END in flow.said:
        _settle(flow, host=host_of(flow.said))
    elif len(flow.said) > _MOST_BYTES or packet.flags & FIN:
        _settle(flow)


def _settle(flow: Flow, sni: str | None = None, host: str | None = None) -> None:
    flow.sni, flow.host = sni, host
    flow.just_said = flow.settled = True
    flow.said = b""


def host_of(head: bytes) -> str | None:
    """The host a request in the clear is for, in lower case and without its port."""
    for line in head.split(b"\r\n")[1:]:
        name, mark, value = line.partition(b":")
        if mark and name.strip().lower() == b"host":
            text = value.strip().decode("latin-1").lower()
            return text.rpartition(":")[0] if text.rpartition(":")[2].isdigit() else text
    return None


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
