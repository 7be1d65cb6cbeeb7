"""How often ``events impact`` sees a change where there is none, and how often one that is there.

Simulated counts around an event, 28 days on either side: series of networks of countries, whose
looks fail on 5 % of days, in runs of mean length 3 days where nothing else is said. Nothing is
sent. Seeds are fixed: the same version prints the same. Exits with 1 where false claims at the 5 %
level are more than 5 % (of a simulation of N worlds, more than chance makes of 5 %). No number for
false claims about targets stands where nothing could be told of any of them.

    python -m benchmarks.impact [--worlds N] [--json]
"""

import argparse
import json
import random
import sys
from dataclasses import dataclass, replace
from math import sqrt

from msgspec import structs

from analysis.detection.grid import DAY, Grid
from analysis.detection.series import Key, Row, Series, Table
from analysis.events import shipped
from analysis.impact import CANNOT_TELL, FELL, ROSE, impact
from analysis.impact_plan import Plan, plan_of

START = 1_767_225_600
"""2026-01-01."""
DAYS, ONSET = 56, 28
FIRST_SEED = 5001


@dataclass(frozen=True)
class World:
    """Around one event, in the first of these countries."""

    countries: int = 10
    networks: int = 4
    targets: int = 3
    looks: int = 12
    noise: float = 0.05
    run_days: float = 3.0
    fails: float = 1.0
    """Part of the looks of a bad day that fail."""
    shared: bool = False
    """A network's bad days are those of all its targets."""
    own_noise: float | None = None
    """That of the first country, where it differs."""
    own_networks: int | None = None
    gaps: float = 0.0


WORLDS = {
    "ten countries": World(),
    "half bad days": World(fails=0.5),
    "a network's bad days are all its targets'": World(shared=True),
    "runs of eight days": World(run_days=8.0),
    "five countries": World(countries=5),
    "three countries": World(countries=3),
    "two countries": World(countries=2),
    "the country is noisier than others": World(own_noise=0.2),
    "the country has more networks": World(networks=2, own_networks=12),
    "the country has fewer networks": World(networks=8, own_networks=2),
    "every third day missing": World(gaps=0.33),
    "no noise but single looks": World(noise=0.0),
}


def main() -> None:
    """Simulate, ask, count and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worlds", type=int, default=200)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    most = asked.worlds * 0.05 + 2 * sqrt(asked.worlds * 0.05 * 0.95)
    missed = False
    for name, world in WORLDS.items():
        line = {"world": name} | _counted(world, asked.worlds)
        missed |= max(line["false"] or 0.0, line["false_targets"] or 0.0) * asked.worlds > most
        words = "  ".join(f"{key} {value}" for key, value in line.items())
        print(json.dumps(line) if asked.json else words, flush=True)
    sys.exit(1 if missed else 0)


def _counted(world: World, worlds: int) -> dict[str, float | None]:
    counts = dict.fromkeys(("false", "false_targets", "seen_30", "inside_30", "cannot_tell_30"), 0)
    told, named = False, []
    for seed in range(FIRST_SEED, FIRST_SEED + worlds):
        calm = impact(_table(world, seed, 0.0), _plan())
        told |= any(one.answer != CANNOT_TELL for one in calm.targets)
        counts["false"] += calm.answer in {ROSE, FELL}
        counts["false_targets"] += any(one.answer in {ROSE, FELL} for one in calm.targets)
        jump = impact(_table(world, seed, 0.3), _plan())
        true = 0.3 * (1 - (world.noise if world.own_noise is None else world.own_noise))
        counts["seen_30"] += jump.answer == ROSE
        counts["inside_30"] += (jump.low or 0.0) <= true <= (jump.high or 0.0)
        counts["cannot_tell_30"] += jump.answer == CANNOT_TELL
        named += [one.answer == ROSE for one in jump.targets]
    shares: dict[str, float | None] = {
        name: round(number / worlds, 3) for name, number in counts.items()
    }
    if not told:
        shares["false_targets"] = None
    return shares | {"named_30": round(sum(named) / len(named), 3)}


def _plan() -> Plan:
    return structs.replace(
        plan_of(shipped().event[0], "simulated"),
        country="XA",
        before_from="2026-01-01",
        before_to="2026-01-28",
        after_from="2026-01-29",
        after_to="2026-02-25",
    )


def _table(world: World, seed: int, jump: float) -> Table:
    """Blocked looks from the onset on are added in the first country, ``jump`` of all."""
    chance = random.Random(seed)
    series = []
    for number in range(world.countries):
        own = _of_country(world, first=number == 0)
        for network in range(own.networks):
            shared = _bad_days(chance, own)
            for target in range(own.targets):
                bad = shared if own.shared else _bad_days(chance, own)
                key = Key(f"X{chr(65 + number)}", 100 * number + network + 1, f"{target}", "web")
                rows = _rows(chance, own, bad, jump if number == 0 else 0.0)
                series.append(Series(key, tuple(rows)))
    return Table(Grid(START, DAY, DAYS), tuple(sorted(series, key=lambda one: one.key)))


def _of_country(world: World, *, first: bool) -> World:
    if not first:
        return world
    noise = world.noise if world.own_noise is None else world.own_noise
    return replace(world, noise=noise, networks=world.own_networks or world.networks)


def _bad_days(chance: random.Random, world: World) -> list[bool]:
    enter = world.noise / (1 - world.noise) / world.run_days
    bad, days = chance.random() < world.noise, []
    for _ in range(DAYS):
        days.append(bad)
        bad = chance.random() > 1 / world.run_days if bad else chance.random() < enter
    return days


def _rows(chance: random.Random, world: World, bad: list[bool], jump: float) -> list[Row]:
    rows = []
    for day, is_bad in enumerate(bad):
        share = max(0.01, world.fails * is_bad)
        if day >= ONSET:
            share = share + jump * (1 - share)
        hit = sum(chance.random() < share for _ in range(world.looks))
        if chance.random() >= world.gaps:
            rows.append(Row(day, world.looks - hit, hit))
    return rows


if __name__ == "__main__":
    main()
