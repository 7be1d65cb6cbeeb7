"""When an episode began and ended: the likeliest bucket, and those that are nearly as likely.

The series is calm, blocked at one level, and calm again; the two changes are where that explains
the counts best. An interval has every bucket whose likelihood is within ``WITHIN`` of the best
(profile likelihood), and reaches over buckets without data beside them.
"""

from dataclasses import dataclass

from analysis.detection.evidence import BIN_OF, LEVEL_SPREAD, blocked, unblocked
from analysis.detection.noise import Noise, Span, heard, spreads
from analysis.detection.series import Counts

WITHIN = 3.0
"""Fall of the logarithm of the likelihood; more than the 1.9 of independent buckets."""
_CREEPING = 0.25
"""A block that grows slowly may have begun when it stopped no more than this share."""
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
    first_low = min(first_low, _Gain(counts, noise, _CREEPING).crept(first))
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
        self._level = min(_LEVELS, key=lambda one: abs(one - level))

    def _of(self, position: int) -> float:
        of, hit = heard(self._counts.of[position], self._counts.hit[position])
        calm = BIN_OF[int(self._noise.base * 1000)]
        spread = max(self._spreads[position], LEVEL_SPREAD)
        return blocked(of, hit, self._level) - unblocked(of, hit, calm, spread)

    def onset(self, span: Span) -> Span3:
        """Position of the first blocked bucket, and the first and last that it may be."""
        low, high = max(span[0] - _AROUND, 0), min(span[0] + _AROUND, span[1] - 1)
        total, sums = 0.0, {high: 0.0}
        for position in range(high - 1, low - 1, -1):
            total += self._of(position)
            sums[position] = total
        return _likeliest(sums, earliest=False)

    def crept(self, first: int) -> int:
        """From which position before ``first`` on it was this much already, beyond doubt."""
        total, best, earliest = 0.0, WITHIN, first
        for position in range(first - 1, max(first - _AROUND, 0) - 1, -1):
            total += self._of(position)
            if total < best - 2 * WITHIN:
                break
            if total >= best:
                best, earliest = total, position
        return earliest

    def end(self, span: Span) -> Span3:
        """Position of the first bucket that is no longer blocked, and the first and last."""
        length = len(self._counts.at)
        low, high = max(span[1] - _AROUND, span[0] + 1), min(span[1] + _AROUND, length)
        total, sums = 0.0, {low: 0.0}
        for position in range(low, high):
            total += self._of(position)
            sums[position + 1] = total
        return _likeliest(sums, earliest=True)


def _likeliest(sums: dict[int, float], *, earliest: bool) -> Span3:
    """The position of the largest sum, and of the first and last that are nearly as large."""
    best = max(sums.values())
    order = sorted(sums, reverse=not earliest)
    top = next(position for position in order if sums[position] == best)
    near = [position for position, value in sums.items() if value >= best - WITHIN]
    return top, min(near), max(near)
