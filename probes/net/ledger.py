"""Where a name was just stopped: a filter that was hit may stop whatever follows for a while.

Residual censorship lasts for minutes and holds for an address and port, whatever is said there
(docs/design.md, section 3): what fails there meanwhile says nothing of another name.
"""

from collections.abc import Callable

from heliograph.failure import Failure

STOPPED = frozenset({Failure.CONNECTION_RESET, Failure.GENERIC_TIMEOUT_ERROR, Failure.EOF_ERROR})
"""How a filter ends what it was provoked by."""

_LATELY = 60.0
"""Seconds for which an address that took a connection counts as open."""


class Ledger:
    """Shared by all looks of a run; ``cooldown`` and ``clock`` in seconds."""

    def __init__(self, cooldown: float, clock: Callable[[], float]) -> None:
        self._cooldown = cooldown
        self._clock = clock
        self._hits: dict[tuple[str, int], dict[str, float]] = {}
        self._open: dict[tuple[str, int], float] = {}

    def note(self, place: tuple[str, int], host: str | None, failure: Failure | None) -> None:
        """A name was said at an address and port, and ended so."""
        if host is not None and failure in STOPPED:
            self._hits.setdefault(place, {})[host] = self._clock()

    def disturbed(self, place: tuple[str, int], host: str | None) -> bool:
        """Another name was stopped there less than the cool-down ago."""
        oldest = self._clock() - self._cooldown
        hits = self._hits.get(place, {})
        return any(when > oldest for name, when in hits.items() if name != host)

    def took_one(self, place: tuple[str, int]) -> None:
        """A connection was made there."""
        self._open[place] = self._clock()

    def lately_open(self, place: tuple[str, int]) -> bool:
        """A connection was made there less than a minute ago: it is not closed to us."""
        return self._open.get(place, -_LATELY) > self._clock() - _LATELY
