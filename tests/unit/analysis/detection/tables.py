"""Tables of counts for tests: what is said of each day, and nothing by chance but from a seed."""

import random
from collections.abc import Iterable, Mapping

from analysis.detection.grid import DAY, Grid
from analysis.detection.series import UNKNOWN, Counts, Key, Row, Series, Table

FIRST = 1_767_225_600
"""2026-01-01."""
LOOKS = 12
KINDS = ("blocked", "throttled", "down", "inconclusive")
"""In the order of a row."""
Episode = tuple[int, int, float]
"""From which day, to which (without), which share of looks."""


def key(country: str = "XA", asn: int = 64500, target: str = "https://site.example/") -> Key:
    return Key(country, asn, target, "web")


def rows(
    days: int,
    *episodes: Episode,
    noise: float = 0.02,
    seed: int = 1,
    looks: int = LOOKS,
    vantages: int = UNKNOWN,
    without: Iterable[int] = (),
    kind: str = "blocked",
    technique: str = "",
) -> tuple[Row, ...]:
    """Looks of each day; failures are binomial at the share of the day."""
    chance, gone = random.Random(seed), set(without)
    found = []
    for day in range(days):
        share = max([noise, *(e[2] for e in episodes if e[0] <= day < e[1])])
        hit = sum(chance.random() < share for _ in range(looks))
        if day in gone:
            continue
        blocked, throttled, down, unsure = (hit if kind == one else 0 for one in KINDS)
        word = technique if hit else ""
        found.append(Row(day, looks - hit, blocked, throttled, down, unsure, vantages, word))
    return tuple(found)


def table(series: Mapping[Key, Iterable[Row]], days: int = 0, width: int = DAY) -> Table:
    made = {k: tuple(r) for k, r in sorted(series.items())}
    length = days or max(row.at for mine in made.values() for row in mine) + 1
    return Table(Grid(FIRST, width, length), tuple(Series(k, r) for k, r in made.items()))


def counts(of: Iterable[int], hit: Iterable[int]) -> Counts:
    """Counts of buckets without a gap."""
    looks, failed = tuple(of), tuple(hit)
    places = tuple(range(len(looks)))
    return Counts(places, looks, failed, places)
