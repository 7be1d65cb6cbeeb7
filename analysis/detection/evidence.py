"""What one bucket says for blocking and against it: a logarithm of a ratio of likelihoods.

Counts are beta-binomial on both sides (Skellam 1948, J. R. Stat. Soc. B 10:257), and each side
leaves room for what it does not foresee, so that no single bucket decides. How often which share
really followed which forecast is counted over the whole file, and corrects the noise's side
(``Habits``): where bad days are worse, or longer, than the curve has them, they say less.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from functools import cache
from math import exp, lgamma, log
from typing import NamedTuple

LEVELS = (0.45, 0.7, 0.9, 0.99)
"""Shares of looks that a block may stop: part of the network's, most of them, all."""
LEVEL_SPREAD = 0.05
_UNFORESEEN_OPEN = 0.001
"""How often a bucket does what no noise explains."""
_UNFORESEEN_BLOCKED = 0.05
_STEPS = 1000
_BINS = 48
_CLASSES_OF_FORECAST = (0.02, 0.06, 0.15, 0.3, 0.45, 0.6, 0.75, 0.9)
_CLASSES_OF_LOOKS = (1, 3, 7)
_CLASSES_OF_SHARE = (0.0, 0.2, 0.4, 0.6, 0.8, 0.99)
_PRIOR_BUCKETS = 4.0
"""A habit is believed as if it had been as forecast so often."""


class Seen(NamedTuple):
    """A bucket beside its forecast."""

    of: int
    hit: int
    expected: int
    """The bin of the forecast, out of ``BIN_OF``."""
    spread: float


def beta_binomial(of: int, hit: int, mean: float, spread: float) -> float:
    """The logarithm of the chance of ``hit`` of ``of`` looks; ``spread`` is their correlation."""
    units = 1 / spread - 1
    yes, no = mean * units, (1 - mean) * units
    return (
        lgamma(of + 1)
        - lgamma(hit + 1)
        - lgamma(of - hit + 1)
        + lgamma(hit + yes)
        + lgamma(of - hit + no)
        - lgamma(of + units)
        + lgamma(units)
        - lgamma(yes)
        - lgamma(no)
    )


def _bins() -> tuple[tuple[int, ...], tuple[float, ...]]:
    """Which bin each thousandth of a share is in, and the share a bin stands for: even in logit."""
    edge = log(0.998 / 0.002)
    places = []
    for step in range(_STEPS + 1):
        share = min(max(step / _STEPS, 0.002), 0.998)
        places.append(round((log(share / (1 - share)) + edge) / (2 * edge) * (_BINS - 1)))
    middles = [1 / (1 + exp(edge - place / (_BINS - 1) * 2 * edge)) for place in range(_BINS)]
    return tuple(places), tuple(middles)


BIN_OF, _MIDDLE_OF = _bins()
"""For an expected share in thousandths: its bin."""


@cache
def blocked(of: int, hit: int, level: float) -> float:
    """The logarithm of the chance of these counts where this share of looks is stopped."""
    chance = exp(beta_binomial(of, hit, level, LEVEL_SPREAD))
    return log((1 - _UNFORESEEN_BLOCKED) * chance + _UNFORESEEN_BLOCKED / (of + 1))


@cache
def unblocked(of: int, hit: int, expected: int, spread: float) -> float:
    """The logarithm of the chance of these counts as noise of this bin."""
    noise = exp(beta_binomial(of, hit, _MIDDLE_OF[expected], spread))
    return log((1 - _UNFORESEEN_OPEN) * noise + _UNFORESEEN_OPEN / (of + 1))


_Case = tuple[int, int]
"""Class of the forecast, class of the number of looks."""


class Habits:
    """How the noise of this file differs from the curve, by forecast, number of looks and share."""

    def __init__(self, seen: Mapping[Seen, int]) -> None:
        """``seen`` counts buckets that are not thought to be blocked."""
        really: Counter[tuple[_Case, int]] = Counter()
        foreseen: dict[tuple[_Case, int], float] = defaultdict(float)
        forecasts: Counter[tuple[int, int, float]] = Counter()
        for one, times in sorted(seen.items()):
            really[_case(one.of, one.expected), _share_class(one.of, one.hit)] += times
            forecasts[one.of, one.expected, one.spread] += times
        for (of, expected, spread), times in sorted(forecasts.items()):
            case = _case(of, expected)
            for share, chance in enumerate(_chances(of, expected, spread)):
                foreseen[case, share] += times * chance
        self._shift = {
            place: log((really[place] + _PRIOR_BUCKETS) / (number + _PRIOR_BUCKETS))
            for place, number in foreseen.items()
        }
        self._known: dict[tuple[int, int, int, float], tuple[float, ...]] = {}

    def ratios(self, of: int, hit: int, expected: int, spread: float) -> tuple[float, ...]:
        """For each level: how much likelier the counts are at it than as noise of this bin."""
        key = (of, hit, expected, spread)
        known = self._known.get(key)
        if known is None:
            shift = self._shift.get((_case(of, expected), _share_class(of, hit)), 0.0)
            against = unblocked(of, hit, expected, spread) + shift
            known = tuple(round(blocked(of, hit, level) - against, 6) for level in LEVELS)
            self._known[key] = known
        return known


@cache
def _case(of: int, expected: int) -> _Case:
    mean = _MIDDLE_OF[expected]
    return (
        sum(mean > edge for edge in _CLASSES_OF_FORECAST),
        sum(of > edge for edge in _CLASSES_OF_LOOKS),
    )


@cache
def _share_class(of: int, hit: int) -> int:
    share = hit / of
    return sum(share > edge for edge in _CLASSES_OF_SHARE)


@cache
def _chances(of: int, expected: int, spread: float) -> tuple[float, ...]:
    """The chance of each class of share."""
    found = [0.0] * (len(_CLASSES_OF_SHARE) + 1)
    for hit in range(of + 1):
        found[_share_class(of, hit)] += exp(unblocked(of, hit, expected, spread))
    return tuple(found)
