"""Loads, imports, new schemas and migrations killed with SIGKILL at random moments; prints JSON.

python -m benchmarks.kill_store [KILLS] [SEED]

Each kind of work is killed so many times, half of them on SQLite and half on PostgreSQL; migrations
begin with each older schema in turn. On PostgreSQL two kills of ten are the server's: one its
process for this client, one the server as a whole. After each kill the database must be as it was
before, as it is afterwards, or, for an import, hold some of the measurements, each with the row,
the steps and the verdict it has in the end; and Heliograph reads it, or says in one line why not.
The same command then makes what it makes when nobody kills it: the same rows in every table, and
nothing beside.
"""

import random
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.dumps import Dump, by_measurement, dump, taken_wrongly
from benchmarks.kill_store_works import Work, database_of, works
from benchmarks.killed_server import KilledServer
from benchmarks.killing import with_a_server

KILLS = 100
_PATIENCE = 60.0
_HALF = "half"
Process = subprocess.Popen[str]


@dataclass(frozen=True)
class Usual:
    """What becomes of one start when nobody kills anything."""

    start: Callable[[], str]
    before: Dump | None
    whole: Dump
    each: dict[str, str]
    seconds: tuple[float, float]
    """Until it opens the database, and from then on."""


def _all_works_killed(
    folder: Path, server: KilledServer, kills: int, chance: random.Random
) -> tuple[dict[str, dict[str, int]], list[str]]:
    """Kill, look, do it again, for each kind of work."""
    told: dict[str, dict[str, int]] = {}
    problems: list[str] = []
    for work in works(folder, server):
        told[work.name], found = _killed_often(work, kills // 2, chance)
        problems += [f"{work.name}, {what}" for what in found]
    return told, problems


def _killed_often(
    work: Work, kills: int, chance: random.Random
) -> tuple[dict[str, int], list[str]]:
    """How many kills fell when and what they left; what was wrong."""
    usual = [_usual(work, start) for start in work.starts]
    seen, problems = Counter[str](), []
    for number in range(kills):
        end = usual[number % len(usual)]
        place = end.start()
        amid, said = _killed(work, place, end, number, chance)
        found = dump(place)
        left = _left(work, place, found, end)
        seen[amid] += 1
        seen[f"left {left}"] += 1
        if left == _HALF:
            said.append("something half-written is visible")
        if taken_wrongly(place, found):
            said.append("Heliograph takes it for something else")
        said += _again(work, place, end, done=found == end.whole)
        if work.server is not None:
            work.server.drop(database_of(place))
        problems += [f"kill {number}, {amid}: {what}" for what in said]
    return dict(sorted(seen.items())), problems


def _usual(work: Work, start: Callable[[], str]) -> Usual:
    place = start()
    before = dump(place)
    began = time.monotonic()
    process = _start(work, place)
    _wait_for(work, place, process)
    opened = time.monotonic() - began
    said = process.communicate()[1]
    assert process.returncode == 0, said
    seconds = (opened, time.monotonic() - began - opened)
    whole = dump(place)
    assert whole is not None
    assert whole != before
    return Usual(start, before, whole, by_measurement(place), seconds)


def _killed(
    work: Work, place: str, end: Usual, number: int, chance: random.Random
) -> tuple[str, list[str]]:
    """Kill it by the clock, or when it has the database open; when that was, what was wrong."""
    until_open, working = end.seconds
    process = _start(work, place)
    if chance.random() < 1 / 5:
        time.sleep(chance.uniform(0.3, 1.0) * until_open)
    else:
        _wait_for(work, place, process)
        time.sleep(chance.uniform(0, working))
    opened, ended = work.begun(place), process.poll() is not None
    when = "ended already" if ended else "amid work" if opened else "before work"
    if work.server is None or number % 10 not in (3, 7):
        process.kill()
        process.communicate()
        return when, []
    if number % 10 == 3:
        work.server.kill_backend(database_of(place))
    else:
        work.server.kill()
    return f"{when}, the server's", _bereft(work, process)


def _bereft(work: Work, process: Process) -> list[str]:
    """What is wrong with how it ends when its server went away: in one line, or well."""
    try:
        said = process.communicate(timeout=_PATIENCE)[1]
    except subprocess.TimeoutExpired:
        process.kill()
        return ["it waits for a server that went away"]
    is_ours = not work.name.startswith("load")  # that one has no command, and nobody to word errors
    errors = [line for line in said.splitlines() if not line.startswith("[")]  # that is progress
    if is_ours and process.returncode != 0 and len(errors) != 1:
        return [f"its server went away, and it says {said[-300:]!r}"]
    return []


def _left(work: Work, place: str, found: Dump | None, end: Usual) -> str:
    """What the kill left."""
    if found == end.whole:
        return "all"
    if found == end.before:
        return "what was before"
    if found is not None and work.bit_by_bit and by_measurement(place).items() <= end.each.items():
        return "some, each whole"
    return _HALF


def _again(work: Work, place: str, end: Usual, *, done: bool) -> list[str]:
    """What is wrong with doing it again; loading has nothing to do where all is loaded."""
    if not (done and work.name.startswith("load")):
        process = _start(work, place)
        said = process.communicate()[1]
        if process.returncode != 0:
            return [f"the same command fails afterwards: {said[-300:]!r}"]
    if dump(place) != end.whole:
        return ["the same command makes other rows afterwards"]
    if work.server is None:
        beside = [path.name for path in Path(place).parent.glob(f"{Path(place).name}?*")]
        return [f"left beside it: {', '.join(beside)}"] if beside else []
    return []


def _start(work: Work, place: str) -> Process:
    return subprocess.Popen(
        work.command(place), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )


def _wait_for(work: Work, place: str, process: Process) -> None:
    while not work.begun(place) and process.poll() is None:
        time.sleep(0.002)


if __name__ == "__main__":
    with_a_server(KILLS, _all_works_killed)
