"""A fleet over months with a known truth, for benchmarks/detect.py: countries, networks, targets.

Every vantage of a network looks at every target some times a day. A vantage may be disturbed for
days (then its looks at one target fail); what is added on purpose is in ``Fleet.events``.
"""

import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from analysis.detection.grid import DAY, Grid
from analysis.detection.series import Key, Row, Series, Table

START = 1_767_225_600
"""2026-01-01."""
GRADUAL_DAYS = 10


@dataclass(frozen=True)
class Event:
    """Something that was staged: in which networks, to which target, from which day to which."""

    country: str
    asns: frozenset[int]
    targets: frozenset[str]
    onset: int
    end: int | None
    type: str = "blocking"
    share: float = 1.0


@dataclass(frozen=True)
class Shape:
    """What a fleet is like; the defaults are those of issue 8's preset, as it reads."""

    countries: int = 10
    networks: int = 5
    targets: int = 20
    days: int = 180
    vantages: int = 4
    looks: int = 3
    noise: float = 0.05
    run_days: float = 3.0
    noisy_fails: float = 1.0
    """Part of the looks of a disturbed vantage that fail."""
    per: str = "vantage"
    """Whether trouble is that of one vantage, of a series, or of a single look."""
    episodes: int = 60
    longest: int = 60
    least_share: float = 0.5
    network_outages: int = 20
    target_outages: int = 20
    faults: int = 2
    gaps: float = 0.0
    weekly: float = 0.0
    drift: float = 0.0
    uneven: bool = False
    """Series differ in how noisy they are."""
    shares: str = "even"
    """``even``, or what an episode is like: ``gradual``, ``flapping``, ``throttled``."""


@dataclass
class Fleet:
    """The counts and what was staged."""

    table: Table
    events: list[Event] = field(default_factory=list)


class _Disturbance:
    """One vantage's trouble with one target: bad for days, then good for longer."""

    def __init__(self, chance: random.Random, share: float, days: float) -> None:
        self._chance, self._stay = chance, 1 - 1 / days
        self._enter = share / (1 - share) / days if share < 1 else 1.0
        self.bad = chance.random() < share

    def day(self) -> bool:
        """Whether it is disturbed today."""
        stays = self._chance.random() < (self._stay if self.bad else self._enter)
        self.bad = stays
        return self.bad


def fleet(shape: Shape, seed: int) -> Fleet:
    """A fleet of this shape; the same seed gives the same one."""
    chance = random.Random(seed)
    countries = [f"X{chr(65 + n)}" for n in range(shape.countries)]
    networks = {
        country: [64500 + n * shape.networks + k for k in range(shape.networks)]
        for n, country in enumerate(countries)
    }
    targets = [f"https://t{n}.example/" for n in range(shape.targets)]
    events = list(_episodes(shape, chance, networks, targets))
    shares: dict[tuple[int, str], list[Event]] = defaultdict(list)
    for event in events:
        for asn in event.asns:
            for target in event.targets:
                shares[asn, target].append(event)
    outages = _outages(shape, chance, networks, targets)
    series = []
    for country in countries:
        for asn in networks[country]:
            for target in targets:
                rows = tuple(_rows(shape, chance, shares[asn, target], outages, (asn, target)))
                series.append(Series(Key(country, asn, target, "web"), rows))
    series.sort(key=lambda one: one.key)
    return Fleet(Table(Grid(START, DAY, shape.days), tuple(series)), events)


def _episodes(
    shape: Shape, chance: random.Random, networks: dict[str, list[int]], targets: list[str]
) -> Iterator[Event]:
    taken: set[tuple[int, str]] = set()
    made = 0
    while made < shape.episodes:
        country = chance.choice(sorted(networks))
        target = chance.choice(targets)
        number = chance.choice([1, 1, 1, min(3, shape.networks), shape.networks])
        asns = chance.sample(networks[country], number)
        if any((asn, target) in taken for asn in asns):
            continue
        taken.update((asn, target) for asn in asns)
        length = chance.randint(2, shape.longest)
        onset = chance.randint(10, shape.days - 10)
        end = onset + length
        yield Event(
            country=country,
            asns=frozenset(asns),
            targets=frozenset([target]),
            onset=onset,
            end=end if end < shape.days else None,
            share=chance.uniform(shape.least_share, 1.0),
        )
        made += 1


Outages = dict[tuple[str, object, int], str]


def _outages(
    shape: Shape, chance: random.Random, networks: dict[str, list[int]], targets: list[str]
) -> Outages:
    """What happened on which day to whom: ``silent``, ``down``, ``inconclusive``, ``blocked``."""
    found: Outages = {}
    every = [asn for mine in networks.values() for asn in mine]
    for n in range(shape.network_outages):
        asn, first = chance.choice(every), chance.randint(5, shape.days - 5)
        how = ("silent", "inconclusive", "blocked", "down")[n % 4]
        found.update({("network", asn, first + d): how for d in range(chance.randint(1, 3))})
    for n in range(shape.target_outages):
        target, first = chance.choice(targets), chance.randint(5, shape.days - 5)
        how = ("down", "blocked")[n % 2]
        found.update({("target", target, first + d): how for d in range(chance.randint(1, 5))})
    for _ in range(shape.faults):
        first = chance.randint(5, shape.days - 5)
        found.update({("probe", "web", first + d): "blocked" for d in range(chance.randint(1, 4))})
    return found


def _rows(
    shape: Shape,
    chance: random.Random,
    events: list[Event],
    outages: Outages,
    name: tuple[int, str],
) -> Iterator[Row]:
    asn, target = name
    rate = shape.noise * (chance.choice([0.2, 0.5, 1, 2, 4]) if shape.uneven else 1.0)
    units = shape.vantages if shape.per == "vantage" else 1
    troubles = [_Disturbance(chance, min(rate, 0.9), shape.run_days) for _ in range(units)]
    for day in range(shape.days):
        bad = [trouble.day() for trouble in troubles]
        how = (
            outages.get(("network", asn, day))
            or outages.get(("target", target, day))
            or outages.get(("probe", "web", day))
        )
        if how == "silent" or chance.random() < shape.gaps:
            continue
        looks = shape.vantages * shape.looks
        if how in ("down", "inconclusive"):
            down, unsure = (looks, 0) if how == "down" else (0, looks)
            yield Row(day, down=down, inconclusive=unsure, vantages=shape.vantages)
            continue
        share = max((_share(e, day, shape) for e in events), default=0.0)
        if how == "blocked":
            share = max(share, 0.9)
        hit = 0
        extra = shape.drift * day / shape.days + (shape.weekly if day % 7 in (5, 6) else 0.0)
        for vantage in range(shape.vantages):
            for _ in range(shape.looks):
                noisy = (
                    chance.random() < rate
                    if shape.per == "look"
                    else bad[vantage % units] and chance.random() < shape.noisy_fails
                )
                hit += noisy or chance.random() < max(share, extra)
        slowed = hit if shape.shares == "throttled" else 0
        yield Row(day, looks - hit, hit - slowed, slowed, vantages=shape.vantages)


def _share(event: Event, day: int, shape: Shape) -> float:
    """The part of the looks that an episode stops on a day."""
    if day < event.onset or (event.end is not None and day >= event.end):
        return 0.0
    since = day - event.onset
    if shape.shares == "gradual":
        return event.share * min(1.0, (since + 1) / GRADUAL_DAYS)
    if shape.shares == "flapping":
        return event.share if since % 6 < 4 else 0.0
    return event.share
