"""What may be episodes, series by series: noise estimated, series scanned, chance allowed for."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import exp, log

from analysis.detection.evidence import Habits
from analysis.detection.grid import Grid
from analysis.detection.noise import Moments, Noise, Span, estimate, moments
from analysis.detection.scanning import (
    LEAST_SCORE,
    Line,
    Rise,
    Scan,
    forecast,
    scan,
    scan_lines,
    seen,
)
from analysis.detection.series import Counts, Key, Series

FALSE_SHARE = 0.03
"""Of all episodes told, at most so many are expected to be chance."""
_LOOSE = 10.0
"""The bound lets through so many times more than chance makes: scores jump past it, and the levels
rise together. Measured at 20 in test_scanning.py."""
_STRONG = 15.0
"""A rise with so much evidence even under heavy noise is no part of the noise."""
_FLAP_DAYS = 7.0
"""Rises with a shorter pause between them are one that comes and goes."""
_COINCIDENCE = 8.0
"""What two vantages that have a bad day at once hardly make."""
_FEW_SERIES = 20
_STRETCH_DAYS = 180.0
BEYOND_DOUBT = 16.0
_FORESEEN = 0.5
"""So large a part of what is strange may be foreseen."""
_MOST_STRONG = 2
"""With more of them than this, rises are how the series errs."""
_HEAVY = Noise(0.05, 0.3, 0.75)
"""Noise to begin with, memory from day to day: heavier than most is."""
_PRIOR_FAILED = 20.0
"""A bucket's failed looks everywhere are believed beside so many as usual."""
_USUAL = Noise(0.03, 0.05, 0.3)
"""Noise of which nothing is known."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A series with its noise and what rises in it."""

    key: Key
    series: Series
    counts: Counts
    noise: Noise
    scan: Scan


def blocked_counts(series: Series, without: frozenset[int]) -> Counts:
    """Blocked looks of decided ones, buckets ``without`` left out."""
    return _counts(
        (row[0], row[1] + row[2] + row[3], row[2], n, row[6])
        for n, row in enumerate(series.rows)
        if row[1] + row[2] + row[3] and row[0] not in without
    )


def throttled_counts(series: Series, without: frozenset[int]) -> Counts:
    """Throttled looks of those that came through."""
    return _counts(
        (row[0], row[1] + row[3], row[3], n, row[6])
        for n, row in enumerate(series.rows)
        if row[1] + row[3] and row[0] not in without
    )


def _counts(chosen: Iterable[tuple[int, int, int, int, int]]) -> Counts:
    at, of, hit, row, vantages = tuple(zip(*chosen, strict=True)) or ((),) * 5
    return Counts(at, of, hit, row, vantages if min(vantages, default=0) > 0 else ())


def candidates(
    every: Sequence[tuple[Series, Counts]], grid: Grid
) -> tuple[tuple[Candidate, ...], float]:
    """Every series with its rises, and the least score that is told.

    Twice: once to see what may be episodes, so that they do not count as noise, and once more.
    """
    heavy = Noise(_HEAVY.base, _HEAVY.spread, _HEAVY.memory**grid.days)
    series = [counts for _, counts in every]
    plain = Habits({})
    pause = grid.in_days(_FLAP_DAYS, least=2)
    scans = [scan(counts, heavy, plain, pause) for counts in series]
    rises = _apart(scans, _beyond(series, scans, grid))
    apart = [_largest(one.rises) for one in scans]
    for last in (False, True):
        told = tides(series, rises)
        noises = _noises(told, apart, grid)
        lines = [forecast(counts, noise) for counts, noise in zip(told, noises, strict=True)]
        habits = _habits(lines, rises)
        scans = [
            scan_lines(counts.at, mine, habits, pause)
            for counts, mine in zip(told, lines, strict=True)
        ]
        least = max(least_score(scans), _beyond(series, scans, grid))
        if not last:
            apart = rises = _apart(scans, least)
    found = (
        Candidate(series.key, series, counts, noise, one)
        for (series, _), counts, noise, one in zip(every, told, noises, scans, strict=True)
    )
    return tuple(found), least


def tides(every: Sequence[Counts], rises: Sequence[Sequence[Rise]]) -> list[Counts]:
    """The same series, with how much more fails in each bucket in all of them than usually does.

    What may be an episode is left out. On weekends more fails everywhere, or with a bad
    instrument; that is nobody's bad day. With few series, each is too much of the whole.
    """
    if len(every) < _FEW_SERIES:
        return list(every)
    length = 1 + max((one.at[-1] for one in every if one.at), default=-1)
    looks, failed = [0] * length, [0] * length
    for one in every:
        for at, of, hit in zip(one.at, one.of, one.hit, strict=True):
            looks[at] += of
            failed[at] += hit
    for one, found in zip(every, rises, strict=True):
        for n in (n for first, past in _spans(found) for n in range(first, past)):
            looks[one.at[n]] -= one.of[n]
            failed[one.at[n]] -= one.hit[n]
    usual = sum(failed) / max(sum(looks), 1)
    if not usual:
        return list(every)
    tide = [
        (hit + _PRIOR_FAILED) / (of * usual + _PRIOR_FAILED)
        for of, hit in zip(looks, failed, strict=True)
    ]
    return [one._replace(tide=tuple(map(tide.__getitem__, one.at))) for one in every]


def _apart(scans: Sequence[Scan], least: float) -> list[tuple[Rise, ...]]:
    """Of each series the rises that do not count as its noise: more than one coincidence makes."""
    least = max(least, _COINCIDENCE if len(scans) >= _FEW_SERIES else 0.0)
    return [tuple(rise for rise in one.rises if rise.score >= least) for one in scans]


def _beyond(every: Sequence[Counts], scans: Sequence[Scan], grid: Grid) -> float:
    """``beyond_usual`` of a file of many series."""
    if len(every) < _FEW_SERIES:
        return 0.0
    stretches = max(1, round(grid.length * grid.days / _STRETCH_DAYS))
    stretch = -(-grid.length // stretches)
    largest: list[float] = []
    for counts, one in zip(every, scans, strict=True):
        scores = {at // stretch: 0.0 for at in counts.at}
        for rise in one.rises:
            when = counts.at[rise.first] // stretch
            scores[when] = max(scores[when], rise.score)
        largest += scores.values()
    return beyond_usual(largest)


def beyond_usual(largest: Sequence[float]) -> float:
    """From which score a rise is no part of what series in this file usually do.

    ``largest`` is the largest rise of each half a year of each series: over many years every series
    has its episodes. The tail goes on as it falls from the lower quarter of them to their middle,
    so that episodes in a third of them are not taken for usual; where that foresees hardly any of
    what there is, it is strange. With few series nothing is usual, and every rise may be an
    episode; and from ``BEYOND_DOUBT`` on it is strange however many have it, for whole countries
    block whole lists.
    """
    if len(largest) < _FEW_SERIES:
        return 0.0
    order = sorted(largest)
    lower, middle = (max(order[len(order) * part // 4], LEAST_SCORE) for part in (1, 2))
    scale = max((middle - lower) / log(3 / 2), 1.0)
    strange = float("inf")
    for beyond, score in enumerate(reversed(order), start=1):
        foreseen = len(order) / 2 * exp(-(score - middle) / scale)
        if score < middle or foreseen > _FORESEEN * beyond:
            break
        strange = score
    return min(strange, BEYOND_DOUBT)


def _habits(every: Sequence[Sequence[Line]], rises: Sequence[Sequence[Rise]]) -> Habits:
    total: Counter[Line] = Counter()
    for lines, found in zip(every, rises, strict=True):
        total.update(seen(lines, _spans(found)))
    return Habits(total)


def least_score(scans: Sequence[Scan]) -> float:
    """The least score at which at most ``FALSE_SHARE`` of what is told is expected to be chance.

    Of all places where a rise could begin by chance, a part of at most exp(-s) reaches s: exp(s) is
    an e-value of each (Wang & Ramdas 2022, J. R. Stat. Soc. B 84:822).
    """
    tries = sum(one.tries for one in scans)
    scores = sorted((rise.score for one in scans for rise in one.rises), reverse=True)
    least = float("inf")
    for told, score in enumerate(scores, start=1):
        if tries * exp(-score) <= FALSE_SHARE * _LOOSE * told:
            least = score
    return least


def _largest(rises: Sequence[Rise]) -> tuple[Rise, ...]:
    """Those that are no noise: the largest in any case, for it is what is to be tested."""
    order = sorted(rises, key=lambda rise: -rise.score)
    strong = [rise for rise in order if rise.score >= _STRONG]
    return tuple(strong[:_MOST_STRONG] or order[:1])


def _noises(every: Sequence[Counts], rises: Sequence[Sequence[Rise]], grid: Grid) -> list[Noise]:
    usual = Noise(_USUAL.base, _USUAL.spread, _USUAL.memory**grid.days)
    own = [moments(c, _spans(found)) for c, found in zip(every, rises, strict=True)]
    total = sum(own, Moments())
    others = len(own) - 1
    return [
        estimate(one, (total - one).times(1 / others) if others else Moments(), usual)
        for one in own
    ]


def _spans(rises: Sequence[Rise]) -> tuple[Span, ...]:
    return tuple((rise.first, rise.past) for rise in rises)
