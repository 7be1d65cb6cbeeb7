"""Where a name was just stopped: a filter that was hit may stop whatever follows for a while.

Residual censorship lasts for minutes and holds for an address and port, whatever is said there
(docs/design.md, section 3): what fails there meanwhile says nothing of another name. What counts
is when the name was said: a filter that drops packets shows only once a time limit is over.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from math import inf

from heliograph.failure import CERTIFICATE_FAILURES, Failure
from heliograph.model import Hit

STOPPED = frozenset({Failure.CONNECTION_RESET, Failure.GENERIC_TIMEOUT_ERROR, Failure.EOF_ERROR})
"""How a filter ends what it was provoked by."""

DOH_FACTOR = 1.8
"""So many times as long it goes on after the name of a DNS over HTTPS host: 360 s for 200 s."""

_LATELY = 60.0
"""Seconds for which an address that took a connection counts as open."""

Place = tuple[str, int]


def longest(cooldown: float) -> timedelta:
    """After so long, nothing that was noted means anything any more."""
    return timedelta(seconds=cooldown * DOH_FACTOR)


@dataclass(frozen=True, slots=True)
class _Stop:
    """A name that was stopped: when it was said, and by which look; ``asn`` of earlier runs."""

    name: str
    said: float
    look: int = 0
    asn: int | None = None


@dataclass(eq=False, slots=True)
class Saying:
    """A name that was said at a place by a look, and that nobody has answered yet."""

    place: Place
    name: str
    said: float
    look: int


@dataclass(frozen=True, slots=True)
class Seen:
    """A moment at which something was seen of a place, and what was known by then."""

    at: float
    answered: float = -inf
    """When the last name was said there that was answered."""
    look: int | None = None
    waiting: bool = True
    """Whether names that still wait for their answer count as stopped."""


class Ledger:
    """Shared by all looks of a run; ``cooldown`` and ``clock`` in seconds.

    ``here`` is the number of this host's network, 0 while unknown; what earlier runs noted in
    another network says nothing here. ``doh`` are the names of hosts of DNS over HTTPS.
    """

    def __init__(
        self,
        cooldown: float,
        clock: Callable[[], float],
        here: Callable[[], int] = int,
        doh: frozenset[str] = frozenset(),
    ) -> None:
        self.cooldown = cooldown
        self._clock = clock
        self._here = here
        self._doh = doh
        self._stops: dict[Place, dict[str, _Stop]] = {}
        self._order: deque[tuple[float, Place, str]] = deque()
        self._unanswered: dict[Place, set[Saying]] = {}
        self._answered: dict[Place, float] = {}
        self._open: dict[Place, float] = {}
        self._fresh: list[tuple[Place, str, float]] = []
        self._looks = count(1)
        self._news = asyncio.Event()

    # What happens

    def look(self) -> int:
        """A number for a look that begins."""
        return next(self._looks)

    def say(self, place: Place, name: str, look: int = 0) -> Saying:
        """A name is about to be said at an address and port."""
        saying = Saying(place, name, self._clock(), look)
        self._unanswered.setdefault(place, set()).add(saying)
        return saying

    def ended(self, saying: Saying, failure: Failure | None, *, counts: bool = True) -> None:
        """How that ended; without ``counts`` no filter can have been provoked by this name."""
        waiting = self._unanswered.get(saying.place, set())
        waiting.discard(saying)
        if not waiting:
            self._unanswered.pop(saying.place, None)
        if failure is None or failure in CERTIFICATE_FAILURES:
            last = self._answered.get(saying.place, -inf)
            self._answered[saying.place] = max(last, saying.said)
        elif counts and failure in STOPPED:
            self._keep(saying.place, _Stop(saying.name, saying.said, saying.look))
            self._fresh.append((saying.place, saying.name, saying.said))

        self._news.set()
        self._news = asyncio.Event()

    async def news(self) -> None:
        """Wait until a name that was said somewhere is answered, or is given up."""
        await self._news.wait()

    def took_one(self, place: Place) -> None:
        """A connection was made there."""
        self._open[place] = self._clock()

    # What is known of a place

    def seen(self, place: Place, look: int | None = None) -> Seen:
        """The present moment there."""
        return Seen(self._clock(), self._answered.get(place, -inf), look)

    def disturbed(self, place: Place, name: str | None, seen: Seen) -> bool:
        """Another name was stopped there less than the cool-down before.

        Where ``seen`` has a look, the same name counts as well if another look said it.
        """
        return any(
            each.name != name or seen.look not in {None, each.look}
            for each in self._provoking(place, seen)
        )

    def lingers(self, place: Place, name: str | None, seen: Seen) -> bool:
        """Another name was, and nobody was answered since: a filter may be at work on everybody."""
        return any(
            each.name != name and each.said > seen.answered for each in self._provoking(place, seen)
        )

    def cool_in(self, place: Place) -> float:
        """Seconds until whatever was stopped there is forgotten; 0 when it is."""
        now = self._clock()
        ends = (stop.said + self._lasts(stop.name) for stop in self._lately(place, now))
        return max((end - now for end in ends), default=0.0)

    def lately_open(self, place: Place) -> bool:
        """A connection was made there less than a minute ago: it is not closed to us."""
        return self._open.get(place, -_LATELY) > self._clock() - _LATELY

    # What outlives a run

    def fresh(self, now: datetime) -> tuple[Hit, ...]:
        """What was noted in this run since this was asked last."""
        noted, self._fresh = self._fresh, []
        asn, clock = self._here(), self._clock()
        return tuple(
            Hit(
                asn=asn,
                address=address,
                port=port,
                name=name,
                stopped=now - timedelta(seconds=clock - said),
            )
            for (address, port), name, said in noted
        )

    def learn(self, hits: Iterable[Hit], now: datetime) -> None:
        """Take note of what other runs noted."""
        clock = self._clock()
        for hit in sorted(hits, key=lambda hit: hit.stopped):
            age = max((now - hit.stopped).total_seconds(), 0.0)
            stop = _Stop(hit.name, clock - age, asn=hit.asn)
            self._keep((hit.address, hit.port), stop)

    def _keep(self, place: Place, stop: _Stop) -> None:
        known = self._stops.setdefault(place, {})
        if stop.name not in known or known[stop.name].said < stop.said:
            known[stop.name] = stop
            self._order.append((stop.said, place, stop.name))
        self._forget()

    def _forget(self) -> None:
        """Drop what is over, so that a long run needs no more room than a short one."""
        oldest = self._clock() - longest(self.cooldown).total_seconds()
        while self._order and self._order[0][0] < oldest:
            said, place, name = self._order.popleft()
            known = self._stops.get(place, {})
            if name in known and known[name].said == said:
                del known[name]
            if not known:
                self._stops.pop(place, None)

    def _provoking(self, place: Place, seen: Seen) -> list["_Stop | Saying"]:
        waiting = self._unanswered.get(place, ()) if seen.waiting else ()
        return [*self._lately(place, seen.at), *(each for each in waiting if each.said <= seen.at)]

    def _lately(self, place: Place, at: float) -> list[_Stop]:
        """What had been stopped there less than its cool-down before, in this network."""
        here = self._here()
        return [
            stop
            for stop in self._stops.get(place, {}).values()
            if stop.said <= at < stop.said + self._lasts(stop.name)
            if stop.asn is None or 0 in {stop.asn, here} or stop.asn == here
        ]

    def _lasts(self, name: str) -> float:
        return self.cooldown * (DOH_FACTOR if name in self._doh else 1)
