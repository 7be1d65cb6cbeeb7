"""One Parquet file, written so that the same rows are the same bytes."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import Table

from storage.archive.beyond import is_there
from storage.archive.content import Row
from storage.archive.library import connect, create, quoted
from storage.archive.shapes import NightPart, Part, file_of, file_of_night
from storage.disk import sync

_ROW_GROUP = 100_000
_OPTIONS = f"FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {_ROW_GROUP}"


class PartWriter:
    """Writes parts into the folder of an archive; beside their place first, then renamed."""

    def __init__(self, folder: Path, beside: Path) -> None:
        self._folder = folder
        self._loose = beside / "part.parquet"
        self._connection = connect()
        self._connection.execute(f"SET temp_directory = {quoted(str(beside / 'spilled'))}")

    def close(self) -> None:
        """Let go of the library."""
        self._connection.close()

    def write(self, table: Table, day: str, country: str, rows: Iterable[Row]) -> Part:
        """The part with these rows, in their order, on disk under its name."""
        count, size, sha256 = self._write_beside(table, rows)
        name = str(table.name)  # the library has a kind of text of its own
        file = file_of(name, day, country, sha256)
        place(self._loose, self._folder, file)
        return Part(
            table=name,
            day=day,
            country=country,
            file=file,
            rows=count,
            bytes=size,
            sha256=sha256,
        )

    def write_of_night(
        self, table: Table, month: str | None, made_of: str | None, rows: Iterable[Row]
    ) -> NightPart:
        """The part of a night's table with these rows; without any, nothing is written."""
        count, size, sha256 = self._write_beside(table, rows)
        name = str(table.name)
        file = file_of_night(name, month, sha256)
        part = NightPart(
            table=name,
            month=month,
            made_of=made_of,
            file=file,
            rows=count,
            bytes=size,
            sha256=sha256,
        )
        if count and not is_there(self._folder, part):
            place(self._loose, self._folder, file)
        return part

    def _write_beside(self, table: Table, rows: Iterable[Row]) -> tuple[int, int, str]:
        """Write a loose file; its rows, bytes and SHA-256."""
        create(self._connection, table, "part")
        try:
            with self._connection.appender("part") as appender:
                appender.append_rows(rows)
            self._connection.execute(f"COPY part TO {quoted(str(self._loose))} ({_OPTIONS})")
            found = self._connection.execute("SELECT count(*) FROM part").fetchone()
        finally:
            self._connection.execute("DROP TABLE part")
        assert found is not None
        return found[0], self._loose.stat().st_size, digest(self._loose)


def digest(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def place(loose: Path, folder: Path, name: str) -> None:
    """Put a file that is whole under its name, for its owner alone; on disk when this returns."""
    loose.chmod(0o600)
    sync(loose)
    target = folder / name
    made = [parent for parent in target.parents if not parent.exists()]
    for parent in reversed(made):
        parent.mkdir(mode=0o700)
    loose.rename(target)
    for parent in (target.parent, *(new.parent for new in made)):
        sync(parent)
