"""What a counted cell says: its share with an interval, its flags; and cells as series to look at.

Counting is the engine's (storage/aggregates.py); nothing here depends on which engine it was.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from functools import cache
from typing import NamedTuple

from analysis.accuracy import wilson
from analysis.detection.grid import DAY, Grid
from analysis.detection.series import Key, Row, Series, Table
from heliograph.cell import LOOKS_COUNTED, Counted

ONE_VANTAGE = "one_vantage"
"""All looks of the cell are one vantage's: no more than a signal."""
BURST = "burst"
"""A vantage made more looks than are weighed of one."""
DISAGREE = "vantages_disagree"
"""Some vantages were mostly stopped, while others mostly got through."""
NO_NETWORK = "network_unknown"
"""Nobody knows which network it was: vantages of several may be in the cell."""

_EPOCH = date(1970, 1, 1)


class Share(NamedTuple):
    """How much of the decided looks was blocked, with Wilson's interval of 95 %."""

    blocked_share: float | None
    """None of nothing."""
    blocked_share_low: float | None
    blocked_share_high: float | None


@cache
def share_of(ok: int, blocked: int, throttled: int) -> Share:
    """The share of blocked looks in those that say whether the target could be reached."""
    decided = ok + blocked + throttled
    if not decided:
        return Share(None, None, None)
    rate = wilson(blocked, decided)
    return Share(rate.value, rate.low, rate.high)


def flags_of(cell: Counted) -> tuple[str, ...]:
    """What lowers the weight of a cell, or keeps it from being more than a signal."""
    found = (
        (ONE_VANTAGE, cell.n_vantages == 1),
        (BURST, cell.most_of_one > LOOKS_COUNTED),
        (DISAGREE, bool(cell.vantages_against and cell.vantages_through)),
        (NO_NETWORK, cell.asn == 0),
    )
    return tuple(flag for flag, is_so in found if is_so)


class Weighed(NamedTuple):
    """What detection needs to know of a cell."""

    country: str
    asn: int
    target: str
    probe: str
    day: str
    ok: int
    blocked: int
    throttled: int
    down: int
    inconclusive: int
    vantages: int
    technique: str
    witness: str


def table_of(cells: Iterable[Weighed], first: str, past: str) -> Table:
    """The cells as series, day by day from ``first`` up to and without ``past``.

    The order of the cells changes nothing; those of other days are left out.
    """
    start = _number(first)
    length = max(0, _number(past) - start)
    found: dict[Key, list[Row]] = defaultdict(list)
    number = cache(_number)
    for country, asn, target, probe, day, *counts, technique, witness in cells:
        at = number(day) - start
        if 0 <= at < length:
            ok, blocked, throttled, down, inconclusive, vantages = counts
            row = Row(at, ok, blocked, throttled, down, inconclusive, vantages, technique, witness)
            found[Key(country, asn, target, probe)].append(row)
    series = tuple(Series(key, tuple(sorted(rows))) for key, rows in sorted(found.items()))
    return Table(Grid(start * DAY, DAY, length), series)


def day_after(day: str, days: int = 1) -> str:
    """So many days later, or with a negative number before."""
    return (date.fromisoformat(day) + timedelta(days=days)).isoformat()


def days_between(first: str, last: str) -> tuple[str, ...]:
    """Every day from the first to the last, both included."""
    length = _number(last) - _number(first) + 1
    return tuple(day_after(first, number) for number in range(length))


def _number(day: str) -> int:
    return (date.fromisoformat(day) - _EPOCH).days
