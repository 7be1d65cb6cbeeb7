"""One connection of a look to a resolver over a stream, used for one query after another."""

import asyncio
from types import TracebackType

from heliograph.failure import Failure
from probes.net.connection import OpenConnection


class Carrier:
    """Held by one query at a time; what failed to open stays failed for the look."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()
        self.made: OpenConnection | None = None
        self.answers = 0
        """How many came over this connection: a close after one is no interference."""
        self.failure: Failure | None = None
        """Why it could not be opened or secured."""

    async def __aenter__(self) -> "Carrier":
        await self._turn.acquire()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._turn.release()

    @property
    def open(self) -> bool:
        """A connection is there that another query can use."""
        made = self.made
        return made is not None and made.stream is not None and not made.stream.closed

    async def drop(self) -> None:
        """Close it; the next query opens another."""
        if self.made is not None:
            await self.made.close()
        self.made = None
