"""Who is named in the steps that an archive alone holds."""

import re
from contextlib import closing
from pathlib import Path

from sqlalchemy import Column, String, Table
from sqlalchemy.types import TypeDecorator

from storage.archive.beyond import is_there, key_of
from storage.archive.library import connect, quoted
from storage.archive.shapes import load
from storage.errors import StorageError
from storage.tables import steps


def name_of(host: str) -> re.Pattern[str]:
    """The host as a whole name, in any text."""
    return re.compile(rf"(?<![a-z0-9-]){re.escape(host)}(?![a-z0-9-]|\.[a-z0-9])", re.IGNORECASE)


def texts_of(table: Table) -> list[Column[str]]:
    """The columns of a table that hold text."""
    return [column for column in table.columns if _is_text(column)]


def mentioning(folder: Path, host: str) -> set[str]:
    """The measurements with the host in a step, of days and countries with steps that are retired.

    Raises MissingInput and StorageError.
    """
    import duckdb

    archive, whole, found = load(folder), name_of(host), set()
    searched = {key_of(cell) for cell in archive.cells if cell.retired}
    names = ", ".join(f'"{column.name}"' for column in texts_of(steps))
    holds = " OR ".join(f'contains(lower("{column.name}"), $1)' for column in texts_of(steps))
    with closing(connect()) as reader:
        for part in archive.parts:
            if part.table != steps.name or key_of(part) not in searched:
                continue
            path = folder / part.file
            if not is_there(folder, part):
                raise StorageError(f"{path}: is missing, or not what the archive says")
            place = quoted(str(path.absolute()))
            wanted = (
                f"SELECT measurement_id, {names} FROM"  # noqa: S608 - names of ours
                f" read_parquet({place}, hive_partitioning = false) WHERE {holds}"
            )
            try:
                rows = reader.execute(wanted, [host]).fetchall()
            except duckdb.Error as error:
                first = str(error).partition("\n")[0]
                raise StorageError(f"{path}: can't be read: {first}") from error
            found |= {
                str(row[0]) for row in rows if any(whole.search(text or "") for text in row[1:])
            }
    return found


def _is_text(column: Column[object]) -> bool:
    kind = column.type
    return isinstance(kind.impl_instance if isinstance(kind, TypeDecorator) else kind, String)
