"""What an archive and a database differ in: what one has beyond the other, and what is damaged."""

from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from storage.archive.content import ids_of
from storage.archive.library import connect, quoted
from storage.archive.shapes import Archive, Cell, NightPart, Part
from storage.tables import measurements

if TYPE_CHECKING:
    import duckdb

Key = tuple[str, str]
"""Day and country."""


def key_of(one: Cell | Part) -> Key:
    """The day and country it is of."""
    return one.day, one.country


def is_there(folder: Path, part: Part | NightPart) -> bool:
    """Whether a file is there, as long as it was written; what is in it, ``verify`` reads."""
    path = folder / part.file
    return path.is_file() and not path.is_symlink() and path.stat().st_size == part.bytes


def damaged(folder: Path, archive: Archive) -> set[Key]:
    """The days and countries of which a file is missing, or has another size."""
    return {key_of(part) for part in archive.parts if not is_there(folder, part)}


def beyond(
    connection: Connection, folder: Path, archive: Archive, stored: Mapping[Key, Cell]
) -> int:
    """How many measurements the archive has that are not among those ``stored``.

    Where a file that would tell can't be read, all of its day and country are counted.
    """
    files = {key_of(part): part for part in archive.parts if part.table == measurements.name}
    found = 0
    with closing(connect()) as reader:
        for cell in archive.cells:
            key = key_of(cell)
            if cell.is_of_the_same(stored.get(key)):
                continue
            archived = _archived(reader, folder, files.get(key))
            if archived is None or key not in stored:
                found += cell.measurements
            else:
                found += len(archived - ids_of(connection, *key))
    return found


def _archived(
    reader: "duckdb.DuckDBPyConnection", folder: Path, part: Part | None
) -> set[str] | None:
    """The ids in a file; None where it can't be read."""
    import duckdb

    if part is None or not is_there(folder, part):
        return None
    place = quoted(str((folder / part.file).absolute()))
    wanted = f"SELECT id FROM read_parquet({place}, hive_partitioning = false)"  # noqa: S608 - quoted
    try:
        rows = reader.execute(wanted)
        return {str(identity) for (identity,) in rows.fetchall()}
    except duckdb.Error:
        return None
