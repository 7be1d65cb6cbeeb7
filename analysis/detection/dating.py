"""When an episode began and ended: the likeliest bucket, and those that are nearly as likely.

The series is calm, blocked at one level, and calm again; the two changes are where that explains
the counts best. An interval has every bucket whose likelihood is within ``WITHIN`` of the best
(profile likelihood), and reaches over buckets without data beside them.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from analysis.detection.evidence import BIN_OF, LEVEL_SPREAD, blocked, unblocked
from analysis.detection.noise import Noise, Span, heard, spreads
from analysis.detection.series import Counts

WITHIN = 3.0
"""Fall of the logarithm of the likelihood; more than the 1.9 of independent buckets."""
_RAMPS = (5, 10, 20)
"""Buckets in which a block may have grown to its full share, evenly; beside one that was there at
once."""
_RAMP_COSTS = 3.0
"""Growth has two numbers more that can be fitted to chance."""
_RAMP_SURE = 3.0
"""An onset is moved to where growth began only if that explains so much more still; the interval
reaches there in any case."""
_AROUND = 30
"""So many buckets with data before and after a change are looked at."""
_LEVELS = tuple(n / 20 for n in range(1, 20))

Span3 = tuple[int, int, int]
"""The likeliest position, and the first and last that are nearly as likely."""


@dataclass(frozen=True, slots=True)
class Change:
    """A change as numbers of buckets: the first of the new state, and between which it lies.

    ``earliest`` is the first bucket in which it may have begun, ``latest`` the last one's follower.
    """

    at: int
    earliest: int
    latest: int


@dataclass(frozen=True, slots=True)
class Dates:
    """An episode's changes; ``span`` are its positions among the counts."""

    span: Span
    onset: Change
    end: Change | None
    """None: it goes on as far as the data go."""
    level: float
    """Share of looks that were stopped."""
    seen_before: bool
    """Whether the series has data before the onset."""


def dates(counts: Counts, span: Span, noise: Noise) -> Dates:
    """The dates of an episode that was found roughly at these positions."""
    for _ in range(2):  # a level of one extent, an extent of that level
        level = level_of(counts, span)
        gain = _Gain(counts, noise, level)
        first, first_low, first_high = gain.onset(span)
        past, past_low, past_high = gain.end((first, span[1]))
        span = (first, past)
    first, first_low, first_high = _Growth(counts, noise, span).onset(
        (first, first_low, first_high)
    )
    length = len(counts.at)
    onset = Change(
        counts.at[first], _after(counts, first_low - 1, first_low), counts.at[first_high] + 1
    )
    if past == length:
        return Dates(span, onset, None, level_of(counts, span), first > 0)
    latest = counts.at[min(past_high, length - 1)] + 1
    end = Change(counts.at[past - 1] + 1, _after(counts, past_low - 1, past_low), latest)
    return Dates(span, onset, end, level_of(counts, span), first > 0)


def level_of(counts: Counts, span: Span) -> float:
    """The share of looks that failed in a span."""
    looks = sum(counts.of[span[0] : span[1]])
    return sum(counts.hit[span[0] : span[1]]) / looks if looks else 0.0


def _after(counts: Counts, before: int, here: int) -> int:
    """The bucket that follows the one with data before this, which may have no data itself."""
    return counts.at[before] + 1 if before >= 0 else counts.at[here]


class _Gain:
    """For each position: how much likelier it is that the bucket is blocked than that it is not."""

    def __init__(self, counts: Counts, noise: Noise, level: float) -> None:
        self._counts = counts
        self._noise = noise
        self._spreads = spreads(counts, noise.spread)
        self._level = _rounded(level)

    def of(self, position: int, level: float | None = None) -> float:
        """Of one position, at a level of its own if it has one."""
        of, hit = heard(self._counts.of[position], self._counts.hit[position])
        calm = BIN_OF[int(self._noise.base * 1000)]
        spread = max(self._spreads[position], LEVEL_SPREAD)
        return blocked(of, hit, level or self._level) - unblocked(of, hit, calm, spread)

    def onset(self, span: Span) -> Span3:
        """Position of the first blocked bucket, and the first and last that it may be."""
        low, high = max(span[0] - _AROUND, 0), min(span[0] + _AROUND, span[1] - 1)
        total, sums = 0.0, {high: 0.0}
        for position in range(high - 1, low - 1, -1):
            total += self.of(position)
            sums[position] = total
        return _likeliest(sums, earliest=False)

    def end(self, span: Span) -> Span3:
        """Position of the first bucket that is no longer blocked, and the first and last."""
        length = len(self._counts.at)
        low, high = max(span[1] - _AROUND, span[0] + 1), min(span[1] + _AROUND, length)
        total, sums = 0.0, {low: 0.0}
        for position in range(low, high):
            total += self.of(position)
            sums[position + 1] = total
        return _likeliest(sums, earliest=True)


class _Growth:
    """An onset that is no step: the share that is stopped grows evenly to its full size."""

    def __init__(self, counts: Counts, noise: Noise, span: Span) -> None:
        self._gain = _Gain(counts, noise, 1.0)
        self._counts = counts
        self._span = span

    def onset(self, step: Span3) -> Span3:
        """``step``, the likeliest sudden onset, or a slow one where that explains more.

        The interval holds what is nearly as likely under any of them.
        """
        values = {step[0]: 0.0}
        worth = self._sudden(step[0])
        for ramp in _RAMPS:
            for position, value in self._grown(step[0], ramp):
                gained = value - worth - _RAMP_COSTS
                values[position] = max(gained, values.get(position, gained))
        best = max(values.values())
        near = [position for position, value in values.items() if value >= best - WITHIN]
        if best > _RAMP_SURE:
            top = max(position for position, value in values.items() if value == best)
            return top, min(near), max(*near, self._plain_from(top))
        return step[0], min(*near, step[1]), max(*near, step[2])

    def _plain_from(self, first: int) -> int:
        """The position at which it was there beyond doubt: it began no later."""
        total = 0.0
        for position in range(first, self._span[1]):
            total += max(self._gain.of(position, level) for level in _LEVELS)
            if total >= WITHIN:
                return position
        return first

    def _sudden(self, first: int) -> float:
        """How much likelier everything up to the full size is, blocked from here on."""
        level = _rounded(level_of(self._counts, (first, self._span[1])))
        return sum(self._gain.of(n, level) for n in range(first, self._top(first)))

    def _top(self, first: int) -> int:
        return min(first + _RAMPS[-1], self._span[1])

    def _grown(self, first: int, ramp: int) -> Iterator[tuple[int, float]]:
        """The same for growth that begins at the sudden onset or before it."""
        top = self._top(first)
        full = level_of(self._counts, (min(first + ramp, self._span[1] - 1), self._span[1]))
        levels = [_rounded(full * step / ramp) for step in range(1, ramp + 1)]
        grown = _rounded(full)
        rest = {top: 0.0}
        for n in range(top - 1, first - 1, -1):
            rest[n] = rest[n + 1] + self._gain.of(n, grown)
        for begins in range(max(first - ramp, 0), first + 1):
            past = min(begins + ramp, top)
            growing = zip(range(begins, past), levels, strict=False)
            value = sum(self._gain.of(n, level) for n, level in growing)
            yield begins, value + rest[past]


def _rounded(level: float) -> float:
    """The next of the levels that evidence is looked up for."""
    return min(_LEVELS, key=lambda one: abs(one - level))


def _likeliest(sums: dict[int, float], *, earliest: bool) -> Span3:
    """The position of the largest sum, and of the first and last that are nearly as large."""
    best = max(sums.values())
    order = sorted(sums, reverse=not earliest)
    top = next(position for position in order if sums[position] == best)
    near = [position for position, value in sums.items() if value >= best - WITHIN]
    return top, min(near), max(near)
