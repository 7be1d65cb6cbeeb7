"""Restoring: steps that an archive alone holds back into the database, day by day."""

from collections.abc import Generator, Iterator, Mapping
from itertools import groupby, islice
from pathlib import Path

import msgspec
from sqlalchemy import Connection, Engine, delete, select, text

from storage.archive.carrying import Carrying
from storage.archive.content import Row, marks_of
from storage.archive.folder import held
from storage.archive.shapes import load, load_own
from storage.bulk import STEPS, copy_rows, insert_rows
from storage.column_types import unescape
from storage.engine import is_server, open_engine, reading, writing
from storage.errors import StorageError
from storage.schema import check
from storage.tables import retired, steps

_AT_ONCE = 2_000
"""Measurements whose steps come back in one transaction."""
_ORDER = [list(steps.columns.keys()).index(name) for name in STEPS.columns]


class Back(msgspec.Struct, frozen=True, kw_only=True):
    """A day whose steps came back."""

    day: str
    measurements: int
    steps: int
    left: int
    """Days still to do."""


class Restoring:
    """Brings the steps of days from ``since`` (``2026-11-23``, UTC) on back into one database.

    Only those that are, step by step, what went. Left or killed half way, each measurement has its
    steps, or is marked; the same call goes on.
    """

    def __init__(self, location: str, folder: Path, since: str) -> None:
        self._location = location
        self._folder = folder
        self._since = since

    def days(self) -> Generator[Back]:
        """Do the work, a day at a time; nobody writes to the archive meanwhile.

        Raises MissingInput where there is no archive, and StorageError where it lacks steps.
        """
        load_own(self._folder)  # else an archive of nothing would be made
        engine = open_engine(self._location)
        try:
            check(engine)
            with held(self._folder):
                yield from self._each(engine)
        finally:
            engine.dispose()

    def _each(self, engine: Engine) -> Iterator[Back]:
        carrying = Carrying(self._folder, load(self._folder))
        with reading(engine) as connection:
            days = _days_with_marks(connection, self._since)
        for number, day in enumerate(days, 1):
            looks = count = 0
            with reading(engine) as connection:
                marks = marks_of(connection, day)
                carried = carrying.carried(connection, day, marks)
            missing = sorted(marks.keys() - carried.keys())
            if missing:
                raise StorageError(
                    f"{self._folder}: has no steps of {day}, {missing[0]}; name the archive that"
                    " they were left to"
                )
            for rows in carried.values():
                for some in _some(rows):
                    with writing(engine) as connection:
                        back = _put_back(connection, some)
                    looks, count = looks + len(back), count + sum(map(len, back.values()))
            yield Back(day=day, measurements=looks, steps=count, left=len(days) - number)


def _put_back(connection: Connection, found: Mapping[str, list[Row]]) -> Mapping[str, list[Row]]:
    """Insert the steps of measurements that are still marked, and take the marks away."""
    own = retired.c.measurement_id.in_([unescape(identity) for identity in found])
    marked = set(connection.scalars(select(retired.c.measurement_id).where(own).with_for_update()))
    back = {identity: rows for identity, rows in found.items() if unescape(identity) in marked}
    values = (tuple(row[at] for at in _ORDER) for rows in back.values() for row in rows)
    put = copy_rows if is_server(connection) else insert_rows
    put(connection, STEPS, values)
    connection.execute(delete(retired).where(own))
    return back


def _some(rows: Iterator[Row]) -> Iterator[dict[str, list[Row]]]:
    by_look = ((str(identity), list(its)) for identity, its in groupby(rows, lambda row: row[0]))
    while some := dict(islice(by_look, _AT_ONCE)):
        yield some


def _days_with_marks(connection: Connection, since: str) -> list[str]:
    wanted = text(
        "SELECT DISTINCT substr(m.started, 1, 10) FROM retired AS r"
        " JOIN measurements AS m ON m.id = r.measurement_id WHERE m.started >= :since"
    )
    return sorted(str(day) for day in connection.scalars(wanted, {"since": since}))
