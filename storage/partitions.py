"""Partitions by month, on PostgreSQL alone: made when a month first appears.

The first eight characters of an id are the UTC hour a measurement began (``heliograph.ids``), so
ranges of ids are ranges of time. What has another kind of id, or none of a sensible year, goes to
the partition that takes the rest: nothing is ever refused for its id.
"""

import time
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy import Connection, Engine, Table, text
from sqlalchemy.exc import DBAPIError

from storage.engine import is_server, translated
from storage.tables import measurements, steps, verdicts

PARTITIONED = (measurements, steps, verdicts)
"""Those that grow without end, in the order in which their partitions are made."""

FIRST_YEAR, LAST_YEAR = 2000, 2099
"""An id of any other year is odd; so nobody's wrong clock makes thousands of partitions."""

_HOUR = 3600
_PATIENCE = "200ms"
_TRIES = 100
_PAUSE_SECONDS = 0.2
_LOCK = 0x48454C49
"""Of our choice: what all who make partitions of one database hold meanwhile."""

_OVERTAKEN = "23514"
"""SQLSTATE: rows of the month stand in the rest already, and stay there."""
_BUSY = ("55P03", "40P01")


class Month(NamedTuple):
    """One month in UTC."""

    year: int
    month: int

    @property
    def following(self) -> "Month":
        """The next one."""
        return Month(self.year + self.month // 12, self.month % 12 + 1)

    @property
    def first_id(self) -> str:
        """Every id of the month is this or greater, compared by bytes; no earlier one is."""
        begins = datetime(self.year, self.month, 1, tzinfo=UTC)
        return f"{int(begins.timestamp()) // _HOUR:08x}"


def month_of(measurement_id: str) -> Month | None:
    """The month an id tells of; None for an odd one."""
    head = measurement_id[:8]
    if len(head) < 8 or head.strip("0123456789abcdef"):
        return None
    hour = int(head, 16)
    if hour >= int(datetime(LAST_YEAR + 1, 1, 1, tzinfo=UTC).timestamp()) // _HOUR:
        return None
    began = datetime.fromtimestamp(hour * _HOUR, tz=UTC)
    return Month(began.year, began.month) if began.year >= FIRST_YEAR else None


class Partitions:
    """The partitions of one database, as far as this process knows them."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._ready: set[Month] = set()

    def prepare(self, measurement_ids: Iterable[str]) -> None:
        """Have partitions for these, before the transaction that adds them; raises StorageError.

        In one of its own: a partition locks out readers, and that must not last as long as what
        comes after. Whoever can't have the lock soon gives way and tries again; in the end, what
        comes goes to the partition for the rest, where it is as safe, and slower to find.
        """
        if not is_server(self._engine):
            return
        months = {month_of(identity) for identity in measurement_ids} - self._ready
        for month in sorted(month for month in months if month is not None):
            with translated(self._engine):
                _have(self._engine, month)
            self._ready.add(month)


def create_rest(connection: Connection) -> None:
    """Create the partitions that take what no month does; none on SQLite."""
    if is_server(connection):
        for table in PARTITIONED:
            connection.execute(
                text(f"CREATE TABLE {table.name}_rest PARTITION OF {table.name} DEFAULT")
            )


def create_months(connection: Connection, measurement_ids: Iterable[str]) -> None:
    """Create the partitions for these within a transaction; only for tables nobody else sees."""
    months = {month_of(identity) for identity in measurement_ids}
    for month in sorted(month for month in months if month is not None):
        _create(connection, month)


def _have(engine: Engine, month: Month) -> None:
    for _ in range(_TRIES):
        try:
            with engine.begin() as connection:
                _create(connection, month)
        except DBAPIError as error:
            state = getattr(error.orig, "sqlstate", None)
            if state == _OVERTAKEN:
                return
            if state not in _BUSY:
                raise
            time.sleep(_PAUSE_SECONDS)
        else:
            return


def _create(connection: Connection, month: Month) -> None:
    there = set(
        connection.scalars(
            text(
                "SELECT relname FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid"
                " WHERE inhparent = to_regclass(:one)"
                " OR inhparent = to_regclass(:two) OR inhparent = to_regclass(:three)"
            ),
            dict(zip(("one", "two", "three"), (t.name for t in PARTITIONED), strict=True)),
        )
    )
    missing = [table for table in PARTITIONED if _name(table, month) not in there]
    if not missing:
        return
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    connection.execute(text(f"SET LOCAL lock_timeout = '{_PATIENCE}'"))
    start, end = month.first_id, month.following.first_id
    for table in missing:
        connection.execute(
            text(
                f"CREATE TABLE IF NOT EXISTS {_name(table, month)} PARTITION OF {table.name}"
                f" FOR VALUES FROM ('{start}') TO ('{end}')"
            )
        )


def _name(table: Table, month: Month) -> str:
    return f"{table.name}_{month.year}_{month.month:02}"
