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
_FEW_LOOKS = 24
"""Up to so many, each number of hits has a habit of its own."""
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
_Cell = tuple[_Case, int, int]
"""Looks and hits of a bucket beside its case; or 0 and a class of shares."""


class Habits:
    """How the noise of this file differs from the curve, by forecast, number of looks and share.

    Twice: by classes of shares, and within them hit by hit where a bucket has few looks. Looks that
    fail together fail in certain numbers, and the others say so much more.
    """

    def __init__(
        self, seen: Mapping[Seen, int] | Mapping[tuple[int, int, int, float], int]
    ) -> None:
        """``seen`` counts buckets that are not thought to be blocked."""
        really: Counter[_Cell] = Counter()
        forecasts: Counter[tuple[int, int, float]] = Counter()
        for (of, hit, expected, spread), times in sorted(seen.items()):
            really[_case(of, expected), of, hit] += times
            forecasts[of, expected, spread] += times
        foreseen: dict[_Cell, float] = defaultdict(float)
        for (of, expected, spread), times in sorted(forecasts.items()):
            case = _case(of, expected)
            for hit, chance in enumerate(_chances(of, expected, spread)):
                foreseen[case, of, hit] += times * chance
        self._coarse = _shifts(_summed(really), _summed(foreseen), {})
        self._fine = _shifts(really, foreseen, self._coarse)
        self._known: dict[tuple[int, int, int, float], tuple[float, ...]] = {}

    def ratios(self, line: tuple[int, int, int, float]) -> tuple[float, ...]:
        """For each level: how much likelier these counts are at it than as noise of this bin.

        ``line`` is what ``Seen`` holds.
        """
        known = self._known.get(line)
        if known is None:
            of, hit, expected, spread = line
            cell = (_case(of, expected), of, hit)
            coarse = self._coarse.get(_class_of(cell), 0.0)
            shift = coarse + (self._fine.get(cell, 0.0) if of <= _FEW_LOOKS else 0.0)
            against = unblocked(of, hit, expected, spread) + shift
            known = tuple(round(blocked(of, hit, level) - against, 6) for level in LEVELS)
            self._known[line] = known
        return known


def _class_of(cell: _Cell) -> _Cell:
    """The class of shares that a cell is in, written as a cell."""
    case, of, hit = cell
    return case, 0, _share_class(of, hit)


def _summed(cells: Mapping[_Cell, float]) -> dict[_Cell, float]:
    total: dict[_Cell, float] = defaultdict(float)
    for cell, number in cells.items():
        total[_class_of(cell)] += number
    return total


def _shifts(
    really: Mapping[_Cell, float], foreseen: Mapping[_Cell, float], before: Mapping[_Cell, float]
) -> dict[_Cell, float]:
    """What is to be added to the logarithm of each cell's chance, beside what was added before."""
    found = {}
    for cell, number in foreseen.items():
        due = number * (exp(before.get(_class_of(cell), 0.0)) if before else 1.0)
        found[cell] = log((really.get(cell, 0) + _PRIOR_BUCKETS) / (due + _PRIOR_BUCKETS))
    return found


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
    """The chance of each number of hits."""
    return tuple(exp(unblocked(of, hit, expected, spread)) for hit in range(of + 1))
