"""Forgetting: measurements and everything that hangs on them, out of the file itself."""

from collections.abc import Collection, Sequence
from datetime import datetime

import msgspec
from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    cast,
    delete,
    exists,
    func,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.types import String

from storage.archive.mentions import name_of, texts_of
from storage.compacting import compact, pragma
from storage.engine import is_server, location_of, reading, translated, writing
from storage.errors import StorageError
from storage.nights import TABLES as NIGHTLY
from storage.nights import Nights, forget_days, forget_nights
from storage.tables import (
    RETIRED_KEY,
    hits,
    measurements,
    retired,
    run_items,
    runs,
    settings,
    steps,
    verdicts,
)

FORGOTTEN = "forgotten"
"""The hash of a run that lost measurements: it is never resumed, and tells nothing of them."""

_AT_ONCE = 500


class What(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be forgotten: what fits all that is set; with nothing set, everything."""

    before: datetime | None = None
    host: str | None = None
    """A lower-case A-label or an address; its subdomains, and whatever mentions it, included."""


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """The measurements that fit: their ids, and how many of them only mention the host."""

    ids: tuple[str, ...]
    mentions: int = 0


class Forgetting:
    """Removes measurements of one database for good."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def find(self, what: What, mentioning: Collection[str] = ()) -> Found:
        """The measurements that fit; nothing is changed.

        ``mentioning``: those known to mention the host in steps that are not in the database.
        """
        with reading(self._engine) as connection:
            return _find(connection, what, mentioning)

    def forget(self, what: What, mentioning: Collection[str] = ()) -> int:
        """Delete what fits with its steps, verdicts and places in runs, and return how many.

        When this returns, no file of an SQLite database holds the bytes. Raises StorageError, above
        all when another program has the database open: then rows are gone and bytes may not be.
        On PostgreSQL no question finds the rows any more, and their room is free to be written
        over; until it is, the server's files, its log and its backups may hold the bytes.
        Receipts stay: what was forgotten must not come back by being sent again.
        """
        if is_server(self._engine):
            with Nights(self._engine).alone():  # or it would show what it counted before
                found = self._forget(what, mentioning)
            _vacuum(self._engine)
            return found
        pragma(self._engine, "secure_delete = ON")
        found = self._forget(what, mentioning)
        self._compact()
        return found

    def _forget(self, what: What, mentioning: Collection[str]) -> int:
        with writing(self._engine) as connection:
            ids = _find(connection, what, mentioning).ids
            touched: set[str] = set()
            for start in range(0, len(ids), _AT_ONCE):
                some = ids[start : start + _AT_ONCE]
                touched |= _days(connection, some)
                _delete(connection, some)
            forget_days(connection, touched)
            if what == What():
                _strip_runs(connection, true())
                forget_nights(connection)
                connection.execute(delete(settings).where(settings.c.key == RETIRED_KEY))
            _delete_hits(connection, what)
        return len(ids)

    def _compact(self) -> None:
        """Write the file anew, and empty the log beside it; nothing of it goes elsewhere."""
        if not compact(self._engine, in_memory=True):
            raise self._not_compacted()

    def _not_compacted(self) -> StorageError:
        return StorageError(
            f"{location_of(self._engine)}: the rows are deleted, but another program has the"
            " database open, so their bytes may still be in it; end that, and run the same again"
        )


def _vacuum(engine: Engine) -> None:
    """Free the room of deleted rows on a server; it goes on beside whoever reads or writes."""
    with translated(engine), engine.connect() as connection:
        alone = connection.execution_options(isolation_level="AUTOCOMMIT")
        for table in (run_items, verdicts, steps, retired, measurements, runs, hits, *NIGHTLY):
            alone.exec_driver_sql(f"VACUUM {table.name}")


def _find(connection: Connection, what: What, mentioning: Collection[str]) -> Found:
    in_time = select(measurements.c.id)
    if what.before is not None:
        in_time = in_time.where(measurements.c.started < what.before)
    ids = tuple(connection.scalars(in_time.order_by(measurements.c.id)))
    if what.host is None:
        return Found(ids=ids)
    own = _of_host(connection, what.host)
    mentioned = _mentioning(connection, what.host).union(mentioning) - own
    kept = tuple(one for one in ids if one in own or one in mentioned)
    return Found(ids=kept, mentions=sum(one in mentioned for one in kept))


def _of_host(connection: Connection, host: str) -> set[str]:
    column = measurements.c.target_host
    is_it = or_(column == host, column.endswith(f".{host}", autoescape=True))
    return set(connection.scalars(select(measurements.c.id).where(is_it)))


def _mentioning(connection: Connection, host: str) -> set[str]:
    """Measurements with the host, as a whole name, in any text of theirs."""
    whole = name_of(host)
    found: set[str] = set()
    for table, key in (
        (measurements, measurements.c.id),
        (steps, steps.c.measurement_id),
        (verdicts, verdicts.c.measurement_id),
    ):
        texts = [cast(column, String) for column in texts_of(table)]  # as it stands in the file
        place_in = func.strpos if is_server(connection) else func.instr
        holds = or_(*(place_in(func.lower(text), host) > 0 for text in texts))
        for row in connection.execute(select(key, *texts).where(holds)):
            if row[0] not in found and any(whole.search(text or "") for text in row[1:]):
                found.add(row[0])
    return found


def _days(connection: Connection, ids: Sequence[str]) -> set[str]:
    """The days these began on, UTC."""
    began = select(measurements.c.started).where(measurements.c.id.in_(ids))
    return {f"{moment:%Y-%m-%d}" for moment in connection.scalars(began)}


def _delete(connection: Connection, ids: Sequence[str]) -> None:
    held = select(measurements.c.id).where(measurements.c.id.in_(ids)).order_by(measurements.c.id)
    connection.execute(held.with_for_update())  # on a server, nobody adds to them meanwhile
    touched = select(run_items.c.run_id).where(run_items.c.measurement_id.in_(ids))
    numbers = set(connection.scalars(touched))
    connection.execute(delete(run_items).where(run_items.c.measurement_id.in_(ids)))
    connection.execute(delete(verdicts).where(verdicts.c.measurement_id.in_(ids)))
    connection.execute(delete(steps).where(steps.c.measurement_id.in_(ids)))
    connection.execute(delete(retired).where(retired.c.measurement_id.in_(ids)))
    connection.execute(delete(measurements).where(measurements.c.id.in_(ids)))
    _strip_runs(connection, runs.c.id.in_(numbers))


def _delete_hits(connection: Connection, what: What) -> None:
    """The cool-down ledger names hosts, too."""
    fits: ColumnElement[bool] = true()
    if what.before is not None:
        fits &= hits.c.stopped < what.before
    if what.host is not None:
        below = hits.c.name.endswith(f".{what.host}", autoescape=True)
        fits &= or_(hits.c.name == what.host, hits.c.address == what.host, below)
    connection.execute(delete(hits).where(fits))


def _strip_runs(connection: Connection, which: ColumnElement[bool]) -> None:
    """Take from runs what tells of their targets; those that are over and empty go."""
    connection.execute(update(runs).where(which).values(run_hash=FORGOTTEN))
    filled = exists().where(run_items.c.run_id == runs.c.id)
    over = runs.c.finished.is_not(None)  # one that is not may be under way in another program
    connection.execute(delete(runs).where(which, over, ~filled))
