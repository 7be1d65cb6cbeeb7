"""What nights leave: cells built beside those that are shown, and one switch that shows them.

Whatever is killed on the way leaves rows that nothing shows, and the next night takes them away.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import (
    Connection,
    Engine,
    Select,
    Table,
    delete,
    exists,
    func,
    insert,
    select,
    update,
)

from heliograph.finding import Finding
from storage.bulk import Bulk, Values, copy_rows, insert_rows
from storage.engine import MEMORY, is_server, location_of, reading, writing
from storage.errors import StorageError
from storage.locks import Locks
from storage.server_locks import ServerLocks
from storage.tables_nights import cells, days, events, findings, freshness, series
from storage.views import FINDINGS, FRESHNESS

_CELLS = Bulk(cells)
_LOCK = 0x4E494748
"""What stands for the night among the locks on runs, far above their numbers."""


TABLES = (cells, days, series, findings, events, freshness)
"""All that nights write."""


INCOMPLETE = "incomplete"
"""State of a night of which a part was forgotten since."""
_FORGOTTEN = "days that it counted, and all findings, went with what was forgotten since"


class Busy(StorageError):
    """Another program is making this night; let it end."""


class Day(msgspec.Struct, frozen=True, kw_only=True):
    """A day that was built, to be shown with the next switch."""

    day: str
    build: int
    fingerprint: str


class Night(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a night that is to be shown."""

    begun: datetime
    ended: datetime
    first_day: str
    last_day: str
    newest_measurement: datetime | None
    ruleset_version: int


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What the switch came to."""

    n_days_built: int
    n_cells: int
    n_findings: int


class Nights:
    """The tables of one database that nights write."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @contextmanager
    def alone(self) -> Iterator[None]:
        """No other program makes a night meanwhile; raises Busy. Ends with the process, too.

        This store may hold no runs: on a file, leaving this would let go of them.
        """
        locks = _locks_of(self._engine)
        try:
            if not locks.take(_LOCK):
                place = location_of(self._engine)
                raise Busy(f"{place}: another program is making the night; let it end")
            yield
        finally:
            locks.close()

    def begin(self, now: datetime) -> None:
        """Note that a night is under way, and take away what an interrupted one left."""
        with writing(self._engine) as connection:
            unfinished = {"ended": None, "state": "under_way", "why": None}
            _note(connection, {"begun": now, **unfinished})
            shown = exists().where(days.c.day == cells.c.day, days.c.build == cells.c.build)
            connection.execute(delete(cells).where(~shown))

    def fail(self, begun: datetime, ended: datetime, why: str) -> None:
        """Note that a night came to nothing; what was shown stays."""
        values = {"begun": begun, "ended": ended, "state": "failed", "why": why}
        with writing(self._engine) as connection:
            _note(connection, values)

    def last(self) -> Mapping[str, object] | None:
        """How the last night went; None before the first."""
        with reading(self._engine) as connection:
            row = connection.execute(select(FRESHNESS.rows)).mappings().first()
        return None if row is None else dict(row)

    def shown(self) -> dict[str, Day]:
        """Each day that is shown."""
        wanted = select(days.c.day, days.c.build, days.c.fingerprint)
        with reading(self._engine) as connection:
            return {row.day: Day(**row._mapping) for row in connection.execute(wanted)}

    def stage(self, rows: Iterable[Mapping[str, object]]) -> None:
        """Add cells that nothing shows yet; texts as the engine keeps them."""
        values: Iterator[Values] = (tuple(row[name] for name in _CELLS.columns) for row in rows)
        with writing(self._engine) as connection:
            add = copy_rows if is_server(self._engine) else insert_rows
            add(connection, _CELLS, values)

    def weighed(self, first: str, last: str, built: Sequence[Day]) -> Iterator[tuple[object, ...]]:
        """The cells of these days as they will be shown, in the order of detection's fields.

        Those of days that were built now are taken from that building.
        """
        now = {one.day: one.build for one in built}
        c = cells.c
        wanted: Select[Any] = select(
            c.build, c.country, c.asn, c.target, c.probe, c.day,
            c.weighed_ok, c.weighed_blocked, c.weighed_throttled, c.weighed_down,
            c.weighed_inconclusive, c.n_vantages, c.technique, c.witness_id,
        ).where(c.day.between(first, last))  # fmt: skip
        shown = {one.day: one.build for one in self.shown().values()}
        with reading(self._engine) as connection:
            result = connection.execution_options(yield_per=5000).execute(wanted)
            for row in map(tuple, result):
                day = str(row[5])
                if now.get(day, shown.get(day)) == row[0]:
                    yield (*row[1:-2], row[-2] or "", row[-1] or "")

    def publish(
        self,
        night: Night,
        built: Sequence[Day],
        found: Sequence[Finding],
        known: Sequence[msgspec.Struct] = (),
    ) -> Told:
        """Show what was built, with these findings and known events, all at one moment.

        Nothing else is changed.
        """
        with writing(self._engine) as connection:
            for one in built:
                _show(connection, one, night)
            if built:
                _gather_series(connection)
            _replace(connection, findings, _numbered(found))
            _replace(connection, events, [_as_row(events, one) for one in known])
            told = Told(
                n_days_built=len(built),
                n_cells=connection.scalar(select(func.count()).select_from(cells)) or 0,
                n_findings=len(found),
            )
            row = msgspec.structs.asdict(night) | msgspec.structs.asdict(told)
            _note(connection, {**row, "published": night.begun, "state": "done", "why": None})
        return told

    def findings(self) -> list[Finding]:
        """What the last whole night found, in order of onset."""
        with reading(self._engine) as connection:
            return _findings(connection)

    def put_into(self, archive: Path) -> None:
        """Give the archive in a folder the night that is shown; raises StorageError if it can't."""
        from storage.archive.night import put_night

        with reading(self._engine) as connection:
            put_night(connection, archive)


def forget_days(connection: Connection, touched: Iterable[str]) -> None:
    """Take away what nights made of these days, before rows under them go; the next builds anew.

    Findings go as a whole: each may rest on any day. The last night is told to be incomplete.
    """
    gone = sorted(set(touched))
    for day in gone:
        connection.execute(delete(cells).where(cells.c.day == day))
        connection.execute(delete(days).where(days.c.day == day))
    if gone:
        _gather_series(connection)
        connection.execute(delete(findings))
        left = connection.scalar(select(func.count()).select_from(cells)) or 0
        since = update(freshness).where(freshness.c.state != "under_way")
        values = {"state": INCOMPLETE, "why": _FORGOTTEN, "n_cells": left, "n_findings": 0}
        connection.execute(since.values(**values))


def forget_nights(connection: Connection) -> None:
    """Take away all that nights left."""
    for table in TABLES:
        connection.execute(delete(table))


def _locks_of(engine: Engine) -> Locks | ServerLocks:
    if is_server(engine):
        return ServerLocks(engine)
    location = location_of(engine)
    return Locks(None if location == MEMORY else Path(f"{location}-lock"))


def _note(connection: Connection, values: Mapping[str, object]) -> None:
    """Write into the one row about the last night."""
    done = connection.execute(update(freshness).values(**values))
    if not done.rowcount:
        connection.execute(insert(freshness).values(number=1, **values))


def _show(connection: Connection, one: Day, night: Night) -> None:
    connection.execute(delete(days).where(days.c.day == one.day))
    connection.execute(
        insert(days).values(
            day=one.day,
            build=one.build,
            fingerprint=one.fingerprint,
            ruleset_version=night.ruleset_version,
            built_at=night.begun,
        )
    )
    connection.execute(delete(cells).where(cells.c.day == one.day, cells.c.build != one.build))


def _gather_series(connection: Connection) -> None:
    """Each series of the cells that are shown."""
    key = (cells.c.country, cells.c.asn, cells.c.target, cells.c.probe)
    shown = cells.join(days, (days.c.day == cells.c.day) & (days.c.build == cells.c.build))
    found = select(*key, func.min(cells.c.day)).select_from(shown).group_by(*key)
    connection.execute(delete(series))
    connection.execute(insert(series).from_select(list(series.c.keys()), found))


def _replace(connection: Connection, table: Table, rows: Sequence[Mapping[str, object]]) -> None:
    """These rows for those that are there; nothing is written if they are the same."""
    (key,) = table.primary_key.columns.keys()
    there = connection.execute(select(table)).mappings()
    if {row[key]: dict(row) for row in there} == {row[key]: dict(row) for row in rows}:
        return
    connection.execute(delete(table))
    if rows:
        connection.execute(insert(table), [dict(row) for row in rows])


def _numbered(found: Sequence[Finding]) -> list[dict[str, object]]:
    return [{"number": at, **_as_row(findings, one)} for at, one in enumerate(found, start=1)]


def _as_row(table: Table, record: msgspec.Struct) -> dict[str, object]:
    """Its fields, of which each is a column."""
    fields = msgspec.json.decode(msgspec.json.encode(record))
    return {c.name: fields[c.name] for c in table.c if c.name in fields}


def _findings(connection: Connection) -> list[Finding]:
    """From the view: who may read the views alone can list them, too."""
    found = [
        msgspec.convert({str(name): value for name, value in row.items()}, Finding)
        for row in connection.execute(select(FINDINGS.rows)).mappings()
    ]
    return sorted(found, key=lambda one: one.place)
