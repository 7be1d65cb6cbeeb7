"""Runs and how far they came, so that an interrupted one can go on where it stopped."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine, Select, insert, or_, select, update

from heliograph.model import STOPPED, Outcome
from storage.engine import MEMORY, is_server, location_of, reading, writing
from storage.locks import Locks
from storage.server_locks import ServerLocks
from storage.tables import measurements, run_items, runs

_RESUMABLE = timedelta(hours=24)
_IDS_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Taken:
    """A run that is ours alone until this process ends."""

    run_id: int
    goes_on: bool
    """It was begun before and never finished."""


class Runs:
    """The runs in one database; ``Store.save`` notes what each has stored."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._locks = _locks_of(engine)

    def close(self) -> None:
        """Let go of the runs taken."""
        self._locks.close()

    def take(self, run_hash: str, now: datetime, total: int, *, fresh: bool) -> Taken | None:
        """The run to go on with, or a new one; None when another process is at it.

        A fresh one is always new, and so is under way beside any other.
        """
        with self._locks.gate():
            begun = None if fresh else self.unfinished(run_hash, now)
            run_id = self.begin(run_hash, now, total) if begun is None else begun
            if not self._locks.take(run_id):
                return None
        return Taken(run_id, begun is not None)

    def begin(self, run_hash: str, now: datetime, total: int) -> int:
        """Note a new run of ``total`` looks and return its number."""
        values = {"run_hash": run_hash, "started": now, "total": total}
        with writing(self._engine) as connection:
            key = connection.execute(insert(runs).values(values)).inserted_primary_key
        assert key is not None
        return int(key[0])

    def unfinished(self, run_hash: str, now: datetime) -> int | None:
        """The newest run with this hash that never finished and is younger than 24 hours."""
        found = (
            select(runs.c.id)
            .where(runs.c.run_hash == run_hash, runs.c.finished.is_(None))
            .where(runs.c.started > now - _RESUMABLE)
            .order_by(runs.c.id.desc())
            .limit(1)
        )
        with reading(self._engine) as connection:
            return connection.scalar(found)

    def done(self, run_id: int) -> set[tuple[str, str]]:
        """Target URL and probe of everything this run has stored, but what it gave up half way."""
        finished = or_(measurements.c.outcome != Outcome.BROKEN, measurements.c.reason != STOPPED)
        stored = (
            select(measurements.c.target_url, measurements.c.probe)
            .join(run_items, run_items.c.measurement_id == measurements.c.id)
            .where(run_items.c.run_id == run_id, finished)
        )
        with reading(self._engine) as connection:
            return {(url, probe) for url, probe in connection.execute(stored)}

    def spans(self, measurement_ids: Iterable[str]) -> list[tuple[datetime, datetime]]:
        """When the runs that made these began and ended, in order; each run once.

        One that never finished may have gone on for 24 hours.
        """
        ids = list(measurement_ids)
        found: dict[int, tuple[datetime, datetime]] = {}
        with reading(self._engine) as connection:
            for first in range(0, len(ids), _IDS_AT_ONCE):
                rows = connection.execute(_runs_of(ids[first : first + _IDS_AT_ONCE]))
                for run_id, started, finished in rows:
                    found[run_id] = started, finished or started + _RESUMABLE
        return sorted(found.values())

    def finish(self, run_id: int, now: datetime) -> None:
        """Note that the run is complete; it is never resumed again."""
        ended = update(runs).where(runs.c.id == run_id).values(finished=now)
        with writing(self._engine) as connection:
            connection.execute(ended)


def _locks_of(engine: Engine) -> Locks | ServerLocks:
    if is_server(engine):
        return ServerLocks(engine)
    location = location_of(engine)
    return Locks(None if location == MEMORY else Path(f"{location}-lock"))


def _runs_of(measurement_ids: Sequence[str]) -> Select[int, datetime, datetime | None]:
    return (
        select(runs.c.id, runs.c.started, runs.c.finished)
        .join(run_items, run_items.c.run_id == runs.c.id)
        .where(run_items.c.measurement_id.in_(measurement_ids))
        .distinct()
    )
