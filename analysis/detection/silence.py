"""Silence and shutdowns: networks that stop to send results, or in which everything fails.

A network that sent something in nearly every bucket and then sends nothing says something, though
not what: silence is told and is no blocking. Where all networks of a country fall silent or fail in
the same buckets while other countries go on, that is a shutdown; but no results from what may be
one person are a silence. Looks that were down or inconclusive say no more than none would.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import exp, log
from statistics import median, median_low

from analysis.detection.grid import Grid
from analysis.detection.series import ONE_PERSON, UNKNOWN, Table
from heliograph.model import UNKNOWN_COUNTRY

FALSE_SHARE = 0.05
_HUSH = 0.1
"""So small a part of the usual number of looks counts as silence."""
_LEAST_USUAL = 10
"""Where fewer looks are usual, only none at all is silence."""
_REGULAR = 0.8
"""Part of the buckets of its life in which a network sends something."""
_SOMEWHAT = 0.4
"""The same for silence, which is judged against the network's own pauses."""
_LEAST_LIFE = 14
_LEAST_DAYS, _LEAST_BUCKETS = 2.0, 3
_ALL_FAIL, _FAIL, _LEAST_SERIES = 0.8, 0.6, 3
_JUST_BEFORE = 2
"""In one of so many buckets before a shutdown all was well; it may begin early in the second."""
_RECENT = 14
"""Buckets from which is known how many vantages there are."""
_MOST_COUNTRIES = 0.5
"""Where so many countries stop at once, it is the collecting that stopped."""
_RARE = 0.01
"""A shutdown is told where chance makes one in a hundred of them in a file like this."""

Network = tuple[str, int]
Run = tuple[int, int]
"""Buckets, from and up to but without."""


@dataclass(frozen=True, slots=True)
class Quiet:
    """Networks of one country that were silent, or in which everything failed."""

    country: str
    asns: tuple[int, ...]
    run: Run
    ongoing: bool
    shutdown: bool
    all_silent: bool
    """No results at all; else what came had failed or says nothing, or little came."""
    chance: float
    stopped: int = 0
    """In so many of these networks nearly all looks were stopped."""
    stopped_twice: int = 0
    """In so many of them by what two vantages or more met with."""
    mute: int = 0
    """From so many of these networks looks came, and say nothing."""
    alone: bool = False
    """Whether one person may be behind all networks that were silent or stopped."""


class _Life:
    """What one network sent over time."""

    def __init__(self, asn: int) -> None:
        self.asn = asn
        self.looks: dict[int, int] = defaultdict(int)
        self.present: dict[int, int] = defaultdict(int)
        self.failing: dict[int, int] = defaultdict(int)
        self.through: dict[int, int] = defaultdict(int)
        self.stopped: dict[int, int] = defaultdict(int)
        self.vantages: dict[int, int] = {}

    def settle(self) -> None:
        """Work out what is usual, once all is counted."""
        self.first, self.last = min(self.looks), max(self.looks)
        self.usual = median(self.looks.values())
        heard = {at for at, n in self.looks.items() if not self._is_little(n)}
        self.hush = frozenset(range(self.first, self.last + 1)) - heard
        self.heard = frozenset(heard)
        self.share = len(heard) / (self.last + 1 - self.first)

    def _is_little(self, looks: int) -> bool:
        return looks == 0 or (self.usual >= _LEAST_USUAL and looks <= _HUSH * self.usual)

    def is_out(self, at: int) -> bool:
        """Whether in this bucket nothing came, or nearly everything failed or said nothing.

        Where a few looks came through there is no outage: who makes the others may be on holiday.
        """
        if at not in self.heard:
            return at >= self.first and not self.through.get(at)
        if self.through[at] > _HUSH * self.looks[at]:
            return False
        present = self.present[at]
        return present >= _LEAST_SERIES and self.failing[at] >= _ALL_FAIL * present

    def was_well(self, at: int) -> bool:
        """Whether it was heard, and not out, just before a bucket."""
        before = range(at - _JUST_BEFORE, at)
        return any(n in self.heard and not self.is_out(n) for n in before)

    def vantages_before(self, at: int) -> int:
        """How many vantages it usually had in the time before a bucket, ``UNKNOWN`` if not told."""
        recent = sorted(n for n in self.heard if n < at)[-_RECENT:]
        return median_low([self.vantages[n] for n in recent] or [UNKNOWN])

    def stopped_in(self, buckets: Sequence[int]) -> Sequence[int]:
        """Buckets in which nearly all looks were stopped, if most that were heard are such."""
        heard = [at for at in buckets if at in self.heard]
        stopped = [at for at in heard if self.stopped[at] >= _ALL_FAIL * self.looks[at]]
        return stopped if 2 * len(stopped) >= len(heard) else []

    def is_mute_in(self, buckets: Sequence[int]) -> bool:
        """Whether looks came that were not stopped, and did not come through: they say nothing."""
        return not self.stopped_in(buckets) and any(at in self.heard for at in buckets)

    def chance(self, run: Run) -> float:
        """The logarithm of the chance of such a run there, from the network's other pauses."""
        runs = [r for r in _runs(self.hush) if r[1] <= run[0] or r[0] >= run[1]]
        length = sum(past - first for first, past in runs)
        mean = (length + 1) / (len(runs) + 1)
        begins = (len(runs) + 1) / (self.last + 2 - self.first)
        return log(begins) - (run[1] - run[0] - 1) / mean


def quiet(table: Table) -> tuple[Quiet, ...]:
    """Shutdowns, and silences that are in none of them; of networks together, if of none alone."""
    lives = _lives(table)
    at_once = tuple(_at_once(lives, table.grid))
    shut = [one for one in at_once if one.shutdown]
    single = _outside(shut, _silences(lives, table.grid))
    shared = _outside(single, (one for one in at_once if not one.shutdown))
    return (*shut, *single, *shared)


def _outside(told: Sequence[Quiet], found: Iterable[Quiet]) -> list[Quiet]:
    """What is found of no network and time of which something is told already."""
    return [one for one in found if not any(_overlap(one, other) for other in told)]


def _overlap(one: Quiet, other: Quiet) -> bool:
    same = one.country == other.country and not set(one.asns).isdisjoint(other.asns)
    return same and one.run[0] < other.run[1] and other.run[0] < one.run[1]


def _lives(table: Table) -> dict[str, list[_Life]]:
    found: dict[Network, _Life] = {}
    for series in table:
        key = series.key
        life = found.setdefault((key.country, key.asn), _Life(key.asn))
        for row in series.rows:
            looks = row[1] + row[2] + row[3] + row[4] + row[5]
            if not looks:
                continue
            at = row[0]
            life.looks[at] += looks
            life.present[at] += 1
            life.through[at] += row[1] + row[3]
            life.stopped[at] += row[2]
            if row[2] + row[4] + row[5] >= _FAIL * looks:
                life.failing[at] += 1
            life.vantages[at] = max(life.vantages.get(at, UNKNOWN), row[6])
    lives: dict[str, list[_Life]] = defaultdict(list)
    for (country, _), life in sorted(found.items()):
        if life.looks:
            life.settle()
            lives[country].append(life)
    return lives


def _country_out(regular: Sequence[_Life], length: int) -> frozenset[int]:
    """Buckets in which all of a country's regular networks are out, if there are two or more."""
    if len(regular) < 2:
        return frozenset()
    out = set()
    for at in range(min(one.first for one in regular), length):
        alive = [one for one in regular if one.first <= at]
        if len(alive) >= 2 and all(one.is_out(at) for one in alive):
            out.add(at)
    return frozenset(out)


def _is_regular(life: _Life, share: float) -> bool:
    return life.share >= share and len(life.heard) >= _LEAST_LIFE


def _at_once(lives: Mapping[str, Sequence[_Life]], grid: Grid) -> Iterator[Quiet]:
    """What befell all networks of a country together, and is more than chance."""
    for country, every in sorted(lives.items()):
        regular = [one for one in every if one.asn and _is_regular(one, _REGULAR)]
        others = bool(_others(country, lives))
        for run in _runs(_country_out(regular, grid.length)):
            mine = [one for one in regular if one.was_well(run[0])]
            own = [at for at in range(*run) if not _also_out(country, at, lives)]
            if len(mine) < 2 or 2 * len(own) < run[1] - run[0]:
                continue
            told = _shutdown(country, mine, run, own, grid)
            if told.chance > _RARE:
                continue
            if told.stopped or (others and not _may_be_one_person(mine, run)):
                yield told
            elif others and not told.mute and _is_long(run, grid):
                yield _silence_of(told, mine, grid)


def _silence_of(told: Quiet, mine: Sequence[_Life], grid: Grid) -> Quiet:
    """The same as a silence, with the chance that one network alone has of such a run."""
    chance = max(one.chance(told.run) for one in mine) + log(grid.length)
    return replace(told, shutdown=False, alone=False, chance=min(1.0, exp(chance)))


def _shutdown(
    country: str, mine: Sequence[_Life], run: Run, own: Sequence[int], grid: Grid
) -> Quiet:
    """What these networks show in ``own`` buckets, in which other countries went on."""
    mute = [one for one in mine if one.is_mute_in(own)]
    said = [one for one in mine if one not in mute]
    stopped = [(one, found) for one in mine if (found := one.stopped_in(own))]
    return Quiet(
        country=country,
        asns=tuple(sorted(one.asn for one in mine)),
        run=run,
        ongoing=run[1] >= grid.length,
        shutdown=True,
        all_silent=not any(one.looks.get(at) for one in mine for at in range(*run)),
        chance=exp(sum(one.chance(run) for one in mine) + log(grid.length)),
        stopped=len(stopped),
        stopped_twice=sum(median_low([o.vantages[n] for n in found]) > 1 for o, found in stopped),
        mute=len(mute),
        alone=bool(said) and _may_be_one_person(said, run),
    )


def _may_be_one_person(lives: Sequence[_Life], run: Run) -> bool:
    """Whether one vantage of each may have been all there was; what is not told counts as one."""
    single = all(one.vantages_before(run[0]) < 2 for one in lives)
    return single and len(lives) <= ONE_PERSON


def _others(country: str, lives: Mapping[str, Sequence[_Life]]) -> list[str]:
    """Countries that could show that results are still collected."""
    return [
        name
        for name, mine in lives.items()
        if country not in (name, UNKNOWN_COUNTRY) and any(_is_regular(o, _REGULAR) for o in mine)
    ]


def _also_out(country: str, at: int, lives: Mapping[str, Sequence[_Life]]) -> bool:
    """Whether so many other countries are out, or hardly heard, that the cause is elsewhere."""
    others = _others(country, lives)
    out = sum(
        all(
            at not in one.heard or one.is_out(at)
            for one in lives[name]
            if _is_regular(one, _REGULAR) and one.first < at
        )
        for name in others
    )
    return bool(others) and out >= _MOST_COUNTRIES * len(others)


def _silences(lives: Mapping[str, Sequence[_Life]], grid: Grid) -> Sequence[Quiet]:
    """Silences of single networks, as many as chance explains at most ``FALSE_SHARE`` of."""
    every = [life for mine in lives.values() for life in mine]
    stopped = _collecting_stopped(every, grid.length)
    found: list[Quiet] = []
    for country, mine in sorted(lives.items()):
        for life in mine:
            if _is_regular(life, _SOMEWHAT):
                found.extend(_of_one(country, life, grid, stopped))
    return _beyond_chance(found, len(every))


def _beyond_chance(found: Sequence[Quiet], networks: int) -> Sequence[Quiet]:
    """Those told at this share of false ones (Benjamini & Hochberg 1995, J. R. Stat. Soc. B 57)."""
    order = sorted(found, key=lambda one: (one.chance, one.country, one.asns, one.run))
    told = 0
    for rank, one in enumerate(order, start=1):
        if one.chance * networks <= FALSE_SHARE * rank:
            told = rank
    return order[:told]


def _of_one(country: str, life: _Life, grid: Grid, stopped: frozenset[int]) -> Iterator[Quiet]:
    end = grid.length
    runs = [*_runs(life.hush)]
    if life.last + 1 < end:
        runs.append((life.last + 1, end))
    for run in runs:
        if not _is_long(run, grid) or any(at in stopped for at in range(*run)):
            continue
        chance = min(1.0, exp(life.chance(run) + log(life.last + 2 - life.first)))
        yield Quiet(
            country=country,
            asns=(life.asn,),
            run=run,
            ongoing=run[1] >= end,
            shutdown=False,
            all_silent=not any(life.looks.get(at) for at in range(*run)),
            chance=chance,
        )


def _is_long(run: Run, grid: Grid) -> bool:
    length = run[1] - run[0]
    return length >= _LEAST_BUCKETS and length * grid.days >= _LEAST_DAYS


def _collecting_stopped(every: Sequence[_Life], length: int) -> frozenset[int]:
    """Buckets in which at least half of four or more networks are silent."""
    regular = [one for one in every if _is_regular(one, _REGULAR)]
    if len(regular) < 4:
        return frozenset()
    return frozenset(
        at
        for at in range(length)
        if 2 * sum(one.first <= at and at not in one.heard for one in regular) >= len(regular)
    )


def _runs(buckets: Iterable[int]) -> Iterator[Run]:
    first = past = -1
    for at in sorted(buckets):
        if at != past:
            if past >= 0:
                yield first, past
            first = at
        past = at + 1
    if past >= 0:
        yield first, past
