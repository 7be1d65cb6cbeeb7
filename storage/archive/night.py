"""What nights came to, as an archive has it: the tables that are shown, whole, of one moment."""

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import msgspec
from sqlalchemy import Connection, Table

from storage.archive.beyond import is_there
from storage.archive.content import Row, rows_by
from storage.archive.folder import BESIDE, describe, held, tidy
from storage.archive.night_checking import night_faults
from storage.archive.parts import PartWriter
from storage.archive.reading import open_as
from storage.archive.shapes import NIGHT_TABLES, NightPart, load
from storage.errors import StorageError
from storage.tables_nights import cells

_MONTH = 7


def night_of(
    connection: Connection, writer: PartWriter, folder: Path, before: Sequence[NightPart]
) -> tuple[NightPart, ...]:
    """The parts of the night that the database shows; files that are as they are to be are kept.

    Cells that are built and not shown yet are no part of it. A month of cells is read again only if
    one of its days was built anew; the other tables are small.
    """
    found: list[NightPart] = []
    for table in NIGHT_TABLES:
        if table is cells:
            kept = {part.month: part for part in before if is_there(folder, part)}
            found += _months(connection, writer, kept)
        else:
            found += _written(writer, table, None, None, rows_by(connection, _all_of(table)))
    return tuple(found)


def put_night(connection: Connection, folder: Path) -> None:
    """Give an archive the night that the database shows, and nothing else of it, at one moment.

    Raises StorageError where a night rests on a look that the archive does not have.
    """
    with held(folder):
        before = load(folder)
        with closing(PartWriter(folder, folder / BESIDE)) as writer:
            night = night_of(connection, writer, folder, before.night)
        after = msgspec.structs.replace(before, night=night)
        if after != before:
            with closing(open_as(folder, after)) as reader:
                fault = next(night_faults(reader), None)
            if fault is not None:
                raise StorageError(f"{folder}: keeps the night it has: {fault}; export it anew")
            describe(folder, after)
            tidy(folder, after)


def _months(
    connection: Connection, writer: PartWriter, kept: dict[str | None, NightPart]
) -> Iterator[NightPart]:
    for month, made_of in _built(connection).items():
        was = kept.get(month)
        if was is not None and was.made_of == made_of:
            yield was
        else:
            rows = rows_by(connection, _SHOWN, first=f"{month}-", last=f"{month}.")
            yield from _written(writer, cells, month, made_of, rows)


def _written(
    writer: PartWriter, table: Table, month: str | None, made_of: str | None, rows: Iterator[Row]
) -> Iterator[NightPart]:
    part = writer.write_of_night(table, month, made_of, rows)
    if part.rows:
        yield part


def _built(connection: Connection) -> dict[str, str]:
    """By month, how the days were built of which cells are shown."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for row in rows_by(connection, _DAYS):
        found[str(row[0])[:_MONTH]].append("\n".join(map(str, row)))
    return {
        month: hashlib.sha256("\n\n".join(days).encode()).hexdigest()
        for month, days in found.items()
    }


def _all_of(table: Table) -> str:
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    key = ", ".join(column.name for column in table.primary_key.columns)
    return f"SELECT {names} FROM {table.name} ORDER BY {key}"  # noqa: S608 - names of ours


_OWN = ", ".join(f"c.{column.name}" for column in cells.columns)
_KEY = ", ".join(f"c.{column.name}" for column in cells.primary_key.columns)
_JOINED = "cells AS c JOIN days AS d ON d.day = c.day AND d.build = c.build"
# A day begins with its month and a hyphen, so what comes before the next sign is of that month.
_SHOWN = (
    f"SELECT {_OWN} FROM {_JOINED}"  # noqa: S608 - names of ours
    f" WHERE c.day >= :first AND c.day < :last ORDER BY {_KEY}"
)
_DAYS = (
    "SELECT d.day, d.build, d.fingerprint, d.built_at FROM days AS d"
    " WHERE EXISTS (SELECT 1 FROM cells AS c WHERE c.day = d.day AND c.build = d.build)"
    " ORDER BY d.day"
)
