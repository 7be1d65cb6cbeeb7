"""Episodes of one series: rises that are more than chance, dated, and joined where they flap."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import median_low

from analysis.detection.candidates import Candidate
from analysis.detection.dating import Change, Dates, dates
from analysis.detection.noise import Span
from analysis.detection.scanning import Rise
from analysis.detection.series import UNKNOWN, Counts, Key, Row

LEAST_LEVEL = 0.35
"""A smaller share of looks is no episode, whatever it may be."""
_LEAST_RISE = 0.25
"""So much more than what the series does anyhow."""
_LEVEL_ALONE = 0.6
"""Where the series was never seen calm, the share that is needed."""
_LEAST_BUCKETS, _LEAST_LOOKS = 2, 4
_LEAST_CALM = 10
"""Buckets from which is known how much fails anyhow."""
_STOPPED = 0.1
"""With at most this share of looks failing it has stopped for the while."""
_KEPT_WITNESSES = 3


@dataclass(frozen=True, slots=True)
class Episode:
    """One series, blocked from then till then. Times are numbers of buckets."""

    key: Key
    onset: Change
    end: Change | None
    score: float
    level: float
    """The share of looks that was stopped, pauses left out."""
    hits: int
    """Looks that were stopped from onset to end, pauses included; of so many that say anything."""
    decided: int
    looks: int
    """All of them, those that were down or inconclusive included."""
    vantages: int
    """Of the bucket in the middle, or ``UNKNOWN``; no more than can have made the looks that say
    anything."""
    pauses: int
    """So often it stopped for a while in between."""
    seen_before: bool
    techniques: tuple[tuple[int, str], ...]
    """The main technique of each bucket that has one, with its number."""
    witnesses: tuple[str, ...]


def episodes(candidate: Candidate, least: float) -> Iterator[Episode]:
    """What of a series' rises is told: those with this score, if they are large enough."""
    counts, noise = candidate.counts, candidate.noise
    for rise in candidate.scan.rises:
        if rise.score < least:
            continue
        whole = _whole([dates(counts, span, noise) for span in rise.spans])
        span = (whole[0].span[0], whole[-1].span[1])
        pauses = tuple(_pauses(counts, span))
        busy = [n for n in range(*span) if not any(first <= n < past for first, past in pauses)]
        others = [o for o in candidate.scan.rises if o is not rise and o.score >= least]
        if _is_told(candidate, span, busy, others):
            yield _episode(candidate, whole, busy, (rise.score, len(pauses)))


def _whole(found: Sequence[Dates]) -> tuple[Dates, ...]:
    """In order, what overlaps once dated made one."""
    whole: list[Dates] = []
    for one in found:
        if whole and one.span[0] <= whole[-1].span[1]:
            last = whole.pop()
            later = one if one.span[1] >= last.span[1] else last
            span = (last.span[0], later.span[1])
            whole.append(replace(last, span=span, end=later.end))
            continue
        whole.append(one)
    return tuple(whole)


def _pauses(counts: Counts, span: Span) -> Iterator[Span]:
    """Where it stopped for two buckets or more, with enough looks to say so."""
    first = span[0]
    for n in range(span[0], span[1]):
        if counts.hit[n] <= _STOPPED * counts.of[n]:
            continue
        if n - first >= _LEAST_BUCKETS and sum(counts.of[first:n]) >= _LEAST_LOOKS:
            yield first, n
        first = n + 1


def _is_told(candidate: Candidate, span: Span, busy: Sequence[int], others: Sequence[Rise]) -> bool:
    counts = candidate.counts
    hits, level = sum(counts.hit[n] for n in busy), _level(counts, busy)
    buckets = sum(1 for n in busy if counts.hit[n])
    if buckets < _LEAST_BUCKETS or hits < _LEAST_LOOKS or level < LEAST_LEVEL:
        return False
    if level < max(candidate.noise.base, _outside(candidate.counts, span, others)) + _LEAST_RISE:
        return False
    rest = len(counts.at) - (span[1] - span[0])
    return rest >= max(3, len(counts.at) // 20) or level >= _LEVEL_ALONE


def _outside(counts: Counts, span: Span, others: Sequence[Rise]) -> float:
    """The share that is stopped outside of an episode, and of others if that leaves enough."""
    rest = [n for n in range(len(counts.at)) if not span[0] <= n < span[1]]
    spans = [part for rise in others for part in rise.spans]
    calm = [n for n in rest if not any(first <= n < past for first, past in spans)]
    seen = calm if len(calm) >= _LEAST_CALM else rest
    return _level(counts, seen) if len(seen) >= _LEAST_CALM else 0.0


def _level(counts: Counts, busy: Sequence[int]) -> float:
    return sum(counts.hit[n] for n in busy) / max(sum(counts.of[n] for n in busy), 1)


def _episode(
    candidate: Candidate, whole: Sequence[Dates], busy: Sequence[int], told: tuple[float, int]
) -> Episode:
    counts = candidate.counts
    rows = [candidate.series.rows[counts.row[n]] for n in busy if counts.hit[n]]
    known = [_deciding(row) for row in rows if row.vantages != UNKNOWN]
    span = range(whole[0].span[0], whole[-1].span[1])
    return Episode(
        key=candidate.key,
        onset=whole[0].onset,
        end=whole[-1].end,
        score=told[0],
        level=_level(counts, busy),
        hits=sum(counts.hit[n] for n in span),
        decided=sum(counts.of[n] for n in span),
        looks=sum(candidate.series.rows[counts.row[n]].looks for n in span),
        vantages=median_low(known) if len(known) * 2 > len(rows) else UNKNOWN,
        pauses=told[1],
        seen_before=whole[0].seen_before,
        techniques=tuple((row.at, main) for row in rows if (main := _main(row))),
        witnesses=_witnesses(rows),
    )


def _deciding(row: Row) -> int:
    """How many of a bucket's vantages its looks that say anything may be from, at the least."""
    return -(-row.vantages * row.decided // max(row.looks, 1))


def _main(row: Row) -> str:
    """The first technique that is named."""
    return (row.technique.replace(",", " ").replace(";", " ").split() or [""])[0]


def _witnesses(rows: Sequence[Row]) -> tuple[str, ...]:
    """Of the buckets with the most failures, those that name one."""
    named = [row for row in rows if row.witness]
    counted = Counter({row.witness: row.blocked + row.throttled for row in named})
    return tuple(
        witness for witness, _ in sorted(counted.items(), key=lambda one: (-one[1], one[0]))
    )[:_KEPT_WITNESSES]
