"""A new database filled in bulk: rows first, keys, indexes and constraints after.

All or nothing: PostgreSQL does everything in one transaction, and an SQLite file gets its name when
it is whole.
"""

import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import msgspec
from sqlalchemy import Connection, Engine, ForeignKeyConstraint, Table
from sqlalchemy.exc import IntegrityError
from sqlalchemy.schema import AddConstraint, CreateIndex, DropConstraint, DropIndex

from storage.bulk import MEASUREMENTS, STEPS, VERDICTS, copy_rows, insert_rows, step_values
from storage.engine import is_server, location_of, open_engine, writing
from storage.errors import StorageError
from storage.imports import Judged
from storage.partitions import PARTITIONED, create_months
from storage.records import measurement_row, refuse_unstorable, verdict_row
from storage.schema import create_tables, finish, is_empty
from storage.tables import metadata

Tell = Callable[[str, int], None]
"""Called with what is at hand (``rows``, then ``indexes``, then ``done``) and the rows so far."""

_CACHE_KIB = 256 * 1024


class Loaded(msgspec.Struct, frozen=True, kw_only=True):
    """How many rows each table got."""

    measurements: int
    steps: int
    verdicts: int

    @property
    def rows(self) -> int:
        """All of them."""
        return self.measurements + self.steps + self.verdicts


def load(location: str, batches: Iterable[Sequence[Judged]], tell: Tell) -> Loaded:
    """Make the database and fill it; no measurement may come twice. Raises StorageError.

    Quickest when measurements come in the order of their beginnings, as their ids do.
    """
    if "://" in location and not location.startswith("sqlite"):
        return _into(open_engine(location), batches, tell)
    file = Path(location.partition("///")[2] if "://" in location else location).expanduser()
    if file.exists():
        raise StorageError(f"{file}: is there already; only a new database is filled in bulk")
    half = file.with_name(f"{file.name}.loading")
    _remove(half)
    try:
        loaded = _into(open_engine(str(half)), batches, tell)
        half.rename(file)
    finally:
        _remove(half)
    return loaded


def _remove(half: Path) -> None:
    """Remove what is not whole, and all that SQLite may have beside it."""
    for suffix in ("", "-journal", "-wal", "-shm"):
        half.with_name(half.name + suffix).unlink(missing_ok=True)


def _into(engine: Engine, batches: Iterable[Sequence[Judged]], tell: Tell) -> Loaded:
    try:
        if not is_server(engine):
            _hurry(engine)
        with writing(engine) as connection:
            if not is_empty(connection):
                raise StorageError(
                    f"{location_of(engine)}: is not empty; only a new database is filled in bulk"
                )
            create_tables(connection)
            _strip(connection)
            loaded = _fill(connection, batches, tell)
            tell("indexes", loaded.rows)
            _dress(connection)
            finish(connection)
        if not is_server(engine):
            _settle(engine)
    except IntegrityError as error:
        raise StorageError(
            f"{location_of(engine)}: nothing was loaded, a record came twice or does not fit"
            f" ({str(error.orig).partition(chr(10))[0]})"
        ) from error
    finally:
        engine.dispose()
    tell("done", loaded.rows)
    return loaded


def _fill(connection: Connection, batches: Iterable[Sequence[Judged]], tell: Tell) -> Loaded:
    on_server = is_server(connection)
    put = copy_rows if on_server else insert_rows
    looks = parts = judgements = 0
    for batch in batches:
        records = [one.measurement for one in batch]
        for record in records:
            refuse_unstorable(record)
        if on_server:
            create_months(connection, (record.id for record in records))
        its_steps = [row for record in records for row in step_values(record)]
        judged = [one.verdict for one in batch if one.verdict is not None]
        put(connection, MEASUREMENTS, (MEASUREMENTS.values(measurement_row(r)) for r in records))
        put(connection, STEPS, its_steps)
        put(connection, VERDICTS, (VERDICTS.values(verdict_row(verdict)) for verdict in judged))
        looks, parts = looks + len(records), parts + len(its_steps)
        judgements += len(judged)
        tell("rows", looks + parts + judgements)
    return Loaded(measurements=looks, steps=parts, verdicts=judgements)


def _strip(connection: Connection) -> None:
    """Take away what is quicker to build over rows that are there; SQLite can't lose a key."""
    for table in PARTITIONED:
        for index in table.indexes:
            connection.execute(DropIndex(index))
    if is_server(connection):
        for constraint in _references():
            connection.execute(DropConstraint(constraint))
        for table in PARTITIONED:
            connection.execute(DropConstraint(table.primary_key))


def _dress(connection: Connection) -> None:
    """Build it again, and check what rows refer to."""
    if is_server(connection):
        connection.exec_driver_sql("SET LOCAL maintenance_work_mem = '256MB'")
        for table in PARTITIONED:
            connection.execute(AddConstraint(table.primary_key, isolate_from_table=False))
    for table in PARTITIONED:
        for index in sorted(table.indexes, key=lambda index: str(index.name)):
            connection.execute(CreateIndex(index))
    if is_server(connection):
        for constraint in _references():
            connection.execute(AddConstraint(constraint, isolate_from_table=False))
        connection.exec_driver_sql("ANALYZE " + ", ".join(t.name for t in PARTITIONED))
    elif connection.exec_driver_sql("PRAGMA foreign_key_check").first() is not None:
        raise StorageError("a verdict is on a measurement that did not come with it")


def _references() -> list[ForeignKeyConstraint]:
    """What refers to measurements, from whatever table."""
    tables: Sequence[Table] = metadata.sorted_tables
    return [
        constraint
        for table in tables
        for constraint in table.foreign_key_constraints
        if constraint.referred_table in PARTITIONED
    ]


def _hurry(engine: Engine) -> None:
    """What a crash would spoil has no name yet, so nothing need be safe before the end."""
    _pragmas(engine, "journal_mode = OFF", "synchronous = OFF", "foreign_keys = OFF")
    _pragmas(engine, f"cache_size = -{_CACHE_KIB}", "temp_store = MEMORY")


def _settle(engine: Engine) -> None:
    """On disk in whole, and from now on with a log as every other database."""
    _pragmas(engine, "journal_mode = WAL", "wal_checkpoint(TRUNCATE)")
    engine.dispose()
    descriptor = os.open(location_of(engine), os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _pragmas(engine: Engine, *words: str) -> None:
    raw = engine.raw_connection()
    try:
        cursor = raw.cursor()
        for each in words:
            cursor.execute(f"PRAGMA {each}")
            cursor.fetchall()
        cursor.close()
    finally:
        raw.close()
