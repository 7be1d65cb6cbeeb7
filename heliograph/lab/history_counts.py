"""The counts of a history: what every vantage saw, added up by day and series."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from math import ceil, pi, sin
from random import Random
from typing import NamedTuple

from heliograph.lab.history_events import FAULT, Happening, World
from heliograph.lab.history_shapes import Shape

_KEYS_AMONG_LIARS = 10
"""So many vantages has the network some of whose keys lie."""
_UNEVEN = (0.2, 0.5, 1.0, 2.0, 4.0)
_MOST_NOISE = 0.9
_YEAR = 365
_WEEKEND = (5, 6)


class Count(NamedTuple):
    """One day of one series."""

    day: int
    country: str
    asn: int
    target: str
    ok: int
    blocked: int
    throttled: int
    down: int
    inconclusive: int
    vantages: int
    technique: str


@dataclass(frozen=True, slots=True)
class _Place:
    """A network with what happens in it, and what its vantages are like."""

    country: str
    asn: int
    keys: int
    lying: int
    """The first so many keys lie."""
    present: tuple[frozenset[int], ...]
    """Days on which each key is there."""
    bad: tuple[frozenset[int], ...]
    """Days on which each key is disturbed whatever it looks at."""


class _Staged:
    """Happenings, by whom they concern."""

    def __init__(self, found: Sequence[Happening]) -> None:
        self.lies = [one for one in found if one.kind == "lie"]
        self._found = [one for one in found if one.kind != "lie"]

    def of(self, place: _Place, target: str) -> tuple[Happening, ...]:
        """Those that concern a series."""
        return tuple(
            one
            for one in self._found
            if one.country in {"", place.country}
            and (not one.asns or place.asn in one.asns)
            and (not one.targets or target in one.targets)
        )


def counts(
    shape: Shape, world: World, found: Sequence[Happening], chance: Random
) -> Iterator[Count]:
    """Every day of every series on which anybody looked; what is missing is no data."""
    staged = _Staged(found)
    for country, asn in world.networks:
        place = _place(shape, country, asn, staged, chance)
        spared = {
            (id(one), key)
            for one in found
            for key in range(place.keys)
            if one.kind == FAULT and chance.random() >= one.share
        }
        for target in world.targets:
            yield from _Series(shape, place, target, staged, chance, spared).counts()


def _place(shape: Shape, country: str, asn: int, staged: _Staged, chance: Random) -> _Place:
    lied = any(asn in one.asns for one in staged.lies)
    keys = _KEYS_AMONG_LIARS if lied else shape.vantages
    whole = frozenset(range(shape.days))
    present, bad = [], []
    for _ in range(keys):
        there = _spells(shape, chance, shape.churn_days) if shape.churn_days else whole
        present.append(there)
        all_targets = shape.noise_of == "vantage"
        bad.append(_disturbed(shape, chance, shape.noise) if all_targets else frozenset())
    lying = ceil(shape.liars * keys) if lied else 0
    return _Place(country, asn, keys, lying, tuple(present), tuple(bad))


def _spells(shape: Shape, chance: Random, mean: float) -> frozenset[int]:
    """Days on which a vantage that comes and goes is there: two thirds of them."""
    days, day = set[int](), 0
    there = chance.random() < 2 / 3
    while day < shape.days:
        length = ceil(chance.expovariate(1 / (mean if there else mean / 2)))
        if there:
            days.update(range(day, min(day + length, shape.days)))
        day, there = day + length, not there
    return frozenset(days)


def _disturbed(shape: Shape, chance: Random, share: float) -> frozenset[int]:
    """Days of disturbance: a chain of two states with the wanted share and mean length."""
    stay = 1 - 1 / shape.noise_days
    enter = share / (1 - share) / shape.noise_days
    days = set[int]()
    bad = chance.random() < share
    for day in range(shape.days):
        if bad:
            days.add(day)
        bad = chance.random() < (stay if bad else enter)
    return frozenset(days)


class _Series:
    """One target, looked at from one network."""

    def __init__(
        self,
        shape: Shape,
        place: _Place,
        target: str,
        staged: _Staged,
        chance: Random,
        spared: Set[tuple[int, int]],
    ) -> None:
        """``spared``: which happenings (by identity) do not concern which keys."""
        self._shape, self._place, self._target, self._chance = shape, place, target, chance
        self._happening = staged.of(place, target)
        self._spared = spared
        self._lies = [one for one in staged.lies if place.asn in one.asns]
        uneven = chance.choice(_UNEVEN) if shape.uneven else 1.0
        self._noise = min(shape.noise * uneven, _MOST_NOISE) if shape.uneven else shape.noise
        self._bad: Sequence[frozenset[int]] = place.bad
        if shape.noise_of == "target":
            self._bad = [_disturbed(shape, chance, self._noise) for _ in range(place.keys)]
        elif shape.noise_of == "series":
            self._bad = [_disturbed(shape, chance, self._noise)] * place.keys

    def counts(self) -> Iterator[Count]:
        """Its days, in order."""
        by_day: dict[int, list[Happening]] = defaultdict(list)
        for one in self._happening:
            for day in range(one.onset, min(one.end, self._shape.days)):
                by_day[day].append(one)
        for day in range(self._shape.days):
            mine = by_day.get(day, [])
            if any(one.how == "silent" for one in mine) or self._happens(self._shape.gaps):
                continue
            count = self._of_day(day, mine)
            if count is not None:
                yield count

    def _of_day(self, day: int, mine: Sequence[Happening]) -> Count | None:
        told = dict.fromkeys(("ok", "blocked", "throttled", "down", "inconclusive"), 0)
        volume, seen, technique = self._volume(day), 0, ""
        lies = [one for one in self._lies if one.onset <= day < one.end]
        for key in range(self._place.keys):
            if day not in self._place.present[key]:
                continue
            looks = self._looks(volume)
            seen += looks > 0
            if lies and key < self._place.lying:
                accused = any(self._target in one.targets for one in lies)
                told["blocked" if accused else "ok"] += looks
                continue
            here = [one for one in mine if (id(one), key) not in self._spared]
            for _ in range(looks):
                cause = self._cause(day, here)
                if cause is not None:
                    told[cause.how] += 1
                    technique = technique or cause.technique_on(day)
                else:
                    told["blocked" if self._errs(day, key) else "ok"] += 1
        if not seen:
            return None
        return self._count(day, told, seen, technique)

    def _count(self, day: int, told: Mapping[str, int], seen: int, technique: str) -> Count:
        return Count(
            day=day,
            country=self._place.country,
            asn=self._place.asn,
            target=self._target,
            vantages=seen,
            technique=technique,
            **told,
        )

    def _cause(self, day: int, mine: Sequence[Happening]) -> Happening | None:
        for one in mine:
            share = one.share_on(day, self._place.asn) if one.kind != FAULT else 1.0
            if share >= 1.0 or (share > 0.0 and self._chance.random() < share):
                return one
        return None

    def _errs(self, day: int, key: int) -> bool:
        shape = self._shape
        if day in self._bad[key] and self._chance.random() < shape.noise_fails:
            return True
        if shape.noise_of == "look" and self._happens(self._noise):
            return True
        weekend = day % 7 in _WEEKEND and self._happens(shape.weekend_noise)
        return weekend or self._happens(shape.drift * day / shape.days)

    def _happens(self, share: float) -> bool:
        """Whether it happens, as it does in such a part of all cases; for 0 nothing is drawn."""
        return share > 0.0 and self._chance.random() < share

    def _volume(self, day: int) -> float:
        """Part of the usual looks that are made on a day."""
        week = self._shape.weekend_volume if day % 7 in _WEEKEND else 1.0
        low = (1 - self._shape.dip) * max(0.0, sin(2 * pi * day / _YEAR))
        return week * (1 - low)

    def _looks(self, volume: float) -> int:
        if volume >= 1.0:
            return self._shape.looks
        return sum(self._chance.random() < volume for _ in range(self._shape.looks))
