"""The fixed panel of an examination: the same series on both sides of an event, as shares."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise

from analysis.detection.grid import Grid
from analysis.detection.series import Key, Series, Table
from analysis.impact_plan import Plan
from heliograph.model import UNKNOWN_COUNTRY

_LEAST_DAYS = 7
_LEAST_BUCKETS = 4
"""Of weeks or months."""

Shares = Sequence[float | None]
"""Of one series: the blocked share of each bucket, None without a look that decides."""


@dataclass(frozen=True, slots=True)
class Axis:
    """The buckets that are compared, those before the event first; hours are added up to days."""

    buckets: tuple[int, ...]
    """Days since year 1, or numbers of the grid's wider buckets."""
    before: int
    days: float
    """Width of a bucket."""
    bucket_of: tuple[int, ...]
    """Of each bucket of the grid, the one it is part of."""

    @property
    def after(self) -> int:
        """How many come after the event."""
        return len(self.buckets) - self.before


@dataclass(frozen=True, slots=True)
class Panel:
    """Series that count, and those of the country that fell silent."""

    axis: Axis
    named: dict[Key, Shares]
    """In the event's country, and the event is about them."""
    others: dict[Key, Shares]
    """In the country, and it is not about them."""
    elsewhere: dict[Key, Shares]
    silent: tuple[Key, ...]
    """Named, with enough data before and not enough after."""


def axis_of(grid: Grid, plan: Plan) -> Axis:
    """Buckets that lie in one side of the plan as a whole, as far as the data go."""
    starts = [_date(grid.text(n)) for n in range(grid.length + 1)]
    fine = grid.days <= 1
    sides: list[list[int]] = [[], []]
    edges = ((plan.before_from, plan.before_to), (plan.after_from, plan.after_to))
    spans = [(date.fromisoformat(a), date.fromisoformat(b)) for a, b in edges]
    for number, (start, following) in enumerate(pairwise(starts)):
        last = start if fine else date.fromordinal(following.toordinal() - 1)
        for side, (first, until) in zip(sides, spans, strict=True):
            if first <= start and last <= until:
                side.append(start.toordinal() if fine else number)
    before, after = (sorted(set(side)) for side in sides)
    bucket_of = tuple(start.toordinal() if fine else n for n, start in enumerate(starts[:-1]))
    return Axis((*before, *after), len(before), 1.0 if fine else grid.days, bucket_of)


def is_long_enough(axis: Axis, plan: Plan) -> bool:
    """Whether the data cover half of either side and no less than a week, or four buckets."""
    least = _LEAST_DAYS if axis.days <= 1 else _LEAST_BUCKETS
    planned = (
        _length(plan.before_from, plan.before_to),
        _length(plan.after_from, plan.after_to),
    )
    return all(
        have >= least and have * axis.days >= plan.least_share_of_days * days
        for have, days in zip((axis.before, axis.after), planned, strict=True)
    )


def panel_of(table: Table, axis: Axis, plan: Plan, about: Callable[[str], bool]) -> Panel:
    """Choose the series; ``about`` says whether the event is about a target."""
    panel = Panel(axis, {}, {}, {}, ())
    silent = []
    for series in table:
        key = series.key
        if plan.probes and key.probe not in plan.probes:
            continue
        home = key.country == plan.country
        shares = _shares(series, axis)
        before, after = (_is_enough(side, plan) for side in _sides(shares, axis))
        if before and after:
            inside = panel.named if about(key.target) else panel.others
            chosen = inside if home else panel.elsewhere
            if key.country != UNKNOWN_COUNTRY:
                chosen[key] = shares
        elif before and home and about(key.target):
            silent.append(key)
    return Panel(axis, panel.named, panel.others, panel.elsewhere, tuple(silent))


def row_of(series: Iterable[Shares]) -> list[float]:
    """The mean of series, each less its own level, so that a gap in one makes no step.

    A bucket in which none has data gets what lies between its neighbours.
    """
    levelled = [_levelled(shares) for shares in series]
    means = [_mean(column) for column in zip(*levelled, strict=True)]
    return _filled(means)


def level_of(series: Iterable[Shares], first: int, past: int) -> float:
    """The mean share of series in these buckets, each series with one voice."""
    told = [mean for shares in series if (mean := _mean(shares[first:past])) is not None]
    return sum(told) / len(told)


def grouped(series: Mapping[Key, Shares], by: Callable[[Key], str]) -> dict[str, list[Shares]]:
    """The series of each unit, units in the order of their names."""
    units: dict[str, list[Shares]] = defaultdict(list)
    for key, shares in series.items():
        units[by(key)].append(shares)
    return dict(sorted(units.items()))


def _shares(series: Series, axis: Axis) -> Shares:
    hit: dict[int, int] = defaultdict(int)
    of: dict[int, int] = defaultdict(int)
    for row in series.rows:
        bucket = axis.bucket_of[row.at]
        hit[bucket] += row.blocked
        of[bucket] += row.decided
    return [hit[b] / of[b] if of.get(b) else None for b in axis.buckets]


def _sides(shares: Shares, axis: Axis) -> tuple[Shares, Shares]:
    return shares[: axis.before], shares[axis.before :]


def _is_enough(side: Shares, plan: Plan) -> bool:
    have = sum(share is not None for share in side)
    return have >= max(1.0, plan.least_share_of_days * len(side))


def _levelled(shares: Shares) -> Shares:
    level = _mean(shares) or 0.0
    return [None if share is None else share - level for share in shares]


def _mean(values: Iterable[float | None]) -> float | None:
    told = [value for value in values if value is not None]
    return sum(told) / len(told) if told else None


def _filled(row: Sequence[float | None]) -> list[float]:
    known = [(at, value) for at, value in enumerate(row) if value is not None]
    return [_at(known, at) if value is None else value for at, value in enumerate(row)]


def _at(known: Sequence[tuple[int, float]], at: int) -> float:
    left = next((one for one in reversed(known) if one[0] < at), None)
    right = next((one for one in known if one[0] > at), None)
    if left is None or right is None:
        return (left or right or (0, 0.0))[1]
    part = (at - left[0]) / (right[0] - left[0])
    return left[1] + part * (right[1] - left[1])


def _length(first: str, last: str) -> int:
    return date.fromisoformat(last).toordinal() - date.fromisoformat(first).toordinal() + 1


def _date(text: str) -> date:
    return datetime.fromisoformat(text).date()
