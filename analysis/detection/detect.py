"""From a table of counts to findings: the one way through this package. Pure and repeatable."""

from collections import defaultdict
from collections.abc import Callable
from itertools import chain

from analysis.detection.candidates import blocked_counts, candidates, throttled_counts
from analysis.detection.episodes import Episode, episodes
from analysis.detection.everywhere import Trouble, place_of, trouble
from analysis.detection.grouping import elsewhere_as_well, grouped
from analysis.detection.series import Counts, Series, Table
from analysis.detection.silence import Quiet, quiet
from analysis.detection.telling import of_group, of_quiet, ordered
from analysis.detection.together import together
from heliograph.finding import Finding, FindingType

Counting = Callable[[Series, frozenset[int]], Counts]


def detect(table: Table) -> tuple[Finding, ...]:
    """Everything that is more than chance, sorted; the same table gives the same findings."""
    bad = trouble(table)
    silent = quiet(table)
    found = [of_quiet(one, table) for one in silent]
    for kind, counting in (
        (FindingType.BLOCKING, blocked_counts),
        (FindingType.THROTTLING, throttled_counts),
    ):
        told = _episodes(table, bad, counting, kind)
        left = [one for one in told if not _within(one, silent)]
        found += [of_group(group, kind, table.grid) for group in grouped(left, table.grid)]
    return ordered(found)


def _episodes(table: Table, bad: Trouble, counting: Counting, kind: FindingType) -> list[Episode]:
    every = [(series, counting(series, bad.of(series.key))) for series in table]
    if not any(any(counts.hit) for _, counts in every):
        return []
    found, least = candidates(every, table.grid)
    lent = together(found, table.grid)
    told = list(chain.from_iterable(episodes(one, least) for one in lent))
    places: dict[tuple[str, str], list[str]] = defaultdict(list)
    for series in table:
        places[series.key.target, series.key.probe].append(place_of(series.key))
    out = elsewhere_as_well(told, places, table.grid)
    return [one for one in told if one not in out]


def _within(one: Episode, silent: tuple[Quiet, ...]) -> bool:
    """Whether an episode is part of a shutdown that is told anyway."""
    for other in silent:
        mine = other.country == one.key.country and one.key.asn in other.asns
        if other.shutdown and mine and not other.all_silent:
            past = one.end.at if one.end is not None else other.run[1]
            if one.onset.at >= other.run[0] - 1 and past <= other.run[1] + 1:
                return True
    return False
