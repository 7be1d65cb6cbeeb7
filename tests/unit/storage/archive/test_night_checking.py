"""A night's tables that do not hang together, or rest on nothing, are told."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from storage.archive.library import connect, create
from storage.archive.night_checking import night_faults
from storage.archive.shapes import NIGHT_TABLES, TABLES

if TYPE_CHECKING:
    import duckdb

WITNESS = "01-a"


@pytest.fixture
def night() -> Iterator["duckdb.DuckDBPyConnection"]:
    """The tables of an archive, with a night of one cell and one finding."""
    with connect() as connection:
        for table in (*TABLES, *NIGHT_TABLES):
            create(connection, table, table.name)
        put = _put(connection)
        put("measurements", id=WITNESS)
        put("series", country="XA", asn=1, target="t", probe="web", first_day="2026-11-01")
        put("days", day="2026-11-01", build=2)
        put("cells", **CELL)
        put("findings", number=1, witnesses=f'["{WITNESS}"]')
        yield connection


CELL = {
    "day": "2026-11-01",
    "country": "XA",
    "asn": 1,
    "target": "t",
    "probe": "web",
    "build": 2,
    "witness_id": WITNESS,
}


def _put(connection: "duckdb.DuckDBPyConnection") -> Callable[..., None]:
    def put(table: str, **row: object) -> None:
        marks = ", ".join("?" for _ in row)
        wanted = f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})"
        connection.execute(wanted, list(row.values()))

    return put


def test_a_night_that_hangs_together_has_no_faults(night: "duckdb.DuckDBPyConnection") -> None:
    assert list(night_faults(night)) == []


@pytest.mark.parametrize(
    ("table", "row", "fault"),
    [
        ("days", {"day": "2026-11-01", "build": 3}, "days: 2026-11-01 is there twice"),
        ("cells", {**CELL, "build": 1}, "cells of 2026-11-01: no such day is shown"),
        ("cells", {**CELL, "asn": 2}, "cells: there is no series XA 2 t web"),
        (
            "cells",
            {**CELL, "day": "2026-11-02", "witness_id": "x"},
            "cells: there is no measurement x, which is to show a state",
        ),
        (
            "findings",
            {"number": 2, "witnesses": '["x"]'},
            "findings: there is no measurement x, which is to be a witness",
        ),
        ("freshness", {"number": 2}, "freshness: there are 2 rows"),
    ],
)
def test_each_fault_is_told(
    night: "duckdb.DuckDBPyConnection", table: str, row: dict[str, object], fault: str
) -> None:
    put = _put(night)
    if table == "freshness":
        put("freshness", number=1)
    put(table, **row)
    assert fault in list(night_faults(night))
