"""A night over 30 days of looks, a tenth of them late: seconds, memory, growth; prints JSON.

``python -m benchmarks.nightly [STEPS] [--engine sqlite|postgresql|archive]`` (10,000,000 steps in
an SQLite file unless said). The first night counts all that was there in time; the second judges
what came late, counts the days it is of, and detects. With ``archive`` the file's looks are judged,
the archive is brought up to date, and the night counts that; all three are the night. A server is
one of its own, and memory is that of the command.

Then the cells of all days are counted from an archive, beside DuckDB's plain GROUP BY over the same
files. Seconds of the processor are told beside those on the clock: other work slows only these.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from analysis.rules import RULESET_VERSION
from benchmarks.nightly_looks import fill, made
from heliograph.model import State
from storage.aggregates import DUCKDB
from storage.archive.writing import Archiving
from storage.looks import cells_of
from storage.looks_archive import ArchivedLooks
from storage.store import Store
from tests.postgres_server import server

STEPS_WANTED = 10_000_000
LATE = 0.1
ENGINES = ("sqlite", "postgresql", "archive")
PLAIN = (
    "SELECT substr(started, 1, 10) AS day, country, asn, target, probe, COUNT(*) AS n, "
    + ", ".join(f"COUNT(*) FILTER (WHERE state = '{s.value}') AS n_{s.value}" for s in State)
    + " FROM api_v1_verdicts WHERE outcome = 'measured' AND probe <> 'surroundings' GROUP BY ALL"
)
ROUNDS = 5


def main() -> None:
    """Measure at a tenth of the size and at the whole, and print."""
    said = argparse.ArgumentParser(description=__doc__)
    said.add_argument("steps", type=int, nargs="?", default=STEPS_WANTED)
    said.add_argument("--engine", choices=ENGINES, default=ENGINES[0])
    wish = said.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        small = measured(wish.engine, Path(folder, "small"), wish.steps // 10)
        print(json.dumps(small), flush=True)
        large = measured(wish.engine, Path(folder, "large"), wish.steps)
        print(json.dumps(large), flush=True)
    growth = large["night_cpu_seconds"] / small["night_cpu_seconds"]
    print(json.dumps({"night_costs_so_many_times_what_a_tenth_costs": round(growth, 1)}))


def measured(engine: str, folder: Path, wanted: int) -> dict[str, float]:
    """The figures for so many steps."""
    folder.mkdir()
    archive = folder / "archive"
    with _database(engine, folder) as place:
        looks = list(made(wanted))
        late = int(len(looks) * LATE)
        with Store.open(place) as store:
            steps = fill(store, looks[late:], judged=True)
            store.activate(RULESET_VERSION)
        first = _night(engine, place, archive)
        with Store.open(place) as store:
            steps += fill(store, looks[:late], judged=False)
        told: dict[str, float] = {"measurements": len(looks), "steps": steps, "late": late}
        told |= {f"first_{name}": value for name, value in first.items()}
        told |= _night(engine, place, archive)
        list(Archiving(place, archive).days())
        return told | _compared(place, archive)


@contextmanager
def _database(engine: str, folder: Path) -> Iterator[str]:
    """Where a new one is."""
    if engine != "postgresql":
        yield str(folder / "looks.sqlite")
        return
    with server(folder / "pg", ("shared_buffers=512MB", "max_wal_size=8GB")) as running:
        yield running.url(running.new_database())


def _night(engine: str, place: str, archive: Path) -> dict[str, float]:
    """The command, or all that a night over an archive takes; and what it took."""
    if engine != "archive":
        return _command("nightly", "--json", "--db", place)
    judging = _command("analyse", "--json", "--db", place)
    writing = _command("export", "parquet", str(archive), "--json", "--db", place)
    night = _command("nightly", "--json", "--db", place, "--archive", str(archive))
    all_three = (judging, writing, night)
    told = {f"night_{name}": sum(one[f"night_{name}"] for one in all_three) for name in _SUMMED}
    most = max(one["night_megabytes"] for one in all_three)
    parts = {
        "judging_seconds": judging["night_seconds"],
        "export_seconds": writing["night_seconds"],
        "counting_seconds": night["night_seconds"],
    }
    return night | told | parts | {"night_megabytes": most, "judged": judging["judged"]}


_SUMMED = ("seconds", "cpu_seconds")
_TOLD = ("judged", "days_built", "cells", "findings")


def _command(*words: str) -> dict[str, float]:
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "heliograph", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdout is not None
    lines = process.stdout.read().splitlines()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    last = json.loads(lines[-1])
    return {
        "night_seconds": round(time.perf_counter() - began, 1),
        "night_cpu_seconds": round(used.ru_utime + used.ru_stime, 1),
        "night_megabytes": round(used.ru_maxrss / 1024),
        **{name: last[name] for name in _TOLD if name in last},
    }


def _compared(place: str, archive: Path) -> dict[str, float]:
    """Counting cells from the archive, and DuckDB's GROUP BY alone; both to rows in memory."""
    with Store.open_to_read(place) as store:
        began = _cpu()
        with closing(ArchivedLooks(archive, store.looks)) as looks:
            opened = _cpu() - began
            days = sorted(looks.changes("0001-01-01", "9999-12-31"))
            run = looks._connection.execute
            plain = _best(lambda: run(PLAIN).fetchall())
            cells = _best(lambda: run(cells_of(days, DUCKDB)).fetchall())
    return {
        "archive_opened_cpu_seconds": round(opened, 2),
        "group_by_cpu_seconds": round(plain, 3),
        "aggregation_cpu_seconds": round(cells, 3),
        "aggregation_to_group_by": round(cells / plain, 2),
    }


def _best(work: Callable[[], object]) -> float:
    found = []
    for _ in range(ROUNDS):
        began = _cpu()
        work()
        found.append(_cpu() - began)
    return min(found)


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
