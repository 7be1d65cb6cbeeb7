"""What a censor does to QUIC by name, beside dropping it at once: later, or by a forged close."""

import msgspec

from heliograph.lab.decision import DROP, Decision
from heliograph.lab.flows import Flow
from heliograph.lab.matching import is_among
from heliograph.lab.packets import UDP, Packet, datagram_to_client
from heliograph.lab.quic_close import closing

_PORT = 443


class _NamedQuic(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    names: tuple[str, ...]
    subdomains: bool = False

    def hits(self, packet: Packet, flow: Flow) -> bool:
        """A datagram on a pair of ports on which such a name was said."""
        if packet.protocol != UDP or _PORT not in {packet.dport, packet.sport}:
            return False
        return flow.sni is not None and is_among(flow.sni, self.names, self.subdomains)


class CutQuic(_NamedQuic, frozen=True, kw_only=True):
    """So many seconds after such a name was said, nothing more of the client's goes through."""

    after: float

    def decide(self, packet: Packet, flow: Flow, now: float) -> Decision | None:
        if not (flow.from_client and self.hits(packet, flow)):
            return None
        said = flow.free_at.setdefault((self, True), now)
        return DROP if now >= said + self.after else None


class DropQuic(_NamedQuic, frozen=True, kw_only=True):
    """Such a name vanishes, and for so many seconds whatever its client sends to that server's
    port over UDP."""

    seconds: float

    def decide(self, packet: Packet, flow: Flow, now: float) -> Decision | None:
        if not flow.from_client or packet.protocol != UDP or packet.dport != _PORT:
            return None
        marks, place = flow.memory.until, (self, packet.source, packet.destination)
        if now < marks.get(place, now):
            return DROP
        if not (flow.just_said and self.hits(packet, flow)):
            return None
        marks[place] = now + self.seconds
        return DROP


class CloseQuic(_NamedQuic, frozen=True, kw_only=True):
    """A close in the server's name, in answer to such a name."""

    code: int = 0x100 + 40
    racing: bool = False
    """From beside the path: the client's packet goes on, and the server answers later."""

    def decide(self, packet: Packet, flow: Flow, now: float) -> Decision | None:
        if not (flow.just_said and flow.from_client and self.hits(packet, flow)):
            return None
        forged = datagram_to_client(packet, closing(packet.payload, self.code))
        return Decision(drop=not self.racing, doom=not self.racing, to_client=(forged,))


AnyQuicCondition = CutQuic | DropQuic | CloseQuic
