"""What a censor does about words, wherever in a request in the clear they stand."""

from typing import Literal

import msgspec

from heliograph.lab.decision import Decision, closed, reset
from heliograph.lab.flows import Flow, host_of, target_of
from heliograph.lab.packets import TCP, Packet

Part = Literal["host", "path", "query", "header", "body"]
_METHODS = (b"GET ", b"POST ")
_HEAD_END = b"\r\n\r\n"


class StopWord(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """A request is stopped when such words, in any case, stand in a part of it."""

    part: Part
    words: tuple[str, ...]
    every: bool = False
    """All of them must stand there; else one is enough."""
    how: Literal["reset", "drop", "page"] = "reset"
    response: bytes = b""
    """What is answered in the server's name."""

    def decide(self, packet: Packet, flow: Flow, now: float) -> Decision | None:
        """A packet of the client's is looked at by itself."""
        if not flow.from_client or packet.protocol != TCP or not packet.payload:
            return None
        text = part_of(packet.payload, self.part).lower()
        found = [word.lower() in text for word in self.words]
        if not (all(found) if self.every else any(found)):
            return None
        if self.how == "drop":
            return Decision(drop=True, doom=True)
        return closed(packet, self.response) if self.how == "page" else reset(packet)


def part_of(data: bytes, part: Part) -> str:
    """A part of a request; what begins with no method is the body of one that went before."""
    if not data.startswith(_METHODS):
        return data.decode("latin-1") if part == "body" else ""
    head, _, body = data.partition(_HEAD_END)
    path, _, query = target_of(head).partition("?")
    fields = head.partition(b"\r\n")[2].decode("latin-1")
    return {
        "host": host_of(head) or "",
        "path": path,
        "query": query,
        "header": "\n".join(f for f in fields.split("\r\n") if not f.lower().startswith("host:")),
        "body": body.decode("latin-1"),
    }[part]
