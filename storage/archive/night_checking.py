"""Checking what an archive has of a night: it hangs together, and rests on looks that are there."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from storage.archive.shapes import NIGHT_TABLES

if TYPE_CHECKING:
    import duckdb

_SERIES = "country, asn, target, probe"


def night_faults(connection: "duckdb.DuckDBPyConnection") -> Iterator[str]:
    """Each fault in one line, for a connection that has the archive's tables."""
    for table in NIGHT_TABLES:
        key = ", ".join(column.name for column in table.primary_key.columns)
        twice = f"SELECT {key} FROM {table.name} GROUP BY ALL HAVING count(*) > 1 LIMIT 1"  # noqa: S608
        yield from _first(connection, twice, f"{table.name}: {{}} is there twice")
    (nights,) = connection.execute("SELECT count(*) FROM freshness").fetchone() or (0,)
    if nights > 1:
        yield f"freshness: there are {nights} rows"
    for wanted, what in _TIES:
        yield from _first(connection, f"{wanted} LIMIT 1", what)


def _first(connection: "duckdb.DuckDBPyConnection", wanted: str, what: str) -> Iterator[str]:
    found = connection.execute(wanted).fetchone()
    if found is not None:
        yield what.format(" ".join(map(str, found)))


_TIES = (
    (
        "SELECT day FROM cells ANTI JOIN days USING (day, build)",
        "cells of {}: no such day is shown",
    ),
    (
        f"SELECT {_SERIES} FROM cells ANTI JOIN series USING ({_SERIES})",  # noqa: S608
        "cells: there is no series {}",
    ),
    (
        "SELECT witness_id FROM cells AS c ANTI JOIN measurements AS m ON m.id = c.witness_id"
        " WHERE witness_id IS NOT NULL",
        "cells: there is no measurement {}, which is to show a state",
    ),
    (
        "SELECT w.id FROM"
        " (SELECT unnest(from_json(witnesses, '[\"VARCHAR\"]')) AS id FROM findings) AS w"
        " ANTI JOIN measurements AS m ON m.id = w.id",
        "findings: there is no measurement {}, which is to be a witness",
    ),
)
