"""How a series errs while nothing is blocked: how often, how unevenly, and for how long.

Looks of one bucket do not err one by one: a vantage has a bad day, and the next day is bad as well.
So a bucket's looks are taken as if they came from ``1 / spread`` independent places, of which each
stays disturbed from bucket to bucket with the correlation ``memory``. The three numbers are moments
of the series' own data outside of what may be an episode, drawn towards those of the other series
in the file as far as its own data are few.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median_low
from typing import NamedTuple

from analysis.detection.series import Counts

Span = tuple[int, int]
"""Positions among the counts of a series: from, and up to but without."""

MOST_LOOKS = 40
"""No bucket is heard as more looks than this; more are counted in proportion."""
_SPREADS = (0.01, 0.02, 0.04, 0.07, 0.1, 0.15, 0.2, 0.3, 0.4, 0.55, 0.7, 0.85)


class Noise(NamedTuple):
    """What a series does while nothing is blocked."""

    base: float
    """Share of looks that fail."""
    spread: float
    """Correlation of looks in one bucket, 0 to 1."""
    memory: float
    """Correlation of one bucket's trouble with the next one's, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Moments:
    """Sums over buckets, from which the noise is estimated; they add up over series."""

    looks: float = 0.0
    hits: float = 0.0
    within: float = 0.0
    """Pairs of looks in the same bucket, beyond what chance makes both fail."""
    within_of: float = 0.0
    across: float = 0.0
    """The same for looks in buckets that follow each other."""
    across_of: float = 0.0

    def __add__(self, other: "Moments") -> "Moments":
        return Moments(
            self.looks + other.looks,
            self.hits + other.hits,
            self.within + other.within,
            self.within_of + other.within_of,
            self.across + other.across,
            self.across_of + other.across_of,
        )

    def __sub__(self, other: "Moments") -> "Moments":
        return self + other.times(-1.0)

    def times(self, factor: float) -> "Moments":
        """As if there were so many times as many data."""
        return Moments(
            self.looks * factor,
            self.hits * factor,
            self.within * factor,
            self.within_of * factor,
            self.across * factor,
            self.across_of * factor,
        )


def heard(of: int, hit: int) -> tuple[int, int]:
    """Counts as far as one bucket is heard."""
    if of <= MOST_LOOKS:
        return of, hit
    return MOST_LOOKS, round(hit * MOST_LOOKS / of)


def moments(counts: Counts, without: Sequence[Span] = ()) -> Moments:
    """The sums over a series, buckets in these spans left out; of hardly any left, nothing."""
    left = _left(len(counts.at), without)
    if len(left) < max(_LEAST_LEFT, len(counts.at) // 20):
        return Moments()
    looks = sum(counts.of[n] for n in left)
    hits = sum(counts.hit[n] for n in left)
    if not looks:
        return Moments()
    if not hits:
        return Moments(looks=looks)
    usual = hits / looks
    within = within_of = across = across_of = 0.0
    before, excess_before, of_before = -2, 0.0, 0
    for n in left:
        of, hit, at = counts.of[n], counts.hit[n], counts.at[n]
        base = min(usual * counts.tide[n], MOST_BASE) if counts.tide else usual
        scale = base * (1 - base)
        excess = hit - of * base
        within += excess * excess - of * scale
        within_of += of * (of - 1) * scale
        if at - before == 1:
            across += excess * excess_before
            across_of += of * of_before * scale
        before, excess_before, of_before = at, excess, of
    return Moments(looks, hits, within, within_of, across, across_of)


def _left(length: int, without: Sequence[Span]) -> Sequence[int]:
    if not without:
        return range(length)
    gone = {n for first, past in without for n in range(first, past)}
    return [n for n in range(length) if n not in gone]


def estimate(own: Moments, others: Moments, usual: Noise) -> Noise:
    """The noise of a series: its own moments, those of others as a weak prior, and a usual one.

    ``others`` are of comparable size to ``own`` (a mean over other series, not their sum).
    """
    total = own + others
    base = (total.hits + _PRIOR_LOOKS * usual.base) / (total.looks + _PRIOR_LOOKS)
    own_base = (own.hits + _OWN_LOOKS * base) / (own.looks + _OWN_LOOKS)
    pairs = own + others.times(_OTHERS)
    within_of, across_of = pairs.within_of + _PRIOR_PAIRS, pairs.across_of + _PRIOR_PAIRS
    within = (pairs.within + _PRIOR_PAIRS * usual.spread) / within_of
    across = (pairs.across + _PRIOR_PAIRS * usual.spread * usual.memory) / across_of
    spread = min(max(within, across, _SPREADS[0]), _SPREADS[-1])
    memory = min(max(across / spread, 0.0), _MOST_MEMORY)
    return Noise(min(max(own_base, _LEAST_BASE), MOST_BASE), rounded_up(spread), memory)


def rounded_up(spread: float) -> float:
    """The next of a few values, so that evidence can be looked up."""
    return next((one for one in _SPREADS if one >= spread), _SPREADS[-1])


def spreads(counts: Counts, spread: float) -> Sequence[float]:
    """The correlation of looks in each bucket of a series that has this one as a rule.

    A bucket with fewer vantages than usual is more of one piece: half as many, twice as much.
    """
    if not counts.vantages:
        return [spread] * len(counts.at)
    usual = median_low(counts.vantages)
    known = {n: rounded_up(spread * usual / n) for n in set(counts.vantages)}
    return [known[n] for n in counts.vantages]


_LEAST_LEFT = 3
_PRIOR_LOOKS = 20.0
_OWN_LOOKS = 20.0
_PRIOR_PAIRS = 4.0
_OTHERS = 4.0
"""How long trouble lasts shows in few buckets of a series: so much more the others count."""
_LEAST_BASE, MOST_BASE = 0.005, 0.6
_MOST_MEMORY = 0.97
