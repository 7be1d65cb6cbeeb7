"""A permutation test for a change at a known time, in one unit among others, in lasting noise.

Each unit (a country) is a row of numbers on one time axis. What is compared is its row less the
mean of all others: what happens everywhere is no change here. The difference of means after and
before is set beside that of every unit at every rotation of the axis; the p-value is the share of
those that are as large. Rotating keeps days that fail together together, and exchanging units keeps
what a unit has of its own. All are counted, none is drawn: there is no chance in it.

It is done twice, with the difference itself and with the difference divided by an error from the
scatter of four blocks on either side, and the larger p-value holds: the first is too sure where the
first unit is noisier than the rest, the second where it is quieter. The idea is that of placebo
tests (Abadie, Diamond, Hainmueller 2010, JASA 105:493) with a studentised statistic (Chung, Romano
2013, Annals of Statistics 41:484); ``benchmarks/impact.py`` counts how often it is wrong.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from math import sqrt

BLOCKS = 4
"""On either side; their means scatter as the noise does, lasting noise included."""
_LEAST_ERROR = 0.001
"""A tenth of a percentage point: no scatter at all is luck, not certainty."""
_SEAM = 0.9
"""So much of the real difference is compared: a rotation joins days that lay far apart, and under
lasting noise its halves differ less than neighbours do, by 5 % with runs of 3 days in 56."""
_ROUNDING = 1e-9
"""So much less is as large: which of two equal sums comes out larger is luck."""
_STEPS = 12
"""Halvings when an end of an interval is looked for: to less than a thousandth."""


@dataclass(frozen=True, slots=True)
class Change:
    """What the permutations say; shares, not percent."""

    effect: float
    low: float
    high: float
    """All changes that the test would not tell from the one that is there."""
    p: float
    permutations: int


def change_in(rows: Sequence[Sequence[float]], before: int, alpha: float) -> Change:
    """Whether the first of these rows changed after its first ``before`` numbers.

    ``rows`` are two or more, of one length. The interval is the test inverted: at 1 - ``alpha``,
    and no wider than changes of shares can be.
    """
    lowest, highest = _bounds(rows, before)
    return Change(
        effect=_effect(rows, before),
        low=_end(rows, before, alpha, lowest),
        high=_end(rows, before, alpha, highest),
        p=_p(rows, before),
        permutations=len(rows) * len(rows[0]),
    )


def least_p(units: int, before: int, length: int) -> float:
    """The p-value of the largest change there can be: from 0 to 1 on the day, and no noise at all.

    Rotations by a little look much the same, and half a turn shows it reversed. Of two units, the
    other shows all of it as well.
    """
    step = [0.0] * before + [1.0] * (length - before)
    plain, studentised = zip(*_statistics(step, before), strict=True)
    share = max(_share_of(plain), _share_of(studentised))
    return share if units == 2 else share / units


def _effect(rows: Sequence[Sequence[float]], before: int) -> float:
    return _difference(_less_others(rows)[0], before)


def _difference(row: Sequence[float], before: int) -> float:
    return sum(row[before:]) / (len(row) - before) - sum(row[:before]) / before


def _bounds(rows: Sequence[Sequence[float]], before: int) -> tuple[float, float]:
    """What a change can be: all of a share, and as much more as the others went the other way."""
    effect = _effect(rows, before)
    others = _difference(rows[0], before) - effect
    return min(effect, -1 - max(others, 0.0)), max(effect, 1 + max(-others, 0.0))


def _p(rows: Sequence[Sequence[float]], before: int) -> float:
    """The larger share of units and rotations that look as much changed as the first unit does."""
    less = _less_others(rows)
    found = [one for row in less for one in _statistics(row, before)]
    plain, studentised = zip(*found, strict=True)
    return max(_share_of(plain), _share_of(studentised))


def _share_of(statistics: Sequence[float]) -> float:
    real = (_SEAM - _ROUNDING) * abs(statistics[0])
    return sum(abs(one) >= real for one in statistics) / len(statistics)


def _less_others(rows: Sequence[Sequence[float]]) -> list[list[float]]:
    others = len(rows) - 1
    totals = [sum(column) for column in zip(*rows, strict=True)]
    return [
        [own - (total - own) / others for own, total in zip(row, totals, strict=True)]
        for row in rows
    ]


def _statistics(row: Sequence[float], before: int) -> list[tuple[float, float]]:
    """The difference, plain and studentised, of each rotation; first the one that turns nothing."""
    length = len(row)
    upto = [0.0, *accumulate((*row, *row))]
    cuts = (_cuts(0, before), _cuts(before, length))
    return [_compared(upto, shift, cuts) for shift in range(length)]


def _cuts(first: int, past: int) -> list[tuple[int, int]]:
    edges = [first + (past - first) * n // BLOCKS for n in range(BLOCKS + 1)]
    return list(pairwise(edges))


def _compared(
    upto: Sequence[float], shift: int, cuts: tuple[list[tuple[int, int]], list[tuple[int, int]]]
) -> tuple[float, float]:
    means, errors = [], _LEAST_ERROR**2
    for blocks in cuts:
        found = [(upto[shift + b] - upto[shift + a]) / (b - a) for a, b in blocks]
        first, past = shift + blocks[0][0], shift + blocks[-1][1]
        means.append((upto[past] - upto[first]) / (past - first))
        middle = sum(found) / BLOCKS
        errors += sum((one - middle) ** 2 for one in found) / (BLOCKS - 1) / BLOCKS
    change = means[1] - means[0]
    return change, change / sqrt(errors)


def _end(rows: Sequence[Sequence[float]], before: int, alpha: float, bound: float) -> float:
    """The change nearest to ``bound`` that the test would not tell from the one there is."""
    inside, outside = _effect(rows, before), bound
    for _ in range(_STEPS):
        middle = (inside + outside) / 2
        if _p(_without(rows, before, middle), before) > alpha:
            inside = middle
        else:
            outside = middle
    return outside


def _without(rows: Sequence[Sequence[float]], before: int, change: float) -> list[Sequence[float]]:
    first = rows[0]
    return [[*first[:before], *(one - change for one in first[before:])], *rows[1:]]
