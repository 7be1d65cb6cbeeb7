"""A database of chosen measurements: the same rows make the same file, whatever came first."""

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from sqlalchemy import insert

from heliograph.model import Measurement, Verdict
from storage.append import append
from storage.engine import open_engine, writing
from storage.errors import CannotWrite
from storage.packages.shapes import Counts
from storage.packages.tables import TABLES
from storage.records import measurement_row, step_rows, verdict_row
from storage.schema import ensure
from storage.tables import RULESET_KEY, measurements, settings, steps, verdicts

Judged = tuple[Measurement, Verdict | None]
_STATEMENTS = """
SELECT sql FROM heap.sqlite_schema WHERE sql IS NOT NULL
ORDER BY CASE type WHEN 'table' THEN 1 WHEN 'index' THEN 2 ELSE 3 END, name
"""
_KEPT = (
    *(
        (
            table.name,
            ", ".join(column.name for column in table.columns),
            ", ".join(column.name for column in table.primary_key.columns),
        )
        for table in (measurements, steps, verdicts, settings)
    ),
    ("alembic_version", "version_num", "version_num"),
)
"""The tables that are filled, their columns, and what their rows are ordered by."""


def write_snapshot(path: Path, found: Iterable[Judged], ruleset: int | None) -> Counts:
    """Write a database of this schema that holds what was found, and no more.

    Two measurements that are the same are one. The rows stand in the order of their ids, so the
    file does not tell in which order they came. Raises StorageError.
    """
    heap, ordered = path.with_suffix(".heap"), path.with_suffix(".ordered")
    _gather(heap, found, ruleset)
    try:
        with closing(sqlite3.connect(ordered, isolation_level=None)) as connection:
            _put_in_order(connection, heap)
            connection.execute("VACUUM INTO ?", (str(path),))
        with closing(sqlite3.connect(path)) as connection:
            counts = counts_of(connection)
    except sqlite3.Error as error:
        raise CannotWrite(f"{path.parent}: can't be written ({error}); make room there") from error
    for used in (heap, ordered):
        used.unlink()
    return counts


def counts_of(connection: sqlite3.Connection) -> Counts:
    """The rows of each table of a package that is a database."""
    count = "SELECT count(*) FROM "
    found = {
        table.name: connection.execute(count + table.view.name).fetchone()[0] for table in TABLES
    }
    return Counts(**found)


def _gather(heap: Path, found: Iterable[Judged], ruleset: int | None) -> None:
    engine = open_engine(str(heap))
    ensure(engine)
    with writing(engine) as connection:
        for measurement, verdict in found:
            if not append(connection, measurements, measurement_row(measurement)):
                continue
            if measurement.steps:
                connection.execute(insert(steps), step_rows(measurement))
            if verdict is not None:
                append(connection, verdicts, verdict_row(verdict))
        if ruleset is not None:
            connection.execute(insert(settings), {"key": RULESET_KEY, "value": str(ruleset)})
    engine.dispose()


def _put_in_order(connection: sqlite3.Connection, heap: Path) -> None:
    """Make the heap's tables, indexes and views in the order of their names, and copy the rows."""
    connection.execute("PRAGMA temp_store = MEMORY")
    connection.execute("ATTACH ? AS heap", (str(heap),))
    connection.execute("BEGIN IMMEDIATE")
    statements = connection.execute(_STATEMENTS).fetchall()
    for (statement,) in statements:
        connection.execute(statement)
    for name, columns, key in _KEPT:
        connection.execute(
            f"INSERT INTO main.{name} ({columns})"  # noqa: S608 - names of our own
            f" SELECT {columns} FROM heap.{name} ORDER BY {key}"
        )
    connection.execute("COMMIT")
    connection.execute("DETACH heap")
