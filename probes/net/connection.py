"""A TCP connection as Net hands it out."""

from contextlib import AsyncExitStack

from heliograph.failure import Failure
from heliograph.plugin import Label
from probes.net.stream import Stream


class OpenConnection:
    """A connection made by Net, or the failed attempt (``stream`` is None then).

    Closing it gives back its place at the address (heliograph's politeness), so Net closes it as
    soon as it is of no more use: after a failure, and after an exchange.
    """

    def __init__(
        self,
        peer: tuple[str, int],
        label: Label,
        resolver: str | None,
        host: str | None,
    ) -> None:
        self.place = AsyncExitStack()
        self.address, self.port = peer
        self.label = label
        self.failure: Failure | None = Failure.INTERRUPTED
        self.stream: Stream | None = None
        self.resolver = resolver
        self.host = host

    async def close(self) -> None:
        """Close it; harmless twice."""
        if self.stream is not None:
            self.stream.close()
        await self.place.aclose()
