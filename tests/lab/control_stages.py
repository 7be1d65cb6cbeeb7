"""Controls for the door to ask: what a server that is one, or plays one, says to a request."""

from dataclasses import dataclass, field

import msgspec

from heliograph.control import ControlPlace, ControlReply
from heliograph.lab import responses
from heliograph.lab.origins import Origin
from heliograph.lab.request import Request as Heard
from heliograph.lab.responses import HttpStage
from heliograph.lab.wire import Stream
from heliograph.model import Step
from probes.net.surroundings import Controls
from tests.lab.net_fixtures import HERE

TOKEN = "s3cret-t0ken"
URL = "https://site.example/"
OURS = "203.0.114.7"
"""What a control takes the caller's address to be."""


@dataclass
class Control:
    """Answers each request with the next stage, the last one for ever, and keeps the requests."""

    stages: tuple[HttpStage, ...]
    heard: list[Heard] = field(default_factory=list)

    async def __call__(self, stream: Stream, request: Heard) -> None:
        self.heard.append(request)
        await self.stages[min(len(self.heard), len(self.stages)) - 1](stream, request)


def says(*steps: Step, observed: str | None = OURS) -> HttpStage:
    """A control's answer with these steps."""
    reply = ControlReply(steps=steps, software="lab", observed_address=observed)
    return told(msgspec.json.encode(reply))


def told(body: bytes, status: int = 200, *headers: tuple[str, str]) -> HttpStage:
    """A response with this body, JSON or not."""
    kind = ("Content-Type", "application/json")
    return responses.page(body, status=status, headers=[kind, *headers])


def busy(*headers: tuple[str, str]) -> HttpStage:
    """A control that has no time."""
    return told(b"{}", 503, *headers)


def asking(*texts: str) -> Controls:
    """The controls of a run, with a token."""
    return Controls(places=tuple(map(ControlPlace.parse, texts)), token=TOKEN)


def at(origin: Origin) -> str:
    """Where a control answers without TLS."""
    return f"http://{HERE}:{origin.port}"
