"""Checking an archive: every file as its description says, every row where it belongs.

Whoever made the folder may be anybody: nothing in it is followed out of it, and it is only read.
"""

from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from storage.archive.library import connect, quoted
from storage.archive.night_checking import night_faults
from storage.archive.parts import digest
from storage.archive.publishing import package_faults
from storage.archive.reading import open_archive
from storage.archive.shapes import TABLES, Archive, NightPart, Part, load
from storage.errors import MissingInput, StorageError

if TYPE_CHECKING:
    import duckdb

MOST = 100
"""So many faults are told."""


class CheckedArchive(msgspec.Struct, frozen=True, kw_only=True):
    """What was found: the description, where it can be read, and each fault in one line."""

    archive: Archive | None
    faults: tuple[str, ...]


def check_archive(folder: Path) -> CheckedArchive:
    """Read the whole archive; raises MissingInput where there is none."""
    try:
        archive = load(folder)
    except MissingInput:
        raise
    except StorageError as error:
        return CheckedArchive(archive=None, faults=(str(error),))
    faults = list(islice(_faults(folder, archive), MOST))
    return CheckedArchive(archive=archive, faults=tuple(faults))


def _faults(folder: Path, archive: Archive) -> Iterator[str]:
    found = [fault for part in archive.files for fault in part_faults(folder, part)]
    yield from found
    yield from _cell_faults(archive)
    if not found:  # what can't be read, or was changed, is not compared
        yield from _row_faults(folder, archive)
        if archive.is_public:
            yield from package_faults(folder, archive)


def part_faults(folder: Path, part: Part | NightPart) -> Iterator[str]:
    """What is wrong with one file, as bytes."""
    path = folder / part.file
    if path.is_symlink() or not path.is_file():
        yield f"{part.file}: is missing"
    elif (size := path.stat().st_size) != part.bytes:
        yield f"{part.file}: has {size} bytes, the archive says {part.bytes}"
    elif digest(path) != part.sha256:
        yield f"{part.file}: was changed: its SHA-256 is not that of the archive"


def _cell_faults(archive: Archive) -> Iterator[str]:
    """Whether days and countries are each there once, with as many rows as their parts."""
    keys = [(part.table, part.day, part.country) for part in archive.parts]
    rows = dict(zip(keys, (part.rows for part in archive.parts), strict=True))
    if len(rows) != len(keys):
        yield "the archive names two files of one table, day and country"
    for cell in archive.cells:
        told = {
            "measurements": cell.measurements,
            "steps": cell.steps,
            "verdicts": cell.verdicts,
            "retired": cell.retired,
        }
        for table, expected in told.items():
            found = rows.get((table, cell.day, cell.country), 0)
            if expected is not None and found != expected:
                where = f"{table} of {cell.day}, {cell.country}"
                yield f"{where}: {found} rows in files, {expected} in all"
    known = {(cell.day, cell.country) for cell in archive.cells}
    for _, day, country in sorted(key for key in rows if key[1:] not in known):
        yield f"there are files of {day}, {country}, and no such cell"


def _row_faults(folder: Path, archive: Archive) -> Iterator[str]:
    import duckdb

    try:
        with closing(connect()) as counting:
            for part in archive.files:
                yield from _count_faults(counting, folder, part)
        with closing(open_archive(folder, locked=True)) as connection:
            yield from _tie_faults(connection)
            yield from night_faults(connection)
    except (duckdb.Error, StorageError) as error:
        first = str(error).partition("\n")[0]
        yield f"the files can't be read: {first}"


def _count_faults(
    connection: "duckdb.DuckDBPyConnection", folder: Path, part: Part | NightPart
) -> Iterator[str]:
    path = quoted(str((folder / part.file).absolute()))
    wanted = f"SELECT num_rows FROM parquet_file_metadata({path})"  # noqa: S608 - quoted
    found = connection.execute(wanted).fetchone()
    if found is None or found[0] != part.rows:
        yield f"{part.file}: has {found and found[0]} rows, the archive says {part.rows}"
    if isinstance(part, NightPart) or part.table != "measurements":
        return
    wanted = (
        "SELECT count(*) FROM read_parquet(" + path + ", hive_partitioning = false)"  # noqa: S608
        " WHERE country <> ? OR started[:10] <> ?"
    )
    odd = connection.execute(wanted, [part.country, part.day]).fetchone()
    if odd is not None and odd[0]:
        yield f"{part.file}: has {odd[0]} measurements of another day or country"


def _tie_faults(connection: "duckdb.DuckDBPyConnection") -> Iterator[str]:
    for table in TABLES:
        key = ", ".join(column.name for column in table.primary_key.columns)
        twice = f"SELECT {key} FROM {table.name} GROUP BY ALL HAVING count(*) > 1 LIMIT 1"  # noqa: S608
        found = connection.execute(twice).fetchone()
        if found is not None:
            yield f"{table.name}: {' '.join(map(str, found))} is there twice"
        if table.name == "measurements":
            continue
        lost = (
            f"SELECT measurement_id FROM {table.name} AS t"  # noqa: S608
            " ANTI JOIN measurements AS m ON m.id = t.measurement_id LIMIT 1"
        )
        found = connection.execute(lost).fetchone()
        if found is not None:
            yield f"{table.name}: there is no measurement {found[0]}"
    fewer = connection.execute(_LOST).fetchone()
    if fewer is not None:
        yield f"steps: measurement {fewer[0]} has {fewer[1]}, and was left here with {fewer[2]}"


_LOST = (
    "SELECT r.measurement_id, count(s.number) AS found, any_value(r.steps) AS steps"
    " FROM retired AS r LEFT JOIN steps AS s ON s.measurement_id = r.measurement_id"
    " GROUP BY r.measurement_id HAVING count(s.number) <> any_value(r.steps) LIMIT 1"
)
