"""The places of one's own sinks, each handed out to one look at a time."""

from collections.abc import Callable, Sequence

Place = tuple[str, int]


class Sinks:
    """What is said at a place may close it for everything: so no two looks share one.

    ``seconds`` is how long filters remember, ``clock`` a monotonic one.
    """

    def __init__(self, places: Sequence[Place], seconds: float, clock: Callable[[], float]) -> None:
        self._places = tuple(places)
        self._seconds = seconds
        self._clock = clock
        self._taken: dict[Place, float] = {}

    def take(self) -> Place | None:
        """The next place that nobody had for so long; None when there is none."""
        now = self._clock()
        for place in self._places:
            taken = self._taken.get(place)
            if taken is None or now - taken >= self._seconds:
                self._taken[place] = now
                return place
        return None
