"""Where a series may be blocked: a sequential test with an unknown beginning.

The evidence of bucket after bucket is added up and starts anew whenever it falls to zero (Page
1954, Biometrika 41:100); beside it runs a forecast of the noise, so that a bad day that follows a
bad day says little. Under the noise, what begins in a given bucket reaches the score s with a
chance of at most exp(-s) (Ville's inequality), which is what scores are judged by.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import log
from typing import NamedTuple

from analysis.detection.evidence import BIN_OF, LEVELS, Habits
from analysis.detection.noise import MOST_BASE, MOST_LOOKS, Noise, Span, heard, spreads
from analysis.detection.series import Counts

LEAST_SCORE = 3.0
"""Smaller rises are counted and forgotten."""
_DROP = 6.0
"""Evidence against, in a row, that ends a rise."""
_PART = 0.5
"""So large a score, beside the largest, has a rise that comes and goes with it."""
_FORGOTTEN = 64
"""Buckets without data after which nothing is known of the noise."""


class Rise(NamedTuple):
    """Counts that look like blocking, from position ``first`` up to but without ``past``."""

    first: int
    past: int
    score: float
    parts: tuple[Span, ...] = ()
    """Where it comes and goes: the spans that look so. Else it is one."""

    @property
    def spans(self) -> tuple[Span, ...]:
        """Its parts, of which there is at least one."""
        return self.parts or ((self.first, self.past),)


@dataclass(frozen=True, slots=True)
class Scan:
    """The rises of a series, in order, none overlapping."""

    rises: tuple[Rise, ...]
    tries: int
    """So often one could have begun: at each level in each bucket."""


class _Tracker:
    """Evidence for one level, as it adds up."""

    __slots__ = ("first", "past", "peak", "rises", "value")

    def __init__(self) -> None:
        self.value = self.peak = 0.0
        self.first = self.past = 0
        self.rises: list[Rise] = []

    def hear(self, position: int, ratio: float) -> bool:
        """Add a bucket's evidence; whether a rise is under way."""
        value = self.value + ratio
        if self.value == 0.0:
            if ratio <= 0:
                return False
            self.first, self.peak = position, 0.0
        if value > self.peak:
            self.peak, self.past = value, position + 1
        elif value <= 0 or value < self.peak - _DROP:
            self.close()
            value = 0.0
        self.value = value
        return value > 0

    def close(self) -> None:
        """End the rise that is under way, if any."""
        if self.peak >= LEAST_SCORE:
            self.rises.append(Rise(self.first, self.past, self.peak))
        self.value = self.peak = 0.0


Line = tuple[int, int, int, float]
"""A bucket beside its forecast: what ``evidence.Seen`` holds, as it is counted by the million."""


def scan(counts: Counts, noise: Noise, habits: Habits, pause: int = 0) -> Scan:
    """Go through a series once; rises with at most this ``pause`` (buckets) between are joined."""
    return scan_lines(counts.at, forecast(counts, noise), habits, pause)


def scan_lines(at: Sequence[int], lines: Sequence[Line], habits: Habits, pause: int) -> Scan:
    """The same, of buckets whose forecasts are known."""
    trackers = tuple(_Tracker() for _ in LEVELS)
    resting = True
    for position, line in enumerate(lines):
        if not line[1] and resting:
            continue
        resting = True
        for tracker, ratio in zip(trackers, habits.ratios(line), strict=True):
            if tracker.hear(position, ratio):
                resting = False
    for tracker in trackers:
        tracker.close()
    rises = sorted(rise for tracker in trackers for rise in tracker.rises)
    found = _joined(list(_apart(rises)), at, pause)
    return Scan(tuple(found), len(at) * len(LEVELS))


def seen(lines: Sequence[Line], without: Sequence[Span]) -> Counter[Line]:
    """Each bucket beside its forecast, those of some spans left out, counted."""
    if not without:
        return Counter(lines)
    gone = {n for first, past in without for n in range(first, past)}
    return Counter(line for n, line in enumerate(lines) if n not in gone)


def forecast(counts: Counts, noise: Noise) -> list[Line]:
    """Of each bucket: looks, failed ones, the share that the noise before makes likely, spread."""
    calm, usual, memory = noise
    weight = 1 / usual - 1
    fade = [memory**gap for gap in range(_FORGOTTEN)]
    more, before = 0.0, counts.at[0] if counts.at else 0
    found = []
    tide = counts.tide or (1.0,) * len(counts.at)
    every = zip(counts.at, counts.of, counts.hit, spreads(counts, usual), tide, strict=True)
    for at, of, hit, spread, high in every:
        gap = at - before
        base = min(calm * high, MOST_BASE)
        expected = min(max(base + (fade[gap] if gap < _FORGOTTEN else 0.0) * more, 0.0), 1.0)
        more = (expected * weight + hit) / (weight + of) - base
        before = at
        looks, failed = (of, hit) if of <= MOST_LOOKS else heard(of, hit)
        found.append((looks, failed, BIN_OF[int(expected * 1000)], spread))
    return found


def _apart(rises: list[Rise]) -> Iterator[Rise]:
    """Of those that overlap, the one with the most evidence stands for all."""
    best: Rise | None = None
    reach = 0
    for rise in rises:
        if best is None or rise.first >= reach:
            if best is not None:
                yield best
            best, reach = rise, rise.past
            continue
        reach = max(reach, rise.past)
        if rise.score > best.score:
            best = rise
    if best is not None:
        yield best


def _joined(rises: list[Rise], at: Sequence[int], pause: int) -> list[Rise]:
    """Rises that come and go made one: from the largest outwards, as long as they are like it."""
    left = dict(enumerate(rises))
    price = log(len(LEVELS) * (pause + 1))  # so many places the next one could have begun at
    found = []
    for n in sorted(left, key=lambda n: (-rises[n].score, n)):
        if n not in left:
            continue
        low, high = _reach(rises, left, n, -1, at, pause), _reach(rises, left, n, 1, at, pause)
        parts = [left.pop(k) for k in range(low, high + 1)]
        if len(parts) == 1:
            found.append(parts[0])
            continue
        score = sum(part.score for part in parts) - price * (len(parts) - 1)
        spans = tuple((part.first, part.past) for part in parts)
        found.append(Rise(spans[0][0], spans[-1][1], score, spans))
    return sorted(found)


def _reach(
    rises: Sequence[Rise],
    left: Mapping[int, Rise],
    start: int,
    step: int,
    at: Sequence[int],
    pause: int,
) -> int:
    """How far to one side rises belong to that at ``start``."""
    here = start
    while (there := here + step) in left:
        earlier, later = sorted((rises[here], rises[there]))
        apart = at[later.first] - at[earlier.past - 1] - 1
        if apart > pause or rises[there].score < _PART * rises[start].score:
            break
        here = there
    return here
