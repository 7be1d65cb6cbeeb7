"""Retirement killed with SIGKILL at a random moment, again and again, on both engines; prints JSON.

python -m benchmarks.kill_retire [KILLS] [SEED]

After each kill every measurement has its steps, all of them as they were, or is marked, and the
archive has them, as they were; nothing is in neither place, and the archive has no fault. The same
command goes on, and in the end makes the same archive as one that nobody killed.
"""

import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import text

from analysis.rules import RULESET_VERSION
from benchmarks.killed_server import KilledServer
from benchmarks.killing import with_a_server
from storage.archive.checking import check_archive
from storage.archive.content import Print, cells_of, marks_of, rows_of
from storage.archive.prints import archived_steps, prints_of
from storage.archive.shapes import load
from storage.engine import open_engine, reading
from storage.tables import steps
from tests.retired_looks import export, fill, judged_look

KILLS = 100
ROUND = 4
"""So many kills of one database before it is brought to its end and begun anew."""
DAYS, LOOKS, STEPS = 12, 60, 12
Prints = dict[str, Print]


def _killed(
    folder: Path, server: KilledServer, kills: int, chance: random.Random
) -> tuple[dict[str, dict[str, int]], list[str]]:
    """Kill, look, go on, on each engine."""
    told: dict[str, dict[str, int]] = {}
    problems: list[str] = []
    for engine in ("sqlite", "postgresql"):
        locations = (
            str(folder / f"{number}.sqlite")
            if engine == "sqlite"
            else server.running.url(server.running.new_database())
            for number in range(kills)
        )
        told[engine], found = _killed_often(folder, locations, kills // 2, chance)
        problems += [f"{engine}, {what}" for what in found]
    return told, problems


def _killed_often(
    folder: Path, locations: Iterator[str], kills: int, chance: random.Random
) -> tuple[dict[str, int], list[str]]:
    whole = next(locations)
    before = _fresh(whole, folder / "whole")
    seconds = _timed(whole, folder / "whole")
    bytes_of_it = _contents(folder / "whole")
    amid, problems = 0, []
    for first in range(0, kills, ROUND):
        location, archive = next(locations), folder / "killed"
        _fresh(location, archive)
        for number in range(first, min(first + ROUND, kills)):
            process = _start(location, archive)
            _wait(process, location, seconds, chance)
            process.send_signal(signal.SIGKILL)
            process.wait()
            here, marked = _in_database(location)
            amid += bool(here) and bool(marked)
            faults = check_archive(archive).faults
            problems += [f"kill {number}: {what}" for what in faults]
            if here | marked != before or here.keys() & marked.keys():
                problems.append(f"kill {number}: steps are in both places, or others than before")
            if not marked.items() <= _in_archive(archive).items():
                problems.append(f"kill {number}: steps are in neither place")
        if _start(location, archive).wait() != 0:
            problems.append(f"round {first}: the same command fails afterwards")
        elif _contents(archive) != bytes_of_it or _in_database(location) != ({}, before):
            problems.append(f"round {first}: the same command ends in something else")
        shutil.rmtree(archive)
    return {"kills": kills, "kills_half_way": amid}, problems


def _wait(
    process: "subprocess.Popen[bytes]", location: str, seconds: float, chance: random.Random
) -> None:
    """Until a moment by the clock, or until one soon after steps began to go."""
    if chance.random() < 1 / 2:
        time.sleep(chance.uniform(0.3, 1) * seconds)
        return
    engine, before = open_engine(location, read_only=True), None
    while process.poll() is None:
        with reading(engine) as connection:
            found = connection.scalar(text("SELECT count(*) FROM retired"))
        if before is not None and found != before:
            break
        before = found
        time.sleep(0.002)
    engine.dispose()
    time.sleep(chance.uniform(0, 0.1) * seconds)


def _fresh(location: str, archive: Path) -> Prints:
    """A database with its archive; the prints of all steps."""
    looks = [
        judged_look(day, number, "XA" if number % 3 else "XB", STEPS, RULESET_VERSION)
        for day in range(DAYS)
        for number in range(LOOKS)
    ]
    fill(location, looks, RULESET_VERSION)
    export(location, archive)
    here, _ = _in_database(location)
    return here


def _timed(location: str, archive: Path) -> float:
    began = time.monotonic()
    if _start(location, archive).wait() != 0:
        sys.exit("a retirement that nobody kills fails")
    return time.monotonic() - began


def _start(location: str, archive: Path) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "heliograph", "db", "retire", "--before", "2026-11-20"]
    return subprocess.Popen(
        [*command, "--archive", str(archive), "--db", location, "--yes"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _in_database(location: str) -> tuple[Prints, Prints]:
    """Of all measurements, the prints of steps that are there, and those of marks."""
    engine = open_engine(location)
    here: Prints = {}
    marked: Prints = {}
    with reading(engine) as connection:
        for day in sorted({day for day, _ in cells_of(connection)}):
            for _, rows in rows_of(connection, steps, day):
                here |= prints_of(rows)
            for marks in marks_of(connection, day).values():
                marked |= marks
    engine.dispose()
    return here, marked


def _in_archive(archive: Path) -> Prints:
    found: Prints = {}
    for part in load(archive).parts:
        if part.table == steps.name:
            found |= prints_of(archived_steps(archive, part))
    return found


def _contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


if __name__ == "__main__":
    with_a_server(KILLS, _killed)
