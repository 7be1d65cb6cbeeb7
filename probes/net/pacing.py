"""Politeness to addresses: how many connections at once, and how many new ones a second."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager


class _Place:
    """The state of one address."""

    def __init__(self, slots: int) -> None:
        self.slots = asyncio.Semaphore(slots)
        self.next_start = 0.0
        self.users = 0


class Pacer:
    """Shared by all looks of a run, since many targets may live on one address.

    ``connections`` at most are open to one address at once, and ``rate`` new ones begin a second.
    """

    def __init__(self, connections: int, rate: float, clock: Callable[[], float]) -> None:
        self._connections = connections
        self._gap = 1 / rate
        self._clock = clock
        self._places: dict[str, _Place] = {}

    @asynccontextmanager
    async def slot(self, address: str) -> AsyncIterator[None]:
        """Wait for a slot at this address, and hold it while the block runs."""
        place = self._places.setdefault(address, _Place(self._connections))
        place.users += 1
        try:
            async with place.slots:
                await self._wait_turn(place)
                yield
        finally:
            place.users -= 1
            self._forget_idle()

    async def _wait_turn(self, place: _Place) -> None:
        now = self._clock()
        start = max(now, place.next_start)
        place.next_start = start + self._gap
        if start > now:
            await asyncio.sleep(start - now)

    def _forget_idle(self) -> None:
        if len(self._places) < 4096:
            return
        now = self._clock()
        for address in [a for a, p in self._places.items() if not p.users and p.next_start < now]:
            del self._places[address]
