"""What happens everywhere at once is no blocking: a target that is down, an instrument at fault.

A place is a country, or a network whose country nobody told. Where most places start to fail in
the same bucket, the cause is not in any of them; buckets of such a time are left out of every
series it concerns, as if there were no data. The same holds for one network in which nearly all
targets fail at once: that network has trouble.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from analysis.detection.series import Key, Series, Table
from heliograph.model import UNKNOWN_COUNTRY

FAILING = 0.3
"""A series' share of failed looks, from which a bucket of it counts as failing."""
_MOST = 0.6
"""So large a part of all places is everywhere."""
_HALF = 0.5
_CALM = 0.3
"""Before something begins everywhere, at most so large a part fails; else it crept in."""
_LEAST_COUNTRIES, _LEAST_NETWORKS = 2, 5
_LEAST_TARGETS = 3
_NETWORK_TARGETS, _NETWORK_MOST = 5, 0.8
_NETWORK_DAYS = 14.0
"""Trouble of a network is over by then; what lasts longer is judged target by target."""

Tally = dict[int, list[int]]
"""By bucket: series that have data there, and how many of them fail."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Buckets that say nothing of blocking, by whom they concern."""

    targets: Mapping[tuple[str, str], frozenset[int]] = field(default_factory=dict)
    """By target and probe: it is down for everybody."""
    probes: Mapping[str, frozenset[int]] = field(default_factory=dict)
    """By probe: it fails everywhere."""
    networks: Mapping[tuple[str, int], frozenset[int]] = field(default_factory=dict)
    """By country and network: nearly everything fails there."""

    def of(self, key: Key) -> frozenset[int]:
        """The buckets of a series that are left out."""
        return (
            self.targets.get((key.target, key.probe), frozenset())
            | self.probes.get(key.probe, frozenset())
            | self.networks.get((key.country, key.asn), frozenset())
        )


def place_of(key: Key) -> str:
    """Where a series was measured, as far as independence goes."""
    return key.country if key.country != UNKNOWN_COUNTRY else f"AS{key.asn}"


def trouble(table: Table) -> Trouble:
    """What is wrong with targets, probes and networks, as far as the counts of failures show it."""
    by_target: dict[tuple[str, str], dict[str, Tally]] = defaultdict(dict)
    by_network: dict[tuple[str, int], Tally] = defaultdict(dict)
    for series in table:
        key = series.key
        tally = by_target[key.target, key.probe].setdefault(place_of(key), {})
        _count(series, (tally, by_network[key.country, key.asn]))
    targets = {
        scope: found
        for scope, places in by_target.items()
        if _enough(places) and (found := _everywhere(places.values()))
    }
    longest = table.grid.in_days(_NETWORK_DAYS)
    networks = {
        scope: found
        for scope, tally in by_network.items()
        if scope[1] and (found := _network(tally, longest))
    }
    return Trouble(targets, _probes(by_target), networks)


def _count(series: Series, tallies: Sequence[Tally]) -> None:
    for row in series.rows:
        at, ok, blocked, throttled = row[:4]
        decided = ok + blocked + throttled
        if not decided:
            continue
        fails = blocked + throttled >= FAILING * decided
        for tally in tallies:
            seen = tally.get(at)
            if seen is None:
                tally[at] = [1, int(fails)]
                continue
            seen[0] += 1
            if fails:
                seen[1] += 1


def _enough(places: Iterable[str]) -> bool:
    """Whether there are enough places for a cause to be in none of them."""
    names = list(places)
    networks = sum(name.startswith("AS") and len(name) > 2 for name in names)
    return len(names) - networks >= _LEAST_COUNTRIES or networks >= _LEAST_NETWORKS


def _probes(by_target: Mapping[tuple[str, str], dict[str, Tally]]) -> dict[str, frozenset[int]]:
    names = {probe for _, probe in by_target}
    found = {}
    for name in sorted(names):
        mine = {scope: places for scope, places in by_target.items() if scope[1] == name}
        everywhere = {place for places in mine.values() for place in places}
        if len(mine) < _LEAST_TARGETS or not _enough(everywhere):
            continue
        spread = [
            _everywhere([places[place] for places in mine.values() if place in places])
            for place in sorted(everywhere)
        ]
        counts: dict[int, int] = defaultdict(int)
        for buckets in spread:
            for at in buckets:
                counts[at] += 1
        left = frozenset(at for at, number in counts.items() if number >= _MOST * len(spread))
        if left:
            found[name] = left
    return found


def _everywhere(tallies: Iterable[Tally]) -> frozenset[int]:
    """Buckets in which most of these fail, where that began in all of them at once."""
    units: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    for tally in tallies:
        for at, (present, failing) in tally.items():
            unit = units[at]
            unit[0] += 1
            unit[1] += failing >= _HALF * present
    return _sudden(units, _MOST)


def _network(tally: Tally, longest: int) -> frozenset[int]:
    wide = {at: seen for at, seen in tally.items() if seen[0] >= _NETWORK_TARGETS}
    return _sudden(wide, _NETWORK_MOST, longest)


def _sudden(units: Mapping[int, Sequence[int]], most: float, longest: int = 0) -> frozenset[int]:
    """Buckets of runs in which ``most`` fail and that began suddenly, with those at their edges."""
    order = sorted(units)
    share = [units[at][1] / units[at][0] for at in order]
    found: set[int] = set()
    place = 0
    while place < len(order):
        first = place
        while place < len(order) and share[place] >= most:
            place += 1
        if place == first:
            place += 1
            continue
        calm = [share[n] for n in range(max(first - 2, 0), first)]
        short = not longest or order[place - 1] - order[first] < longest
        if short and (not calm or min(calm) <= _CALM) and not (longest and not calm):
            found.update(order[max(first - 1, 0) : place + 1])
    return frozenset(found)
