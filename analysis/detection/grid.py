"""The grid of time that buckets lie on: one width for a whole file, and no hole unseen."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import gcd

DAY = 86_400
_MONTH = 30.44 * DAY
"""The mean one."""
_MOST_BUCKETS = 1_000_000


class NoGrid(ValueError):
    """The times have no width in common that could be that of a bucket."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Buckets counted from 0. ``width`` is in seconds; 0 stands for calendar months."""

    first: int
    """Start of bucket 0, in seconds since 1970 (UTC)."""
    width: int
    length: int
    """So many buckets, the last one that has data included."""

    @classmethod
    def of(cls, starts: Collection[int]) -> "Grid":
        """The widest grid that all these starts (seconds since 1970) lie on; a lone one is a day.

        Raises NoGrid where it would have more than a million buckets.
        """
        if not starts:
            return cls(0, DAY, 0)
        first, last = min(starts), max(starts)
        if len(starts) > 1 and all(_is_month(start) for start in starts):
            return cls(first, 0, _months(last) - _months(first) + 1)
        width = gcd(*(start - first for start in starts)) or DAY
        length = (last - first) // width + 1
        if length > _MOST_BUCKETS:
            raise NoGrid(f"their widest common width is {width} s, which makes {length} buckets")
        return cls(first, width, length)

    @property
    def days(self) -> float:
        """Width of a bucket in days."""
        return (self.width or _MONTH) / DAY

    def index(self, start: int) -> int:
        """The bucket that starts then."""
        if self.width:
            return (start - self.first) // self.width
        return _months(start) - _months(self.first)

    def text(self, index: int) -> str:
        """When a bucket starts: RFC 3339, UTC."""
        if self.width:
            moment = datetime.fromtimestamp(self.first, UTC) + timedelta(seconds=index * self.width)
        else:
            year, month = divmod(_months(self.first) + index, 12)
            moment = datetime(year, month + 1, 1, tzinfo=UTC)
        return moment.strftime("%Y-%m-%dT%H:%M:%SZ")

    def in_days(self, days: float, least: int = 1) -> int:
        """So many buckets as make these days, and at least so many."""
        return max(least, round(days / self.days))


def _is_month(start: int) -> bool:
    return start % DAY == 0 and datetime.fromtimestamp(start, UTC).day == 1


def _months(start: int) -> int:
    moment = datetime.fromtimestamp(start, UTC)
    return moment.year * 12 + moment.month - 1
