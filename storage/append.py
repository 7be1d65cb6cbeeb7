"""Adding rows that may be there already: the same fact twice is one row, on either engine."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

from storage.engine import is_server


def insert_into(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """The insertion of the connection's own engine, which can say what a taken key means."""
    return postgresql.insert(table) if is_server(connection) else sqlite.insert(table)


def append(connection: Connection, into: Table, values: Mapping[str, object]) -> bool:
    """Insert the row unless its primary key is taken; say whether it was new."""
    statement = _unless_there(connection, into).execution_options(preserve_rowcount=True)
    return connection.execute(statement, dict(values)).rowcount == 1


def append_all(connection: Connection, into: Table, rows: Sequence[Mapping[str, object]]) -> None:
    """Insert those of the rows whose primary key is not taken."""
    if rows:
        connection.execute(_unless_there(connection, into), [dict(row) for row in rows])


def _unless_there(connection: Connection, into: Table) -> sqlite.Insert | postgresql.Insert:
    key = list(into.primary_key.columns)
    return insert_into(connection, into).on_conflict_do_nothing(index_elements=key)
