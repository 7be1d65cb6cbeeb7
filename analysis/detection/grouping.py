"""Series that moved together are one finding.

Episodes of one country belong together when they begin at about the same time and have the target
or the network in common; different targets must end together as well.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from analysis.detection.episodes import Episode
from analysis.detection.everywhere import place_of
from analysis.detection.grid import Grid

_ONSET_DAYS, _END_DAYS = 2.0, 3.0
_EVERYWHERE = 0.6
_LEAST_PLACES = 2
_SECOND_LEVEL = frozenset({"ac", "co", "com", "edu", "gob", "gov", "net", "ne", "or", "org"})

Group = tuple[Episode, ...]


def grouped(found: Iterable[Episode], grid: Grid) -> tuple[Group, ...]:
    """The episodes, each in one group; groups and their members in order."""
    by_country: dict[str, list[Episode]] = defaultdict(list)
    for one in sorted(found, key=_order):
        by_country[one.key.country].append(one)
    groups = [group for mine in by_country.values() for group in _of_country(mine, grid)]
    return tuple(sorted(groups, key=lambda group: _order(group[0])))


def elsewhere_as_well(
    found: Sequence[Episode], places: Mapping[tuple[str, str], Sequence[str]], grid: Grid
) -> frozenset[Episode]:
    """Episodes that began at the same time in most of the places where their target is looked at.

    ``places`` are those of each target and probe. What few looks a day hide bucket by bucket shows
    here: the target itself failed.
    """
    window = grid.in_days(1.0)
    by_target: dict[tuple[str, str], list[Episode]] = defaultdict(list)
    for one in found:
        by_target[one.key.target, one.key.probe].append(one)
    out = set()
    for scope, mine in by_target.items():
        all_places = set(places[scope])
        for one in mine:
            near = {
                place_of(other.key)
                for other in mine
                if abs(other.onset.at - one.onset.at) <= window
            }
            if len(all_places) > _LEAST_PLACES and len(near) >= _EVERYWHERE * len(all_places):
                out.add(one)
    return frozenset(out)


def family_of(target: str) -> str:
    """What targets of one site have in common: the last labels of the host."""
    host = target.split("://", 1)[-1].split("/", 1)[0].rsplit("@", 1)[-1].split(":", 1)[0]
    labels = host.lower().rstrip(".").split(".")
    if labels[-1].isdigit() or len(labels) <= 2:
        return ".".join(labels)
    short = len(labels[-1]) == 2 and labels[-2] in _SECOND_LEVEL
    return ".".join(labels[-3 if short else -2 :])


def _order(one: Episode) -> tuple[object, ...]:
    return (one.onset.at, one.key)


def _of_country(mine: Sequence[Episode], grid: Grid) -> Iterator[Group]:
    """Groups by union of pairs; ``mine`` are in order of their onset."""
    parent = list(range(len(mine)))

    def root(n: int) -> int:
        while parent[n] != n:
            parent[n] = parent[parent[n]]
            n = parent[n]
        return n

    tolerance, ends = grid.in_days(_ONSET_DAYS), grid.in_days(_END_DAYS)
    for n, one in enumerate(mine):
        for other in range(n + 1, len(mine)):
            if mine[other].onset.at - one.onset.at > tolerance:
                break
            if _together(one, mine[other], ends):
                low, high = sorted((root(n), root(other)))
                parent[high] = low
    groups: dict[int, list[Episode]] = defaultdict(list)
    for n, one in enumerate(mine):
        groups[root(n)].append(one)
    return (tuple(group) for group in groups.values())


def _together(one: Episode, other: Episode, ends: int) -> bool:
    if family_of(one.key.target) == family_of(other.key.target):
        return True
    if one.key.asn != other.key.asn:
        return False
    if one.end is None or other.end is None:
        return one.end is None and other.end is None
    return abs(one.end.at - other.end.at) <= ends
