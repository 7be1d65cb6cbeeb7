"""Loads, imports and migrations killed with SIGKILL at random moments; prints JSON.

python -m benchmarks.kill_store [KILLS] [SEED]

Each kind of work is done on SQLite and on PostgreSQL (a server of its own, which stays up) so many
times in all. After each kill the database must be as it was before, as it is afterwards, or, for an
import, hold some of the measurements, each with all its steps and its verdict. The same command
then makes what it makes when nobody kills it: the same rows in every table.
"""

import hashlib
import json
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Table, select

from benchmarks.store import batches
from storage import schema
from storage.engine import open_engine, reading, writing
from storage.errors import MissingDatabase
from storage.loading import load
from storage.store import Store
from storage.tables import measurements, metadata, steps, verdicts
from tests.postgres_server import Server, server
from tests.unit.storage.ooni.published import document, healthy, line

KILLS = 100
STEPS = 20_000
DOCUMENTS = 1_500
_FACTS = (measurements, steps, verdicts)

Dump = dict[str, str]
"""Of each table, a digest of its rows in the order of their keys."""


@dataclass(frozen=True)
class Work:
    """Something that is killed, on one engine."""

    name: str
    command: Callable[[str], list[str]]
    prepare: Callable[[], str]
    """Makes a place for it, and says where."""
    bit_by_bit: bool = False
    """It may leave some of the measurements."""


def main() -> None:
    """Kill, look, do it again; exits with 1 when anything half-written was seen."""
    kills = int(sys.argv[1]) if len(sys.argv) > 1 else KILLS
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else random.SystemRandom().randrange(2**32)
    chance, began = random.Random(seed), time.monotonic()
    told: dict[str, object] = {"kills": kills, "seed": seed}
    problems: list[str] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with server(folder / "pg", settings=()) as running:
            for work in _works(folder, running):
                found, amid = _killed_often(work, kills, chance)
                told[work.name] = {"kills_amid_work": amid, "problems": len(found)}
                problems += found
    told["problems"] = problems
    print(json.dumps({**told, "seconds": round(time.monotonic() - began, 1)}))
    sys.exit(1 if problems else 0)


def _works(folder: Path, running: Server) -> Iterator[Work]:
    """Loading, importing and migrating, on each engine that has it."""
    numbers = iter(range(1_000_000))
    file = folder / "documents.jsonl"
    file.write_bytes(
        b"\n".join(
            line(document(healthy(), input=f"https://site{n}.example/")) for n in range(DOCUMENTS)
        )
    )
    old = folder / "old.sqlite"
    _make_old(old)

    def new_file() -> str:
        return str(folder / f"{next(numbers)}.sqlite")

    def old_file() -> str:
        return shutil.copy(old, new_file())

    def new_database() -> str:
        return running.url(running.new_database())

    heliograph = [sys.executable, "-m", "heliograph"]
    for engine, new in (("SQLite", new_file), ("PostgreSQL", new_database)):
        yield Work(f"load, {engine}", _load, new)
        yield Work(
            f"import, {engine}",
            lambda at: [*heliograph, "import", "ooni", str(file), "--db", at],
            new,
            bit_by_bit=True,
        )
        yield Work(
            f"new schema, {engine}", lambda at: [*heliograph, "db", "upgrade", "--db", at], new
        )
    yield Work("migration, SQLite", lambda at: [*heliograph, "db", "upgrade", "--db", at], old_file)


def _load(place: str) -> list[str]:
    words = "import sys; from benchmarks.kill_store import filled; filled(sys.argv[1])"
    return [sys.executable, "-c", words, place]


def filled(place: str) -> None:
    """A new database with some thousands of steps."""
    load(place, batches(STEPS), lambda *_: None)


def _make_old(place: Path) -> None:
    """A database of the first schema, with as many measurements as a load has."""
    new = place.with_name("new.sqlite")
    filled(str(new))
    engine = open_engine(str(place))
    config = Config()
    config.set_main_option("script_location", str(Path(schema.__file__).parent / "migrations"))
    with writing(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    engine.dispose()
    with sqlite3.connect(place) as connection:
        connection.execute("ATTACH ? AS new", (str(new),))
        for table in _FACTS:
            columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table.name})")]
            names = ", ".join(columns)
            connection.execute(
                f"INSERT INTO main.{table.name} ({names}) SELECT {names} FROM new.{table.name}"
            )
        connection.execute("INSERT INTO settings VALUES ('ruleset_version', '1')")


def _killed_often(work: Work, kills: int, chance: random.Random) -> tuple[list[str], int]:
    """What was wrong after kills at random moments of one work, and how many fell amid it."""
    place = work.prepare()
    began = time.monotonic()
    subprocess.run(work.command(place), check=True, capture_output=True)
    usual, whole = time.monotonic() - began, _dump(place)
    assert whole is not None
    problems, amid = [], 0
    for number in range(kills):
        place = work.prepare()
        before = _dump(place)
        process = subprocess.Popen(
            work.command(place), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        time.sleep(chance.uniform(0.1, 1.0) * usual)
        ended = process.poll() is not None
        process.send_signal(signal.SIGKILL)
        process.wait()
        amid += not ended
        found = _dump(place)
        if found not in (before, whole) and not (work.bit_by_bit and _has_whole_ones(place)):
            problems.append(f"{work.name}, kill {number}: something half-written is visible")
        if found != whole or work.bit_by_bit:
            again = subprocess.run(work.command(place), check=False, capture_output=True)
            if again.returncode != 0:
                problems.append(f"{work.name}, kill {number}: {again.stderr.decode()[-200:]}")
        if _dump(place) != whole:
            problems.append(f"{work.name}, kill {number}: not the same after doing it again")
    return problems, amid


def _dump(place: str) -> Dump | None:
    """The database as it can be seen; None where there is none yet."""
    try:
        engine = open_engine(place, read_only=True)
    except MissingDatabase:
        return None
    try:
        with reading(engine) as connection:
            version = schema.revision(connection)
            if version is None:
                return None
            if version != schema.HEAD:
                return {"version": version}
            return {t.name: _digest(connection, t) for t in metadata.sorted_tables}
    finally:
        engine.dispose()


def _digest(connection: Connection, table: Table) -> str:
    digest = hashlib.sha256()
    for row in connection.execute(select(table).order_by(*table.primary_key.columns)):
        digest.update(repr(tuple(row)).encode())
    return digest.hexdigest()


def _has_whole_ones(place: str) -> bool:
    """Every measurement that can be seen has as many steps as all have, and its verdict."""
    with Store.open_to_read(place) as store, reading(store._engine) as connection:
        ids = list(connection.scalars(select(measurements.c.id)))
        counts = {
            identity: (len(measured.steps), len(store.verdicts(identity)))
            for identity in ids
            if (measured := store.measurement(identity)) is not None
        }
    return len(counts) == len(ids) and len(set(counts.values())) <= 1


if __name__ == "__main__":
    main()
