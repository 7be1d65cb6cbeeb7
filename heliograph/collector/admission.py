"""How much is done at once: so many in work, so many waiting a short while, the rest sent away."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Busy(Exception):
    """There is no place; try again later."""


class Admission:
    """``parallel`` places to work in and ``waiting`` to wait in, ``patience`` seconds at most."""

    def __init__(self, parallel: int, waiting: int, patience: float) -> None:
        self._places = asyncio.Semaphore(parallel)
        self._most = parallel + waiting
        self._patience = patience
        self._inside = 0

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """Hold a place while the block runs; raises Busy."""
        if self._inside >= self._most:
            raise Busy
        self._inside += 1
        try:
            await self._wait()
            try:
                yield
            finally:
                self._places.release()
        finally:
            self._inside -= 1

    async def _wait(self) -> None:
        try:
            async with asyncio.timeout(self._patience):
                await self._places.acquire()
        except TimeoutError as error:
            raise Busy from error
