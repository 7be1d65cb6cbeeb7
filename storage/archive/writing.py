"""Writing an archive: day by day what has changed since, and nothing else."""

from collections.abc import Generator, Iterator
from contextlib import closing
from pathlib import Path

import msgspec
from sqlalchemy import Connection, Table

from heliograph.text import counted
from storage.archive.beyond import Key, beyond, damaged, key_of
from storage.archive.carrying import Carrying, merged
from storage.archive.content import Row, cells_of, rows_of, ruleset_of
from storage.archive.folder import BESIDE, describe, held, tidy
from storage.archive.night import night_of
from storage.archive.parts import PartWriter
from storage.archive.publishing import put_package, withdraw_package
from storage.archive.shapes import (
    FORMAT,
    PUBLIC_FORMAT,
    RETIRED_FORMAT,
    TABLES,
    Archive,
    Cell,
    Part,
    load,
)
from storage.engine import open_engine, reading
from storage.errors import StorageError
from storage.schema import check
from storage.tables import steps

_LACKING = (
    "this database lacks {} of it. --remove takes them out, if they were forgotten; if it is"
    " another database, choose another folder"
)
_NOT_TOLD = (
    "{} of it are not among what this database may tell everybody now. --remove takes them out, if"
    " they were forgotten, or are not to be told any more; 'heliograph db restore' brings back"
    " steps that were left to an archive; another database needs another folder"
)
_DAYS_AT_ONCE = 16
"""So many days are written before the archive is described anew."""


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """A day that was brought up to date."""

    day: str
    rows: int
    """Written, in all tables."""
    left: int
    """Days still to do."""


class Archiving:
    """One export: ``days`` does the work, ``archive`` is what is found in the folder then.

    Without ``removing`` nothing is taken out of an archive: measurements that the database does not
    hold may have been forgotten, but it may as well be another database, or an empty one.

    ``public``: the database holds what may be told to everybody, and nothing else
    (``storage.packages.snapshot``); with the archive goes what makes it a package.
    """

    def __init__(
        self, location: str, folder: Path, *, removing: bool = False, public: bool = False
    ) -> None:
        self._location = location
        self._folder = folder
        self._removing = removing
        self._public = public
        self.archive = Archive()

    def days(self) -> Generator[Done]:
        """Bring the archive up to date with one state of the database, a day at a time.

        Left half way, what was done is kept and the same call goes on with the rest. Files that are
        missing or cut off are written anew; steps that the database left to this archive are
        carried along. Raises StorageError.
        """
        engine = open_engine(self._location, read_only=True)
        try:
            check(engine)
            with held(self._folder, public=self._public), reading(engine) as connection:
                yield from self._written(connection)
        finally:
            engine.dispose()

    def alone(self) -> int:
        """How many measurements, whose steps are in the archive and nowhere else, the database
        does not know (any more): to take them out would lose these steps. Raises StorageError."""
        engine = open_engine(self._location, read_only=True)
        try:
            check(engine)
            with reading(engine) as connection:
                now = cells_of(connection)
        finally:
            engine.dispose()
        known = {key: cell.retired for key, cell in now.items()}
        cells = load(self._folder).cells
        return sum(max(0, cell.retired - known.get(key_of(cell), 0)) for cell in cells)

    def _written(self, connection: Connection) -> Iterator[Done]:
        self.archive = load(self._folder)
        now = cells_of(connection, told=self._public)
        before = {key_of(cell): cell for cell in self.archive.cells}
        if not self._removing:
            self._require_all(connection, now)
        changed = {key for key in now.keys() | before.keys() if _differ(before, now, key)}
        changed |= damaged(self._folder, self.archive)
        carrying = Carrying(self._folder, self.archive)
        carrying.require({key: now.get(key) for key in changed})
        days = sorted({day for day, _ in changed})
        state = _State(self.archive, ruleset_of(connection))
        if self._removing and changed:
            state.night = ()  # it may rest on what is taken out now
        writer = PartWriter(self._folder, self._folder / BESIDE)
        with closing(writer):
            try:
                for number, day in enumerate(days, 1):
                    todo = {key: now.get(key) for key in changed if key[0] == day}
                    parts = _parts(connection, writer, carrying, day, todo)
                    state.replace(todo, parts)
                    if number % _DAYS_AT_ONCE == 0:
                        self._settle(state)
                    rows = sum(part.rows for part in parts)
                    yield Done(day=day, rows=rows, left=len(days) - number)
                if not self._public:
                    state.night = night_of(connection, writer, self._folder, self.archive.night)
            finally:
                self._settle(state)
                if self._public:
                    put_package(self._folder, self.archive)

    def _require_all(self, connection: Connection, now: dict[Key, Cell]) -> None:
        missing = beyond(connection, self._folder, self.archive, now)
        if missing:
            looks = counted(missing, "measurement")
            raise StorageError(
                f"{self._folder}: nothing was written: "
                + (_NOT_TOLD if self._public else _LACKING).format(looks)
            )

    def _settle(self, state: "_State") -> None:
        archive = state.archive()
        if archive != self.archive:
            if archive.is_public:
                withdraw_package(self._folder)
            describe(self._folder, archive)
            self.archive = archive
            tidy(self._folder, archive)


class _State:
    """Cells and parts as they are to be described."""

    def __init__(self, archive: Archive, ruleset: int | None) -> None:
        self._ruleset, self._public = ruleset, archive.is_public
        self.night = archive.night
        self._cells = {key_of(cell): cell for cell in archive.cells}
        self._parts: dict[Key, list[Part]] = {key: [] for key in self._cells}
        for part in archive.parts:
            self._parts.setdefault(key_of(part), []).append(part)

    def replace(self, cells: dict[Key, Cell | None], parts: list[Part]) -> None:
        for key, cell in cells.items():
            self._parts.pop(key, None)
            self._cells.pop(key, None)
            if cell is not None:
                self._cells[key] = msgspec.structs.replace(cell, steps=0)
        for part in parts:
            key = key_of(part)
            self._parts.setdefault(key, []).append(part)
            if part.table == steps.name:
                self._cells[key] = msgspec.structs.replace(self._cells[key], steps=part.rows)

    def archive(self) -> Archive:
        order = [table.name for table in TABLES]
        retired = any(cell.retired for cell in self._cells.values())
        return Archive(
            format=PUBLIC_FORMAT if self._public else RETIRED_FORMAT if retired else FORMAT,
            ruleset=self._ruleset,
            cells=tuple(self._cells[key] for key in sorted(self._cells)),
            parts=tuple(
                part
                for key in sorted(self._parts)
                for part in sorted(self._parts[key], key=lambda part: order.index(part.table))
            ),
            night=self.night,
        )


def _differ(before: dict[Key, Cell], now: dict[Key, Cell], key: Key) -> bool:
    """Whether a day and country is to be written: it is another, or its steps were not noted."""
    cell = before.get(key)
    return cell is None or cell.steps is None or not cell.is_of_the_same(now.get(key))


def _parts(
    connection: Connection,
    writer: PartWriter,
    carrying: Carrying,
    day: str,
    todo: dict[Key, Cell | None],
) -> list[Part]:
    wanted = {country for (_, country), cell in todo.items() if cell is not None}
    if not wanted:  # all of it was forgotten
        return []
    carried = carrying.carried(connection, day, wanted)
    return [
        writer.write(table, day, country, rows)
        for table in TABLES
        for country, rows in _of_table(connection, table, day, carried)
        if country in wanted
    ]


def _of_table(
    connection: Connection, table: Table, day: str, carried: dict[str, Iterator[Row]]
) -> Iterator[tuple[str, Iterator[Row]]]:
    """The rows of a table, country by country; of steps, those carried along as well."""
    beside = dict(carried) if table is steps else {}
    for country, rows in rows_of(connection, table, day):
        yield country, merged(rows, beside.pop(country)) if country in beside else rows
    yield from beside.items()
