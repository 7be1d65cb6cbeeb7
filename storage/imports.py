"""Many measurements at once, as imports bring them: on disk batch by batch, each of them once."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import attrgetter
from typing import NamedTuple

from sqlalchemy import Connection, Engine, Table, insert, select
from sqlalchemy.dialects import sqlite

from heliograph.model import Measurement, Step, Verdict
from storage.column_types import escape
from storage.engine import reading, writing
from storage.records import measurement_row, verdict_row
from storage.tables import measurements, steps, verdicts

_IDS_AT_ONCE = 500


class Judged(NamedTuple):
    """A measurement with what is made of it."""

    measurement: Measurement
    verdict: Verdict | None


class Imports:
    """Adds measurements to one database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def known(self, ids: Iterable[str]) -> set[str]:
        """Those of the ids that are stored."""
        with reading(self._engine) as connection:
            return _known(connection, list(ids))

    def keep(self, found: Sequence[Judged]) -> int:
        """Keep these, all or nothing; how many were new.

        What is stored already stays as it is, and so do the verdicts on it.
        """
        by_id = {one.measurement.id: one for one in found}
        with writing(self._engine) as connection:
            stored = _known(connection, list(by_id))
            new = [one for identity, one in by_id.items() if identity not in stored]
            _MEASUREMENTS.add(connection, [measurement_row(one.measurement) for one in new])
            rows = [row for one in new for row in _step_rows(one.measurement)]
            if rows:
                connection.exec_driver_sql(_STEPS.text, rows)
            judged = [verdict_row(one.verdict) for one in new if one.verdict is not None]
            _VERDICTS.add(connection, judged)
        return len(new)


def _known(connection: Connection, ids: Sequence[str]) -> set[str]:
    found: set[str] = set()
    for first in range(0, len(ids), _IDS_AT_ONCE):
        some = ids[first : first + _IDS_AT_ONCE]
        found |= set(
            connection.scalars(select(measurements.c.id).where(measurements.c.id.in_(some)))
        )
    return found


class _Insertion:
    """The statement for a table, and its columns in the order it wants them.

    The library's own way spends most of its time on each value of each row.
    """

    def __init__(self, table: Table) -> None:
        dialect = sqlite.dialect(paramstyle="qmark")
        compiled = insert(table).compile(dialect=dialect)
        self.text = str(compiled)
        self.columns = tuple(compiled.positiontup or ())
        self._made: list[Callable[[object], object] | None] = [
            table.c[name].type.bind_processor(dialect) for name in self.columns
        ]

    def add(self, connection: Connection, rows: Sequence[Mapping[str, object]]) -> None:
        """Insert the rows, none of which may be there."""
        if rows:
            connection.exec_driver_sql(self.text, [self._row(row) for row in rows])

    def _row(self, row: Mapping[str, object]) -> tuple[object, ...]:
        parts = zip(self.columns, self._made, strict=True)
        return tuple(row[name] if make is None else make(row[name]) for name, make in parts)


_MEASUREMENTS, _STEPS, _VERDICTS = (_Insertion(table) for table in (measurements, steps, verdicts))
_OF_STEP = attrgetter(*(name for name in _STEPS.columns if name in Step.__struct_fields__))


def _step_rows(record: Measurement) -> list[tuple[object, ...]]:
    """The steps as rows: texts as every engine can keep them, words as plain text."""
    identity = record.id
    return [
        (identity, number, *(escape(str(v)) if isinstance(v, str) else v for v in _OF_STEP(step)))
        for number, step in enumerate(record.steps)
    ]
