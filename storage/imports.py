"""Many measurements at once, as imports bring them: on disk batch by batch, each of them once."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, Engine, select

from heliograph.model import Measurement, Verdict
from storage.bulk import MEASUREMENTS, STEPS, VERDICTS, copy_rows, insert_rows, step_values
from storage.column_types import unescape
from storage.engine import is_server, reading, writing
from storage.errors import StorageError
from storage.partitions import Partitions
from storage.records import measurement_row, unstorable, verdict_row
from storage.tables import measurements

_IDS_AT_ONCE = 500
_TOLD = 3


class Judged(NamedTuple):
    """A measurement with what is made of it."""

    measurement: Measurement
    verdict: Verdict | None


class Unstorable(StorageError):
    """Records that no database can hold were left out; all others of the batch are stored."""

    def __init__(self, why: Mapping[str, str], new: int) -> None:
        some = ", ".join(f"{identity} ({name})" for identity, name in list(why.items())[:_TOLD])
        more = "" if len(why) <= _TOLD else f" and {len(why) - _TOLD} more"
        super().__init__(
            f"numbers beyond 64 bits, or infinite, can't be stored, so left out were {some}{more}"
        )
        self.why = dict(why)
        """The number that is to blame, by the id of its record."""
        self.new = new
        """How many others were new, and are stored."""


class Imports:
    """Adds measurements to one database."""

    def __init__(self, engine: Engine, partitions: Partitions) -> None:
        self._engine = engine
        self._partitions = partitions

    def known(self, ids: Iterable[str]) -> set[str]:
        """Those of the ids that are stored."""
        with reading(self._engine) as connection:
            return _known(connection, list(ids))

    def keep(self, found: Sequence[Judged]) -> int:
        """Keep these, all or nothing; how many were new.

        What is stored already stays as it is, and so do the verdicts on it. Raises Unstorable when
        records hold a number that no database can: then the others are stored.
        """
        by_id = {one.measurement.id: one for one in found}
        odd = {
            identity: name
            for identity, one in by_id.items()
            if (name := unstorable(one.measurement)) is not None
        }
        good = [one for identity, one in by_id.items() if identity not in odd]
        self._partitions.prepare(one.measurement.id for one in good)
        with writing(self._engine) as connection:
            new = add(connection, good)
        if odd:
            raise Unstorable(odd, new)
        return new


def add(connection: Connection, found: Sequence[Judged]) -> int:
    """Add those that are not stored, within a transaction, and return how many; no id is twice."""
    on_server = is_server(connection)
    if on_server:
        taken = _take(connection, found)
        new = [one for one in found if one.measurement.id in taken]
    else:
        stored = _known(connection, [one.measurement.id for one in found])
        new = [one for one in found if one.measurement.id not in stored]
        insert_rows(connection, MEASUREMENTS, map(_row, new))
    put = copy_rows if on_server else insert_rows
    put(connection, STEPS, (row for one in new for row in step_values(one.measurement)))
    judged = (one.verdict for one in new if one.verdict is not None)
    put(connection, VERDICTS, (VERDICTS.values(verdict_row(verdict)) for verdict in judged))
    return len(new)


def _row(one: Judged) -> tuple[object, ...]:
    return MEASUREMENTS.values(measurement_row(one.measurement))


def _take(connection: Connection, found: Sequence[Judged]) -> set[str]:
    """Insert the measurements that nobody else has inserted, and return their ids.

    Whoever is at the same ones is waited for; in one order always, so that no two wait in a ring.
    """
    if not found:
        return set()
    in_order = sorted(found, key=lambda one: one.measurement.id)
    columns = [list(column) for column in zip(*map(_row, in_order), strict=True)]
    taken = connection.exec_driver_sql(MEASUREMENTS.unless_there, tuple(columns))
    return {unescape(str(row[0])) for row in taken}


def _known(connection: Connection, ids: Sequence[str]) -> set[str]:
    found: set[str] = set()
    for first in range(0, len(ids), _IDS_AT_ONCE):
        some = ids[first : first + _IDS_AT_ONCE]
        found |= set(
            connection.scalars(select(measurements.c.id).where(measurements.c.id.in_(some)))
        )
    return found
