"""Which control servers are worth asking now: one that keeps failing is left alone for a while."""

from asyncio import CancelledError
from collections.abc import Callable, Hashable
from dataclasses import dataclass

from heliograph.failure import Failure

FAILURES_IN_A_ROW = 3
PATIENCE = 10.0
"""Seconds after which a look that was cut off had waited too long for the place."""
FIRST_REST = 60.0
LONGEST_REST = 600.0
"""Seconds: each rest that ends with another failure is followed by one twice as long."""


class Turn:
    """One request to one place; left without a word and soon, it says nothing about the place."""

    def __init__(self, record: "_Record") -> None:
        self._record = record
        self._began = record.clock()

    def __enter__(self) -> "Turn":
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        waited = self._record.clock() - self._began
        if kind is not None and issubclass(kind, CancelledError) and waited >= PATIENCE:
            self.ended(Failure.GENERIC_TIMEOUT_ERROR)
        if self._record.trial is self:
            self._record.trial = None

    def ended(self, failure: Failure | None) -> None:
        """Say what became of the request; None when the place answered."""
        self._record.note(self, failure)


@dataclass(slots=True)
class _Record:
    clock: Callable[[], float]
    failures: int = 0
    last: Failure | None = None
    rest: float = FIRST_REST
    until: float | None = None
    """When the rest is over; None while there is none."""
    trial: Turn | None = None
    """The one request that finds out whether the place is back, while it is under way."""

    def note(self, turn: Turn, failure: Failure | None) -> None:
        self.last = failure
        if failure is None:
            self.failures, self.rest, self.until = 0, FIRST_REST, None
            return
        self.failures += 1
        if self.until is None and self.failures >= FAILURES_IN_A_ROW:
            self.until = self.clock() + self.rest
        elif self.until is not None and self.trial is turn:  # others began before the rest did
            self.rest = min(2 * self.rest, LONGEST_REST)
            self.until = self.clock() + self.rest


class Credit:
    """What the looks of one run know of the places they ask, together.

    After three failures in a row a place rests. When the rest is over one request tries it, and
    the others go on as if it still rested until that one has ended.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        """``clock`` is monotonic, in seconds."""
        self._clock = clock
        self._records: dict[Hashable, _Record] = {}

    def turn(self, place: Hashable) -> Turn | None:
        """A request that may be made now; None while the place rests."""
        record = self._of(place)
        turn = Turn(record)
        if record.until is None:
            return turn
        if record.trial is not None or self._clock() < record.until:
            return None
        record.trial = turn
        return turn

    def last(self, place: Hashable) -> Failure | None:
        """How the place failed last; None when it answered, or was never asked."""
        return self._of(place).last

    def _of(self, place: Hashable) -> _Record:
        return self._records.setdefault(place, _Record(self._clock))
