"""What ends a run before its time, whatever it is doing: a pause, or a clock that jumped."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from scheduler.allowance import EarlyEnd

PAUSED = "paused"
CLOCK_JUMPED = "clock_jumped"
CONSENT_OVER = "consent_over"
FORGOTTEN = "forgotten"
UNINSTALLED = "uninstalled"
DATABASE_GONE = "database_gone"
"""Context flags of runs that ended so."""

LARGEST_JUMP = timedelta(minutes=5)
EVERY, GRACE = 1.0, 2.0
"""Seconds between two questions, and those that looks under way have to end."""

Why = Callable[[], EarlyEnd | None]


class Jumps:
    """Compares the wall clock with one that nobody sets, and that rests while a computer sleeps."""

    def __init__(self, now: Callable[[], datetime], clock: Callable[[], float]) -> None:
        self._now = now
        self._clock = clock
        self._began = (now(), clock())

    def __call__(self) -> EarlyEnd | None:
        """The end of the run once the two have drifted apart by more than a few minutes."""
        wall, clock = self._began
        jump = self._now() - wall - timedelta(seconds=self._clock() - clock)
        if abs(jump) <= LARGEST_JUMP:
            return None
        minutes = round(abs(jump) / timedelta(minutes=1))
        way = "forward" if jump > timedelta() else "back"
        return EarlyEnd(
            CLOCK_JUMPED,
            f"this computer's clock jumped {way} by {minutes} minutes: somebody set it, or the"
            " computer slept and may be elsewhere now",
        )


async def until_halted(
    work: Callable[[], Awaitable[None]],
    why: Why,
    halt: Callable[[EarlyEnd], None],
    *,
    every: float = EVERY,
    grace: float = GRACE,
) -> None:
    """Do the work while ``why`` finds no reason to end it; it is asked before, and all the time.

    Once there is one, ``halt`` is told, and what has not ended by itself within the grace is
    cancelled. ``why`` must not raise.
    """
    loop = asyncio.get_running_loop()
    end = why()
    if end is not None:
        halt(end)
        return

    timer: asyncio.TimerHandle

    def ask() -> None:
        nonlocal timer
        end = why()
        if end is None:
            timer = loop.call_later(every, ask)
        else:
            halt(end)
            limit.reschedule(loop.time() + grace)

    timer = loop.call_later(every, ask)
    try:
        async with asyncio.timeout(None) as limit:
            await work()
    except TimeoutError:
        if not limit.expired():
            raise
    finally:
        timer.cancel()
