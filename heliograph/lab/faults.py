"""What goes wrong on a way, or at a server's door, and is meant against nobody's name."""

import msgspec

from heliograph.lab.decision import DROP, Decision
from heliograph.lab.flows import Flow
from heliograph.lab.matching import is_within
from heliograph.lab.packets import TCP, Packet, reset_to_client


class _Fault(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    addresses: tuple[str, ...]
    """Single ones, or networks in CIDR notation."""

    def opens(self, packet: Packet, flow: Flow) -> bool:
        """Whether this is the first segment of a connection to one of them."""
        return flow.from_client and packet.opens and is_within(packet.destination, self.addresses)


class Narrow(_Fault, frozen=True, kw_only=True):
    """What comes from there in segments of more than so many bytes vanishes, and nobody is told.

    An MTU black hole: a link takes no larger packets, and the ICMP that says so is lost.
    """

    most: int

    def decide(self, packet: Packet, flow: Flow, now: float) -> Decision | None:
        if flow.from_client or packet.protocol != TCP or len(packet.payload) <= self.most:
            return None
        return DROP if is_within(packet.source, self.addresses) else None


class Ration(_Fault, frozen=True, kw_only=True):
    """Of each client so many connections are taken in so many seconds, and further ones reset.

    A server's firewall does so, whatever the client is there for; many behind one address share.
    """

    most: int
    seconds: float

    def decide(self, packet: Packet, flow: Flow, now: float) -> Decision | None:
        if not self.opens(packet, flow):
            return None
        until = flow.memory.until
        places = [(self, packet.source, packet.destination, n) for n in range(self.most)]
        free = next((place for place in places if until.get(place, now) <= now), None)
        if free is None:
            return Decision(drop=True, to_client=(reset_to_client(packet),))
        until[free] = now + self.seconds
        return None


class Outage(_Fault, frozen=True, kw_only=True):
    """From the first connection on every one is refused for so many seconds; then all is well.

    A server that starts anew, or a member that is replaced.
    """

    seconds: float

    def decide(self, packet: Packet, flow: Flow, now: float) -> Decision | None:
        if not self.opens(packet, flow):
            return None
        ends = flow.memory.until.setdefault((self, packet.destination), now + self.seconds)
        return Decision(drop=True, to_client=(reset_to_client(packet),)) if now < ends else None
