"""Steps that an archive alone holds: carried along when their day and country is written anew."""

import heapq
from collections.abc import Container, Iterator, Mapping
from pathlib import Path

from sqlalchemy import Connection

from heliograph.text import counted
from storage.archive.beyond import Key, is_there, key_of
from storage.archive.content import Print, Row, marks_of
from storage.archive.prints import archived_steps, prints_of
from storage.archive.shapes import Archive, Cell, Part
from storage.errors import StorageError
from storage.tables import steps


class Carrying:
    """The steps that are nowhere but in one archive, as its files are now."""

    def __init__(self, folder: Path, archive: Archive) -> None:
        self._folder = folder
        self._files = {key_of(part): part for part in archive.parts if part.table == steps.name}

    def require(self, cells: Mapping[Key, Cell | None]) -> None:
        """Raise StorageError unless, of each, a file is there that may hold what is retired."""
        lost = [
            cell
            for key, cell in sorted(cells.items())
            if cell is not None and cell.retired and not self._is_there(key)
        ]
        if lost:
            looks = counted(sum(cell.retired for cell in lost), "measurement")
            where = f"{lost[0].day}, {lost[0].country}" + (" and others" if lost[1:] else "")
            raise StorageError(
                f"{self._folder}: nothing was written: the steps of {looks} ({where}) are in an"
                " archive alone, and this one lacks them; name the one they were left to, or put"
                " its files back from a copy"
            )

    def carried(
        self, connection: Connection, day: str, countries: Container[str]
    ) -> dict[str, Iterator[Row]]:
        """By country of these, the steps of a day that the database does not have, by their key.

        Raises StorageError, before any row, where they are not those that were retired.
        """
        found = {}
        for country, marks in marks_of(connection, day).items():
            part = self._files.get((day, country))
            if country in countries and part is not None:
                self._require_same(part, marks)
                found[country] = _of(marks, archived_steps(self._folder, part))
        return found

    def _is_there(self, key: Key) -> bool:
        part = self._files.get(key)
        return part is not None and is_there(self._folder, part)

    def _require_same(self, part: Part, marks: Mapping[str, Print]) -> None:
        rows = _of(marks, archived_steps(self._folder, part))
        missing = dict(marks)
        for identity, found in prints_of(rows):
            if missing.pop(identity) != found:
                missing[identity] = found
                break
        if missing:
            raise StorageError(
                f"{self._folder / part.file}: lacks steps of measurement {min(missing)}, or has"
                " others, and no database has them: put the file back from a copy"
            )


def merged(own: Iterator[Row], carried: Iterator[Row]) -> Iterator[Row]:
    """Both, in the order of their key."""
    return heapq.merge(own, carried, key=lambda row: (str(row[0]), int(str(row[1]))))


def _of(marks: Mapping[str, Print], rows: Iterator[Row]) -> Iterator[Row]:
    return (row for row in rows if row[0] in marks)
