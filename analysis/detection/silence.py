"""Silence and shutdowns: networks that stop to send results, or in which everything fails.

A network that sent something in nearly every bucket and then sends nothing says something, though
not what: silence is told and is no blocking. Where all networks of a country fall silent or fail in
the same buckets while other countries go on, that is a shutdown.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import exp, log
from statistics import median

from analysis.detection.grid import Grid
from analysis.detection.series import UNKNOWN, Table
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
_MOST_COUNTRIES = 0.5
"""Where so many countries stop at once, it is the collecting that stopped."""
_NATS = log(100)
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
    """No results at all; else what came had failed, or little came."""
    chance: float
    vantages: int
    """How many vantages these networks had, ``UNKNOWN`` where any is."""


class _Life:
    """What one network sent over time."""

    def __init__(self, asn: int) -> None:
        self.asn = asn
        self.looks: dict[int, int] = defaultdict(int)
        self.present: dict[int, int] = defaultdict(int)
        self.failing: dict[int, int] = defaultdict(int)
        self.vantages = UNKNOWN

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
        """Whether in this bucket it was silent or nearly everything failed."""
        if at not in self.heard:
            return at >= self.first
        present = self.present[at]
        return present >= _LEAST_SERIES and self.failing[at] >= _ALL_FAIL * present

    def chance(self, run: Run) -> float:
        """The logarithm of the chance of such a run there, from the network's other pauses."""
        runs = [r for r in _runs(self.hush) if r[1] <= run[0] or r[0] >= run[1]]
        length = sum(past - first for first, past in runs)
        mean = (length + 1) / (len(runs) + 1)
        begins = (len(runs) + 1) / (self.last + 2 - self.first)
        return log(begins) - (run[1] - run[0] - 1) / mean


def quiet(table: Table) -> tuple[Quiet, ...]:
    """Shutdowns, and silences that are in none of them."""
    lives = _lives(table)
    length = table.grid.length
    outs = {country: _country_out(mine, length) for country, mine in sorted(lives.items())}
    shut = tuple(_shutdowns(lives, outs, table.grid))
    covered = {(one.country, asn): one.run for one in shut for asn in one.asns}
    return shut + tuple(_silences(lives, covered, table.grid))


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
            if row[2] + row[4] + row[5] >= _FAIL * looks:
                life.failing[at] += 1
            life.vantages = max(life.vantages, row[6])
    lives: dict[str, list[_Life]] = defaultdict(list)
    for (country, _), life in sorted(found.items()):
        if life.looks:
            life.settle()
            lives[country].append(life)
    return lives


def _country_out(lives: Sequence[_Life], length: int) -> frozenset[int]:
    """Buckets in which all of a country's regular networks are out, if there are two or more."""
    regular = [one for one in lives if one.asn and _is_regular(one, _REGULAR)]
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


def _shutdowns(
    lives: Mapping[str, Sequence[_Life]], outs: Mapping[str, frozenset[int]], grid: Grid
) -> Iterator[Quiet]:
    for country, out in outs.items():
        for run in _runs(out):
            regular = [one for one in lives[country] if one.asn and _is_regular(one, _REGULAR)]
            mine = [one for one in regular if one.first < run[0]]
            everywhere = _also_out(country, run, lives)
            silent = not any(at in one.heard for one in mine for at in range(*run))
            if len(mine) < 2 or everywhere or (silent and not _others(country, lives)):
                continue
            chance = sum(one.chance(run) for one in mine) + log(grid.length)
            if chance > -_NATS:
                continue
            vantages = [one.vantages for one in mine]
            yield Quiet(
                country=country,
                asns=tuple(sorted(one.asn for one in mine)),
                run=run,
                ongoing=run[1] >= grid.length,
                shutdown=True,
                all_silent=silent,
                chance=exp(chance),
                vantages=UNKNOWN if UNKNOWN in vantages else min(vantages),
            )


def _others(country: str, lives: Mapping[str, Sequence[_Life]]) -> list[str]:
    """Countries that could show that results are still collected."""
    return [
        name
        for name, mine in lives.items()
        if country not in (name, UNKNOWN_COUNTRY) and any(_is_regular(o, _REGULAR) for o in mine)
    ]


def _also_out(country: str, run: Run, lives: Mapping[str, Sequence[_Life]]) -> bool:
    """Whether so many other countries are out in these buckets that the cause is elsewhere."""
    others = _others(country, lives)
    out = sum(
        all(
            one.is_out(at)
            for one in lives[name]
            if _is_regular(one, _REGULAR) and one.first < run[0]
            for at in range(*run)
        )
        for name in others
    )
    return bool(others) and out >= _MOST_COUNTRIES * len(others)


def _silences(
    lives: Mapping[str, Sequence[_Life]], covered: Mapping[Network, Run], grid: Grid
) -> Iterator[Quiet]:
    """Silences of single networks, as many as chance explains at most ``FALSE_SHARE`` of."""
    every = [life for mine in lives.values() for life in mine]
    if not every:
        return
    stopped = _collecting_stopped(every, grid.length)
    found: list[Quiet] = []
    for country, mine in sorted(lives.items()):
        for life in mine:
            if _is_regular(life, _SOMEWHAT):
                found.extend(_of_one(country, life, grid, stopped))
    for one in _beyond_chance(found, len(every)):
        run = covered.get((one.country, one.asns[0]))
        if run is None or one.run[1] <= run[0] or one.run[0] >= run[1]:
            yield one


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
        length = run[1] - run[0]
        if length < _LEAST_BUCKETS or length * grid.days < _LEAST_DAYS:
            continue
        if any(at in stopped for at in range(*run)):
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
            vantages=life.vantages,
        )


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
