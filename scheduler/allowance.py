"""What a run as a whole may spend, and the word that ends it early."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from heliograph.limits import LimitsConfig
from heliograph.model import Measurement
from heliograph.usage import Usage, in_units, used

BUDGET_SPENT = "budget_spent"
"""Context flag of a run that ended because its budget was spent."""

_MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class EarlyEnd:
    """Why a run ended before all looks were made."""

    flag: str
    """Context flag of the run."""
    why: str
    """The same for a person, to be followed by what was left."""
    keeps: bool = True
    """What looks under way have sent goes on record; not where nothing may be kept."""
    then: str | None = None
    """What becomes of the looks that are left, where it is not that the same command goes on."""


class Allowance:
    """Time and bytes of one run; once they are spent, or it is stopped, no look starts.

    Looks under way are finished: what they use beyond the budget is counted all the same.
    """

    def __init__(self, limits: LimitsConfig, clock: Callable[[], float]) -> None:
        self._limits = limits
        self._clock = clock
        self._began = clock()
        self._stopped = asyncio.Event()
        self._halted: EarlyEnd | None = None
        self.usage = Usage()

    def stop(self) -> None:
        """Let no look start from now on."""
        self._stopped.set()

    def halt(self, end: EarlyEnd) -> None:
        """Let no look start from now on, for this reason."""
        self._halted = end
        self.stop()

    def count(self, measurement: Measurement) -> None:
        """Take note of what a finished look used."""
        self.usage += used(measurement.steps)

    @property
    def over(self) -> bool:
        """Whether no look may start any more."""
        return self._stopped.is_set() or self.spent is not None

    @property
    def end(self) -> EarlyEnd | None:
        """Why the run ends early; None while nothing but a signal could make it."""
        if self._halted is None and self.spent is not None:
            return EarlyEnd(BUDGET_SPENT, f"{self.spent} are spent")
        return self._halted

    @property
    def spent(self) -> str | None:
        """Which budget is spent, in words; None while none is."""
        seconds, megabytes = self._limits.run_seconds, self._limits.run_megabytes
        if 0 < seconds <= self._clock() - self._began:
            return f"the {seconds:g} s that limits.run_seconds allows"
        if 0 < megabytes * _MEGABYTE <= self.usage.total:
            allowed = in_units(round(megabytes * _MEGABYTE))
            return f"the {allowed} that limits.run_megabytes allows"
        return None

    def lasts(self, seconds: float) -> bool:
        """Whether a look may still start so much later, as far as time alone is concerned."""
        limit = self._limits.run_seconds
        return not 0 < limit <= self._clock() - self._began + seconds

    async def pause(self, seconds: float) -> None:
        """Wait so long, or until the run is stopped."""
        if seconds > 0:
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._stopped.wait()
