"""The store: measurements and verdicts in, measurements and verdicts out."""

from collections.abc import Collection, Iterable, Iterator
from contextlib import closing
from operator import attrgetter
from types import TracebackType

from sqlalchemy import Connection, Engine, insert, select

from heliograph.model import Hit, Measurement, Verdict, VerdictRow
from storage.append import append
from storage.consents import Consents
from storage.engine import open_engine, reading, writing
from storage.forgetting import Forgetting
from storage.imports import Imports
from storage.judging import Judging, put_in_force
from storage.ledger import Hits, keep
from storage.looks import StoredLooks
from storage.nights import Nights
from storage.orphans import let_go
from storage.partitions import Partitions
from storage.queries import EVERYTHING, RowQuery, line_of, newest_first, rows_of
from storage.receipts import Receipts
from storage.records import (
    measurement_from,
    measurement_row,
    refuse_unstorable,
    step_rows,
    verdict_from,
    verdict_line,
    verdict_row,
)
from storage.retired import Retired
from storage.runs import Runs
from storage.schema import check, ensure
from storage.tables import RULESET_KEY, measurements, run_items, settings, steps, verdicts

_ROWS_AT_ONCE = 500
_LAST_CHARACTER = "\U0010ffff"


class Store:
    """One database, to be used from the thread that opened it and no other.

    Several stores, in other threads or processes, may have the same database open. What a method
    wrote is on disk when it returns. Every method raises StorageError when the disk or the file
    fails.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.runs = Runs(engine)
        self.consents = Consents(engine)
        self.forgetting = Forgetting(engine)
        self.hits = Hits(engine)
        self.judging = Judging(engine)
        self.looks = StoredLooks(engine)
        self.nights = Nights(engine)
        self.retired = Retired(engine)
        self._partitions = Partitions(engine)
        self.imports = Imports(engine, self._partitions)
        self.receipts = Receipts(engine, self._partitions)

    @classmethod
    def open(cls, location: str) -> "Store":
        """The store at a path or URL, made if there is none, brought to this version if older.

        Raises StorageError.
        """
        engine = open_engine(location)
        try:
            ensure(engine)
        except BaseException:
            engine.dispose()
            raise
        return cls(engine)

    @classmethod
    def open_to_read(cls, location: str) -> "Store":
        """The store at a path or URL, which is not changed; raises MissingDatabase if none."""
        engine = open_engine(location, read_only=True)
        try:
            check(engine)
        except BaseException:
            engine.dispose()
            raise
        return cls(engine)

    def close(self) -> None:
        """Let go of the database, and of the runs taken."""
        let_go(self._engine)
        self.runs.close()  # last: whoever waits for a run to be over may remove the file then

    def __enter__(self) -> "Store":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def save(
        self,
        measurement: Measurement,
        verdict: Verdict | None,
        run_id: int | None,
        noted: Iterable[Hit] = (),
    ) -> None:
        """Keep a measurement, its verdict, its place in a run and hits noted, all or nothing.

        What is stored already stays as it is: the same id is one row, and so is a verdict of the
        same ruleset. Raises ValueError for a measurement without id or a verdict on another one.
        """
        if not measurement.id:
            raise ValueError("a measurement without id can't be stored")
        if verdict is not None and verdict.measurement_id != measurement.id:
            raise ValueError(f"the verdict is on {verdict.measurement_id}, not {measurement.id}")
        refuse_unstorable(measurement)
        self._partitions.prepare([measurement.id])
        with writing(self._engine) as connection:
            _add_measurement(connection, measurement)
            if verdict is not None:
                append(connection, verdicts, verdict_row(verdict))
            if run_id is not None:
                _add_item(connection, run_id, measurement)
            keep(connection, noted)

    def save_together(self, unfinished: Collection[Measurement], run_id: int) -> None:
        """Keep measurements without a verdict, and their place in a run, all or nothing."""
        if not unfinished:
            return
        for measurement in unfinished:
            refuse_unstorable(measurement)
        self._partitions.prepare(measurement.id for measurement in unfinished)
        with writing(self._engine) as connection:
            for measurement in sorted(unfinished, key=attrgetter("id")):
                _add_measurement(connection, measurement)
                _add_item(connection, run_id, measurement)

    def measurement(self, measurement_id: str) -> Measurement | None:
        """The measurement with this id, equal to the one that was saved, or None."""
        its_steps = (
            select(steps).where(steps.c.measurement_id == measurement_id).order_by(steps.c.number)
        )
        with reading(self._engine) as connection:
            found = connection.execute(
                select(measurements).where(measurements.c.id == measurement_id)
            )
            row = found.mappings().first()
            if row is None:
                return None
            return measurement_from(
                dict(row), [dict(step) for step in connection.execute(its_steps).mappings()]
            )

    def find_ids(self, prefix: str, limit: int) -> list[str]:
        """The ids that begin so, in order, at most ``limit``."""
        # A range instead of LIKE: it uses the index, and case matters the same on every engine.
        # (No BETWEEN: SQLAlchemy 2.1 writes its bounds with a collation, which PostgreSQL refuses.)
        key = measurements.c.id
        within = (key >= prefix) & (key <= prefix + _LAST_CHARACTER)
        found = select(key).where(within).order_by(key).limit(limit)
        with reading(self._engine) as connection:
            return list(connection.scalars(found))

    def verdicts(self, measurement_id: str) -> list[Verdict]:
        """Every verdict on this measurement, oldest ruleset first."""
        history = (
            select(verdicts)
            .where(verdicts.c.measurement_id == measurement_id)
            .order_by(verdicts.c.ruleset_version)
        )
        with reading(self._engine) as connection:
            return [verdict_from(dict(row)) for row in connection.execute(history).mappings()]

    def rows(self, query: RowQuery = EVERYTHING) -> Iterator[VerdictRow]:
        """The lines asked for, newest first, read bit by bit from one state of the database."""
        with reading(self._engine) as connection:
            connection.execution_options(yield_per=_ROWS_AT_ONCE)
            with closing(connection.execute(newest_first(query))) as result:
                for row in result.mappings():
                    yield verdict_line(dict(row))

    def row(self, measurement_id: str) -> VerdictRow | None:
        """The line of one measurement with the current verdict, or None."""
        with reading(self._engine) as connection:
            row = connection.execute(line_of(measurement_id)).mappings().first()
        return None if row is None else verdict_line(dict(row))

    def records(self, measurement_id: str) -> Iterator[dict[str, object]]:
        """The rows of one measurement in the views: itself, its steps, every verdict on it.

        Each has the columns of its view, and ``record``: measurement, step or verdict.
        """
        with reading(self._engine) as connection:
            for kind, statement in rows_of(measurement_id):
                for row in connection.execute(statement).mappings():
                    yield {"record": kind, **{str(name): value for name, value in row.items()}}

    def activate(self, ruleset_version: int) -> None:
        """Make the verdicts of this ruleset the ones that ``rows`` shows, all at one moment."""
        with writing(self._engine) as connection:
            put_in_force(connection, ruleset_version)

    def current_ruleset(self) -> int | None:
        """The ruleset whose verdicts ``rows`` shows; None in a new database."""
        current = select(settings.c.value).where(settings.c.key == RULESET_KEY)
        with reading(self._engine) as connection:
            value = connection.scalar(current)
        return None if value is None else int(value)


def _add_item(connection: Connection, run_id: int, measurement: Measurement) -> None:
    append(connection, run_items, {"run_id": run_id, "measurement_id": measurement.id})


def _add_measurement(connection: Connection, measurement: Measurement) -> None:
    is_new = append(connection, measurements, measurement_row(measurement))
    if is_new and measurement.steps:
        connection.execute(insert(steps), step_rows(measurement))
