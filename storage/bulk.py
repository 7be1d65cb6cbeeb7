"""Rows by the thousand, past the library's own way, which spends its time on each value of each.

SQLite takes them through its driver's ``executemany``, PostgreSQL through COPY.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from operator import attrgetter

from sqlalchemy import Connection, Table, insert
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import Dialect, make_url

from heliograph.model import Measurement, Step
from storage.column_types import escape
from storage.tables import measurements, steps, verdicts

Values = tuple[object, ...]

_AT_ONCE = 10_000
_POSTGRESQL: Dialect = make_url("postgresql://").get_dialect()()


class Bulk:
    """The statements that fill a table, and its columns in the order they want them."""

    def __init__(self, table: Table) -> None:
        dialect = sqlite.dialect(paramstyle="qmark")
        compiled = insert(table).compile(dialect=dialect)
        self.insert = str(compiled)
        self.columns = tuple(compiled.positiontup or ())
        self._made: list[Callable[[object], object] | None] = [
            table.c[name].type.bind_processor(dialect) for name in self.columns
        ]
        names = ", ".join(self.columns)
        self.copy = f"COPY {table.name} ({names}) FROM STDIN"
        kinds = (table.c[name].type.compile(_POSTGRESQL).partition(" ")[0] for name in self.columns)
        arrays = ", ".join(f"%s::{kind}[]" for kind in kinds)
        key = ", ".join(table.primary_key.columns.keys())
        self.unless_there = (
            f"INSERT INTO {table.name} ({names})"  # noqa: S608 - names of our own
            f" SELECT * FROM unnest({arrays})"
            f" ON CONFLICT ({key}) DO NOTHING RETURNING {key}"
        )
        """For PostgreSQL; it takes one list for each column, and returns the keys it added."""

    def values(self, row: Mapping[str, object]) -> Values:
        """The row as engines keep it, column by column."""
        parts = zip(self.columns, self._made, strict=True)
        return tuple(row[name] if make is None else make(row[name]) for name, make in parts)


MEASUREMENTS, STEPS, VERDICTS = (Bulk(table) for table in (measurements, steps, verdicts))

_OF_STEP = attrgetter(*(name for name in STEPS.columns if name in Step.__struct_fields__))


def step_values(record: Measurement) -> list[Values]:
    """The steps as rows: texts as every engine can keep them, words as plain text."""
    identity = escape(record.id)
    return [
        (identity, number, *(escape(str(v)) if isinstance(v, str) else v for v in _OF_STEP(step)))
        for number, step in enumerate(record.steps)
    ]


def insert_rows(connection: Connection, into: Bulk, rows: Iterable[Values]) -> None:
    """Add rows to SQLite; none of them may be there."""
    for some in _some_at_once(rows):
        connection.exec_driver_sql(into.insert, some)


def copy_rows(connection: Connection, into: Bulk, rows: Iterable[Values]) -> None:
    """Add rows to PostgreSQL; none of them may be there."""
    from psycopg import Connection as Driver

    driver = connection.connection.driver_connection
    assert isinstance(driver, Driver)
    first = next(iter(rows := iter(rows)), None)
    if first is None:
        return
    with driver.cursor() as cursor, cursor.copy(into.copy) as copy:
        copy.write_row(first)
        for row in rows:
            copy.write_row(row)


def _some_at_once(rows: Iterable[Values]) -> Iterator[list[Values]]:
    left = iter(rows)
    while some := list(islice(left, _AT_ONCE)):
        yield some
