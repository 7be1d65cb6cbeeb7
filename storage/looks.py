"""Where a night's looks are: in the database. What changed day by day, and the days as cells."""

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

import msgspec
from sqlalchemy import Engine as Database
from sqlalchemy import select, text

from heliograph.cell import Counted
from storage.aggregates import (
    POSTGRESQL,
    SQLITE,
    Engine,
    changing,
    counting,
    looks_of,
    newest_of,
    of,
    within,
    without_key,
)
from storage.archive.beyond import beyond
from storage.archive.content import cells_of as archived_cells
from storage.archive.shapes import load_own
from storage.engine import is_server, reading
from storage.tables import RULESET_KEY, settings

_DAY = re.compile(r"[12]\d{3}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])", re.ASCII)
VERDICTS = "api_v1_verdicts"
JOINED = """
    LEFT JOIN receipts AS r ON r.id = v.measurement_id"""


class Change(NamedTuple):
    """What there is of one day: equal at two moments, and nothing was added or taken away."""

    day: str
    """UTC, ``2026-11-23``."""
    looks: int
    judged: int
    keyed: int
    """Those with a sender's key."""
    smallest: str
    greatest: str
    newest: str
    """When the last of them began, RFC 3339."""


class Looks(Protocol):
    """Measurements with their current verdicts, wherever they are kept."""

    def ruleset(self) -> int | None:
        """The ruleset whose verdicts these are; None before there is any."""

    def changes(self, first: str, last: str) -> dict[str, Change]:
        """What there is of each day from the first to the last that has any."""

    def newest_day(self, last: str) -> str | None:
        """The last day, not after this one, that has a look; None without any."""

    def cells(self, days: Sequence[str]) -> Iterator[Counted]:
        """The cells of these days, in any order; texts as an engine keeps them."""


def changes_of(rows: Iterable[Sequence[object]]) -> dict[str, Change]:
    """By day; what has no day for a beginning, as no record of ours has, is left out."""
    found = (msgspec.convert(tuple(row), Change) for row in rows)
    return {one.day: one for one in found if _DAY.fullmatch(one.day)}


def cells_of(days: Sequence[str], spelt: Engine) -> str:
    """The statement that counts these days, of any engine that has verdicts and receipts."""
    vantage = f"COALESCE('of key ' || r.vantage, {without_key('v.source', spelt)})"
    return counting(looks_of(VERDICTS, vantage, "r.received_at", of(days), JOINED), spelt)


class StoredLooks:
    """Those of a database, with the verdicts of the ruleset in force."""

    def __init__(self, engine: Database) -> None:
        self._engine = engine
        self._spelt = POSTGRESQL if is_server(engine) else SQLITE

    def ruleset(self) -> int | None:
        """See ``Looks``."""
        with reading(self._engine) as connection:
            value = connection.scalar(select(settings.c.value).where(settings.c.key == RULESET_KEY))
        return None if value is None else int(value)

    def missing_of(self, archive: Path) -> int:
        """How many measurements an archive has that this database does not have."""
        with reading(self._engine) as connection:
            stored = archived_cells(connection)
            return beyond(connection, archive, load_own(archive), stored)

    def receipts(self) -> Iterator[tuple[str, str | None, str]]:
        """Of each look that was received: its id, whose key sent it, and when it came."""
        with reading(self._engine) as connection:
            connection.execution_options(yield_per=5000)
            rows = connection.execute(text("SELECT id, vantage, received_at FROM receipts"))
            for row in rows:
                yield str(row[0]), row[1], str(row[2])

    def changes(self, first: str, last: str) -> dict[str, Change]:
        """See ``Looks``."""
        found = self._all(changing(VERDICTS, "r.vantage", within(first, last), JOINED))
        return changes_of(found)

    def newest_day(self, last: str) -> str | None:
        """See ``Looks``."""
        (row,) = self._all(newest_of(VERDICTS, last))
        return None if row[0] is None else str(row[0])[:10]

    def cells(self, days: Sequence[str]) -> Iterator[Counted]:
        """See ``Looks``."""
        return map(Counted._make, self._all(cells_of(days, self._spelt)))

    def _all(self, sql: str) -> Sequence[Sequence[object]]:
        with reading(self._engine) as connection:
            return connection.execute(text(sql.replace(":", "\\:"))).all()
