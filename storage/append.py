"""Adding rows that may be there already: the same fact twice is one row."""

from collections.abc import Mapping

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import sqlite


def append(connection: Connection, into: Table, values: Mapping[str, object]) -> bool:
    """Insert the row unless its primary key is taken; say whether it was new."""
    statement = sqlite.insert(into).on_conflict_do_nothing(index_elements=into.primary_key.columns)
    return connection.execute(statement, dict(values)).rowcount == 1
