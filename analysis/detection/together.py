"""Networks of a country that begin to fail for a target in the same days lend each other weight.

What is too little in each of them is enough together, if there are several: their evidence adds up,
less what it costs that each of the others could have begun anywhere near.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import log

from analysis.detection.candidates import Candidate
from analysis.detection.evidence import LEVELS
from analysis.detection.grid import Grid
from analysis.detection.scanning import Rise, Scan

_DAYS = 2.0
"""So far apart may neighbours begin."""
_LEAST = 6.0
"""A network whose own evidence is smaller adds none."""

_Place = tuple[int, Rise]
"""Which candidate, which of its rises."""


def together(found: Sequence[Candidate], grid: Grid) -> tuple[Candidate, ...]:
    """The same candidates; a rise that others share has the evidence of all, if that is more."""
    scopes: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    for n, one in enumerate(found):
        scopes[one.key.country, one.key.target, one.key.probe].append(n)
    near = grid.in_days(_DAYS)
    lifted: dict[_Place, float] = {}
    for mine in scopes.values():
        price = log(len(LEVELS) * (2 * near + 1) * len(mine))
        for group in _groups(found, mine, near):
            total = sum(rise.score for _, rise in group) - price * (len(group) - 1)
            lifted.update((place, total) for place in group if total > place[1].score)
    return tuple(_with(one, n, lifted) for n, one in enumerate(found))


def _groups(found: Sequence[Candidate], mine: Sequence[int], near: int) -> Iterator[list[_Place]]:
    """Rises that began near each other, of each network the largest."""
    places = sorted(
        (found[n].counts.at[rise.first], n, rise)
        for n in mine
        for rise in found[n].scan.rises
        if rise.score >= _LEAST
    )
    group: dict[int, Rise] = {}
    before = 0
    for at, n, rise in places:
        if group and at - before > near:
            yield list(group.items())
            group = {}
        if n not in group or rise.score > group[n].score:
            group[n] = rise
        before = at
    if group:
        yield list(group.items())


def _with(one: Candidate, n: int, lifted: dict[_Place, float]) -> Candidate:
    rises = tuple(rise._replace(score=lifted.get((n, rise), rise.score)) for rise in one.scan.rises)
    return one if rises == one.scan.rises else replace(one, scan=Scan(rises, one.scan.tries))
