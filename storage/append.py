"""Adding rows that may be there already: the same fact twice is one row."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import sqlite


def append(connection: Connection, into: Table, values: Mapping[str, object]) -> bool:
    """Insert the row unless its primary key is taken; say whether it was new."""
    statement = sqlite.insert(into).on_conflict_do_nothing(index_elements=into.primary_key.columns)
    return connection.execute(statement, dict(values)).rowcount == 1


def append_all(connection: Connection, into: Table, rows: Sequence[Mapping[str, object]]) -> None:
    """Insert those of the rows whose primary key is not taken."""
    statement = sqlite.insert(into).on_conflict_do_nothing(index_elements=into.primary_key.columns)
    if rows:
        connection.execute(statement, [dict(row) for row in rows])
