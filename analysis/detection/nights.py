"""What was known on each night: the same table, cut after the bucket that had just closed."""

from bisect import bisect_left
from collections.abc import Iterator
from operator import attrgetter

from analysis.detection.grid import Grid
from analysis.detection.series import Series, Table

_AT = attrgetter("at")


def as_of(table: Table, night: int) -> Table:
    """The table as it was when bucket ``night`` had closed; series nobody had looked at are not."""
    past = night + 1
    grid = Grid(table.grid.first, table.grid.width, past)
    found = (
        Series(one.key, one.rows[: bisect_left(one.rows, past, key=_AT)]) for one in table.series
    )
    return Table(grid, tuple(one for one in found if one.rows))


def nights(table: Table, first: int = 0) -> Iterator[tuple[int, Table]]:
    """Night after night from bucket ``first`` on, what was known by then."""
    for night in range(first, table.grid.length):
        yield night, as_of(table, night)
