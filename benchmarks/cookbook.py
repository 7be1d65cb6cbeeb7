"""How long every question of the cookbook takes, on three engines; prints a table.

``python -m benchmarks.cookbook --steps 10000000`` makes the cookbook's sample larger (50 networks,
90 days, as many sites as it takes; the same plot in the midst of it), fills an SQLite file, a
PostgreSQL server of its own and an archive, makes a night of each database, and asks each question
as the page has it, through ``heliograph.door`` as everybody would: the start of the process that
answers is part of the time. The first time counts as well as the median of three.

Exits with 1 if a median is beyond a second (three over the archive).
"""

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from heliograph import door
from storage.archive.writing import Archiving
from tests.cookbook_pages import Question, questions
from tests.cookbook_sample import make, world
from tests.postgres_server import server

MOST_SECONDS = {"sqlite": 1.0, "postgresql": 1.0, "archive": 3.0}
_ROUNDS = 3


def main() -> None:
    """Fill, ask, print; exits with 1 when a question takes too long."""
    said = argparse.ArgumentParser(description=__doc__)
    said.add_argument("--steps", type=int, default=10_000_000)
    said.add_argument("--engine", choices=sorted(MOST_SECONDS), action="append")
    said.add_argument("--folder", type=Path, help="where to work; else a temporary folder")
    wish = said.parse_args()
    slow: list[str] = []
    with tempfile.TemporaryDirectory(dir=wish.folder) as name:
        for engine in wish.engine or ("sqlite", "archive", "postgresql"):
            with _filled(engine, wish.steps, Path(name)) as location:
                slow += _asked(engine, location)
    print("too slow:", ", ".join(slow) or "none")
    sys.exit(1 if slow else 0)


@contextmanager
def _filled(engine: str, steps: int, folder: Path) -> Iterator[str]:
    """Where the engine has so many steps; the file of SQLite is what the archive is made of."""
    began = time.perf_counter()
    file = folder / "sample.sqlite"
    if engine == "postgresql":
        file.unlink(missing_ok=True)
        with server(folder / "pg", ("shared_buffers=512MB", "max_wal_size=8GB")) as running:
            location = running.url(running.new_database())
            make(location, world(steps))
            _tell(engine, location, began)
            yield location
        return
    if not file.exists():
        make(str(file), world(steps))
    location = str(file)
    if engine == "archive":
        location = str(folder / "archive")
        list(Archiving(str(file), Path(location)).days())
    _tell(engine, location, began)
    yield location


def _tell(engine: str, location: str, began: float) -> None:
    took = time.perf_counter() - began
    with door.open(location, seconds=600) as results:
        (counted,) = results.query(
            "SELECT (SELECT count(*) FROM api_v1_measurements) AS looks,"
            " (SELECT count(*) FROM api_v1_steps) AS steps"
        )
    print(f"{engine}: {counted[0]} looks, {counted[1]} steps, made in {took:.0f} s", flush=True)


def _asked(engine: str, location: str) -> list[str]:
    """Ask everything; which questions were too slow."""
    slow = []
    with door.open(location, seconds=600) as results:
        for one in questions():
            timed = [_once(results, one) for _ in range(1 + _ROUNDS)]
            first, usual = timed[0][0], statistics.median(took for took, _ in timed[1:])
            told = f"first {first:6.3f} s  usually {usual:6.3f} s  {timed[0][1]:4} rows"
            print(f"{engine:10}  {told}  {one.title}", flush=True)
            if usual > MOST_SECONDS[engine]:
                slow.append(f"{engine} {one.title}")
    return slow


def _once(results: door.Door, question: Question) -> tuple[float, int]:
    """Seconds, and how many rows the answer has."""
    began = time.perf_counter()
    answer = results.query(question.sql)
    return time.perf_counter() - began, len(answer)


if __name__ == "__main__":
    main()
