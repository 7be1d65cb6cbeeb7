"""What is known of one target in one network: counts per bucket, as columns."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from analysis.detection.grid import Grid

UNKNOWN = -1
"""In the place of a number of vantages that nobody told."""
ONE_PERSON = 3
"""In so many networks one person may be the only vantage: a line, a phone, a place of work."""


class Key(NamedTuple):
    """Which series; sorted by this, so that no order of arrival shows in what is found."""

    country: str
    asn: int
    target: str
    probe: str


class Row(NamedTuple):
    """One bucket of a series."""

    at: int
    """Number of the bucket on the grid."""
    ok: int = 0
    blocked: int = 0
    throttled: int = 0
    down: int = 0
    inconclusive: int = 0
    vantages: int = UNKNOWN
    technique: str = ""
    witness: str = ""

    @property
    def decided(self) -> int:
        """Looks that say whether the target could be reached: what a share is a share of."""
        return self.ok + self.blocked + self.throttled

    @property
    def looks(self) -> int:
        """Looks of any outcome."""
        return self.ok + self.blocked + self.throttled + self.down + self.inconclusive


@dataclass(frozen=True, slots=True)
class Series:
    """The buckets of a series that have a row, in order of time; what is missing is no data."""

    key: Key
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Every series there is, sorted by key, on one grid."""

    grid: Grid
    series: tuple[Series, ...]

    def __iter__(self) -> Iterator[Series]:
        return iter(self.series)


class Counts(NamedTuple):
    """Of one series: ``hit`` of ``of`` looks in each bucket ``at`` that has any.

    ``row`` is each bucket's place among the rows of the series; ``vantages`` says how many looked,
    or is empty where that is not told of every bucket. ``tide`` is how much more often than usual
    looks failed in that bucket in the file as a whole; empty: as often.
    """

    at: tuple[int, ...]
    of: tuple[int, ...]
    hit: tuple[int, ...]
    row: tuple[int, ...]
    vantages: tuple[int, ...] = ()
    tide: tuple[float, ...] = ()
