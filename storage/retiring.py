"""Retiring: steps out of the database, once they are known to be in an archive, day by day."""

from collections.abc import Generator, Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path

import msgspec
from sqlalchemy import Connection, Engine, text

from storage.archive.beyond import Key, key_of
from storage.archive.checking import part_faults
from storage.archive.content import Print, cells_of, rows_of, ruleset_of
from storage.archive.folder import held
from storage.archive.prints import archived_steps, prints_of
from storage.archive.shapes import Archive, Cell, Part, load, load_own
from storage.compacting import compact, pragma
from storage.engine import is_server, location_of, open_engine, reading, writing
from storage.errors import StorageError
from storage.retired import Rules, leave_to, retire
from storage.schema import check
from storage.tables import steps

_AT_ONCE = 2_000
"""Measurements whose steps go in one transaction."""
_FREE_SHARE = 10
"""A file of which less than a tenth is free is not worth being written anew."""


class Gone(msgspec.Struct, frozen=True, kw_only=True):
    """A day whose steps were looked at."""

    day: str
    measurements: int
    """Whose steps are in the archive alone, since now."""
    steps: int
    kept: int
    """Measurements whose steps stay: not judged yet, or not in the archive as they are."""
    left: int
    """Days still to do."""


class Retiring:
    """Takes the steps of days before ``before`` (``2026-11-23``, UTC) out of one database.

    Only what the archive was found to hold, equal step by step, in files that are as it says. Left
    or killed half way, each measurement has its steps, or is marked; the same call goes on.
    """

    def __init__(self, location: str, folder: Path, before: str, rules: Rules) -> None:
        self._location = location
        self._folder = folder
        self._before = before
        self._rules = rules

    def days(self) -> Generator[Gone]:
        """Do the work, a day at a time; nobody writes to the archive meanwhile.

        Raises MissingInput where there is no archive, and StorageError.
        """
        load_own(self._folder)  # else an archive of nothing would be made
        engine = open_engine(self._location)
        try:
            check(engine)
            with held(self._folder):
                yield from self._each(engine)
        finally:
            engine.dispose()

    def give_back(self) -> bool:
        """Give the system the room that is free in an SQLite file; False if that has to wait.

        On PostgreSQL there is nothing to do: the server writes new rows there.
        """
        engine = open_engine(self._location)
        try:
            if is_server(engine):
                return True
            free, pages = pragma(engine, "freelist_count"), pragma(engine, "page_count")
            return free * _FREE_SHARE < pages or compact(engine, in_memory=False)
        finally:
            engine.dispose()

    def _each(self, engine: Engine) -> Iterator[Gone]:
        archive = load(self._folder)
        with reading(engine) as connection:
            if ruleset_of(connection) != self._rules.version:
                raise StorageError(
                    f"{location_of(engine)}: other rules than those of this version are in force,"
                    " and judge by steps; 'heliograph analyse --activate' comes first"
                )
            whole = _same(archive, cells_of(connection))
            days = _days_with_steps(connection, self._before)
        if days:
            with writing(engine) as connection:
                leave_to(connection, str(self._folder.absolute()))
        for number, day in enumerate(days, 1):
            yield self._day(engine, day, whole, len(days) - number)

    def _day(self, engine: Engine, day: str, whole: Mapping[Key, list[Part]], left: int) -> Gone:
        self._require_whole(day, whole)
        with reading(engine) as connection:
            found = list(self._archived(connection, day, whole))
        seen = sum(count for count, _ in found)
        gone: list[Print] = []
        for _, archived in found:
            for some in _some(archived):
                with writing(engine) as connection:
                    gone += retire(connection, some, self._rules)
        return Gone(
            day=day,
            measurements=len(gone),
            steps=sum(one.steps for one in gone),
            kept=seen - len(gone),
            left=left,
        )

    def _archived(
        self, connection: Connection, day: str, whole: Mapping[Key, list[Part]]
    ) -> Iterator[tuple[int, dict[str, Print]]]:
        """By country: how many measurements have steps, and those that the archive has alike."""
        for country, rows in rows_of(connection, steps, day):
            own = dict(prints_of(rows))
            there: dict[str, Print] = {}
            for part in whole.get((day, country), []):
                if part.table == steps.name:
                    there |= prints_of(archived_steps(self._folder, part))
            yield len(own), {one: print_ for one, print_ in own.items() if there.get(one) == print_}

    def _require_whole(self, day: str, whole: Mapping[Key, list[Part]]) -> None:
        """Raise StorageError unless every file of the day is as the archive says."""
        parts = (part for key, its in whole.items() if key[0] == day for part in its)
        fault = next((fault for part in parts for fault in part_faults(self._folder, part)), None)
        if fault is not None:
            raise StorageError(f"{self._folder}: {fault}; 'heliograph verify' says more")


def _same(archive: Archive, stored: Mapping[Key, Cell]) -> dict[Key, list[Part]]:
    """The files of the days and countries of which the archive has what the database has."""
    found: dict[Key, list[Part]] = {
        key_of(cell): [] for cell in archive.cells if cell.is_of_the_same(stored.get(key_of(cell)))
    }
    for part in archive.parts:
        if key_of(part) in found:
            found[key_of(part)].append(part)
    return found


def _days_with_steps(connection: Connection, before: str) -> list[str]:
    wanted = text(
        "SELECT DISTINCT substr(m.started, 1, 10) AS day FROM measurements AS m"
        " WHERE m.started < :before"
        " AND EXISTS (SELECT 1 FROM steps AS s WHERE s.measurement_id = m.id)"
    )
    return sorted(str(day) for day in connection.scalars(wanted, {"before": before}))


def _some(found: Mapping[str, Print]) -> Iterator[dict[str, Print]]:
    rest: Iterable[tuple[str, Print]] = iter(found.items())
    while some := dict(islice(rest, _AT_ONCE)):
        yield some
