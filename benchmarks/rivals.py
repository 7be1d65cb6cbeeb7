"""Two other ways to find blocking in counts, restated for comparison; nothing here is shipped.

``threshold``: a bucket with at least half of three or more looks blocked is blocked, and each run
of them is told. ``cusum``: the two-sided cumulative sum that OONI's pipeline runs on the median of
an hour (Basseville & Nikiforov 1993, 2.2.5): 0.7 between open and blocked, the drift half of that,
alarm at 3.5, times told are those of the crossing.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from analysis.detection.series import Key, Series, Table


@dataclass(frozen=True)
class Told:
    """What a rival says of one series; the bucket in which it could be said; an end or none."""

    key: Key
    onset: int
    said: int
    end: int | None


def threshold(table: Table) -> Iterator[Told]:
    for series in table:
        yield from _threshold(series)


def _threshold(series: Series) -> Iterator[Told]:
    onset: int | None = None
    for row in series.rows:
        if row.decided < 3:
            continue
        bad = 2 * (row.blocked + row.throttled) >= row.decided
        if bad and onset is None:
            onset = row.at
        elif not bad and onset is not None:
            yield Told(series.key, onset, onset, row.at)
            onset = None
    if onset is not None:
        yield Told(series.key, onset, onset, None)


def cusum(table: Table) -> Iterator[Told]:
    for series in table:
        yield from _cusum(series)


def _cusum(series: Series) -> Iterator[Told]:
    step, high = 0.7, 3.5
    up = down = 0.0
    onset: int | None = None
    for row in series.rows:
        if not row.decided:
            continue
        bad = row.blocked + row.throttled
        value = 0.75 * (0.5 if 2 * bad == row.decided else float(2 * bad > row.decided))
        if onset is None:
            up = max(0.0, up + value - step / 2)
            if up >= high:
                onset, up, down = row.at, 0.0, 0.0
            continue
        down = max(0.0, down + (step - value) - step / 2)
        if down >= high:
            yield Told(series.key, onset, onset, row.at)
            onset, up, down = None, 0.0, 0.0
    if onset is not None:
        yield Told(series.key, onset, onset, None)
