"""What tells the steps of one measurement from any others, wherever they are stored."""

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import closing
from itertools import groupby
from pathlib import Path

import msgspec

from storage.archive.content import Print, Row
from storage.archive.library import connect, quoted
from storage.archive.shapes import Part
from storage.errors import StorageError
from storage.tables import steps

_AT_ONCE = 5_000
_NAMES = tuple(steps.columns.keys())
_COLUMNS = ", ".join(f'"{name}"' for name in _NAMES)
_encode = msgspec.json.Encoder(order="deterministic").encode


def prints_of(rows: Iterable[Row]) -> Iterator[tuple[str, Print]]:
    """Of each measurement by its id, from rows of steps in the order of their key.

    Values are those an engine keeps. A column that is null adds nothing, so that a column that
    comes later changes no print.
    """
    for identity, its in groupby(rows, key=lambda row: str(row[0])):
        count, found = 0, hashlib.sha256()
        for row in its:
            told = zip(_NAMES[1:], row[1:], strict=True)
            found.update(_encode({name: value for name, value in told if value is not None}))
            found.update(b"\n")
            count += 1
        yield identity, Print(count, found.hexdigest())


def archived_steps(folder: Path, part: Part) -> Iterator[Row]:
    """The rows of a file of steps, in the order of their key; raises StorageError."""
    import duckdb

    if not (folder / part.file).is_file():
        raise StorageError(f"{folder / part.file}: is missing; put the file back from a copy")
    before: tuple[str, int] = ("", -1)
    try:
        with closing(connect()) as reader:
            found = reader.execute(f"SELECT {_COLUMNS} FROM {_file(folder, part)}")  # noqa: S608
            while rows := found.fetchmany(_AT_ONCE):
                for row in rows:
                    key = (str(row[0]), int(row[1]))
                    if key <= before:
                        raise StorageError(f"{folder / part.file}: its rows are not in order")
                    before = key
                    yield row
    except duckdb.Error as error:
        first = str(error).partition("\n")[0]
        raise StorageError(f"{folder / part.file}: can't be read: {first}") from error


def _file(folder: Path, part: Part) -> str:
    place = quoted(str((folder / part.file).absolute()))
    return f"read_parquet({place}, hive_partitioning = false)"
