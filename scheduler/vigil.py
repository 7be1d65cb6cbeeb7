"""When the surroundings are looked at, and what is known of them for the looks of a run."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from analysis.around import Host
from analysis.surroundings import clock_ahead, flags, must_look_nearer
from heliograph.config import NetworkConfig
from heliograph.model import Target
from heliograph.plugin import NetContext
from heliograph.trace import Trace
from probes.surroundings import SurroundingsProbe, subject

SECONDS_ABROAD, SECONDS_NEAR = 5.0, 3.0
"""How long the look may take, and its second half, made where the first found nobody."""

_LAST = 10
_LEAST_SECONDS_BETWEEN = 30.0
OFFLINE = "offline"
_NOBODY = Target(input="", url="", scheme="", host="", port=0)


class Offline(Exception):
    """Nothing answers; the message says what was tried."""


@dataclass(frozen=True, slots=True)
class Lookout:
    """What a vigil works with; made by the composition root.

    ``host`` tells of this host without a packet, ``nowhere`` makes up a name that nobody has,
    ``correct`` is told by how much this host's clock is ahead when that was proved.
    """

    open_net: Callable[[Trace], NetContext]
    settings: NetworkConfig
    host: Callable[[], Host]
    nowhere: Callable[[], str]
    correct: Callable[[timedelta], None]
    clock: Callable[[], float]


class Vigil:
    """Looks at the surroundings, and says when it is time to do so again."""

    def __init__(self, lookout: Lookout) -> None:
        self._lookout = lookout
        self._recent: deque[bool] = deque(maxlen=_LAST)
        self._looked: float | None = None
        self.probe = SurroundingsProbe(lookout.nowhere())
        self.target = subject(lookout.settings)
        """What the look is filed under; None when it has no means, and is not kept."""
        self.context: tuple[str, ...] = ()
        """Flags in force for whatever is looked at now."""

    async def look(self, trace: Trace, started: datetime, nearby: Sequence[str]) -> None:
        """One look, its steps on the trace; ``context`` is what came of it.

        ``nearby`` are names that may be at home in the vantage's country.
        """
        self._recent.clear()
        self._looked = self._lookout.clock()
        host = self._lookout.host()
        async with self._lookout.open_net(trace) as net:
            with suppress(TimeoutError):
                async with asyncio.timeout(SECONDS_ABROAD):
                    await self.probe.measure(self.target or _NOBODY, net)
            if must_look_nearer(trace.steps(), host, started):
                with suppress(TimeoutError):
                    async with asyncio.timeout(SECONDS_NEAR):
                        await self.probe.look_nearer(nearby, host.country, net)
        steps, host = trace.steps(), self._lookout.host()
        ahead = clock_ahead(steps, host, started)
        if ahead:
            self._lookout.correct(ahead)
        self.context = flags(steps, host, started)

    def note(self, *, fine: bool) -> None:
        """Take note of how a look at a target ended."""
        self._recent.append(fine)

    @property
    def overdue(self) -> bool:
        """More than half of the last ten looks were not fine, and the last check is not recent."""
        if self._looked is None or len(self._recent) < _LAST:
            return False
        long_ago = self._lookout.clock() - self._looked >= _LEAST_SECONDS_BETWEEN
        return long_ago and sum(self._recent) * 2 < _LAST

    def require_line(self) -> None:
        """Raise Offline when nothing answered at all."""
        if OFFLINE in self.context:
            settings = self._lookout.settings
            asked = (*settings.connectivity_checks[:1], *settings.control_names[:2])
            tried = f", {', '.join(asked)}" if asked else ""
            raise Offline(
                f"nothing answers: no resolver{tried}; connect this host, or log in to its network,"
                " and run the same command again"
            )
