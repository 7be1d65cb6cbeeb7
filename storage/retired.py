"""Measurements whose steps an archive alone holds: which they are, and how one becomes such."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

import msgspec
from sqlalchemy import Connection, Engine, delete, func, insert, select

from storage.append import insert_into
from storage.archive.content import Print
from storage.column_types import unescape
from storage.engine import reading
from storage.judging import unjudged_of
from storage.tables import RETIRED_KEY, measurements, retired, settings, steps, verdicts

_AT_ONCE = 500


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """By what is judged now: nothing retires that these rules could still speak of."""

    version: int
    of_others: Collection[str] | None = None
    """The tests of somebody else's that rules are about; None: all."""
    unruled: Collection[str] = ()
    """Measurements that were looked at, and that no rule is about."""


class Retirement(msgspec.Struct, frozen=True, kw_only=True):
    """What is known here of steps that are elsewhere."""

    steps: int
    archive: str | None
    """The folder that steps were left to last, as it was called on that host."""


class Retired:
    """The measurements of one database whose steps are in an archive alone."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def find(self, measurement_id: str) -> Retirement | None:
        """Where the steps of a measurement are; None where they are here."""
        wanted = select(retired.c.steps).where(retired.c.measurement_id == measurement_id)
        with reading(self._engine) as connection:
            count = connection.scalar(wanted)
            if count is None:
                return None
            return Retirement(steps=count, archive=_archive(connection))

    def among(self, ids: Sequence[str]) -> set[str]:
        """Those of some measurements whose steps are not here."""
        found: set[str] = set()
        with reading(self._engine) as connection:
            for first in range(0, len(ids), _AT_ONCE):
                own = retired.c.measurement_id.in_(ids[first : first + _AT_ONCE])
                found |= set(connection.scalars(select(retired.c.measurement_id).where(own)))
        return found

    def archive(self) -> str | None:
        """The folder that steps were left to last."""
        with reading(self._engine) as connection:
            return _archive(connection)

    def count(self, before: datetime | None = None) -> int:
        """How many there are, of those that began before a moment."""
        wanted = select(func.count()).select_from(retired.join(measurements))
        if before is not None:
            wanted = wanted.where(measurements.c.started < before)
        with reading(self._engine) as connection:
            return connection.scalar(wanted) or 0

    def still_here(self, before: datetime) -> int:
        """How many measurements that began before a moment have steps in the database."""
        with_steps = select(steps.c.number).where(steps.c.measurement_id == measurements.c.id)
        wanted = select(func.count()).select_from(measurements).where(with_steps.exists())
        with reading(self._engine) as connection:
            return connection.scalar(wanted.where(measurements.c.started < before)) or 0


def leave_to(connection: Connection, archive: str) -> None:
    """Note the folder of the archive that steps are left to."""
    added = insert_into(connection, settings)
    noted = added.on_conflict_do_update(
        index_elements=[settings.c.key], set_={"value": added.excluded.value}
    )
    connection.execute(noted, {"key": RETIRED_KEY, "value": archive})


def retire(connection: Connection, archived: Mapping[str, Print], rules: Rules) -> Sequence[Print]:
    """Delete the steps of measurements, which are marked instead; those that went.

    ``archived`` has them by id, as an engine keeps it. What was forgotten meanwhile stays
    forgotten, and what rules have not spoken of yet keeps its steps.
    """
    found = {unescape(identity): one for identity, one in archived.items()}
    own = measurements.c.id.in_(found)
    held = select(measurements.c.id).where(own).order_by(measurements.c.id)
    there = set(connection.scalars(held.with_for_update()))  # on a server, nobody judges them now
    unjudged = unjudged_of(rules.version, rules.of_others).where(own)
    there -= set(connection.scalars(unjudged)) - set(rules.unruled)
    going = {
        identity: found[identity]
        for identity, count in _counts(connection, found)
        if identity in there and found[identity].steps == count
    }
    if going:
        _mark(connection, going, rules.version)
        connection.execute(delete(steps).where(steps.c.measurement_id.in_(going)))
    return list(going.values())


def _mark(connection: Connection, going: Mapping[str, Print], ruleset: int) -> None:
    wanted = select(verdicts.c.measurement_id).where(
        verdicts.c.measurement_id.in_(going), verdicts.c.ruleset_version == ruleset
    )
    judged = set(connection.scalars(wanted))
    rows = [
        {
            "measurement_id": identity,
            "ruleset_version": ruleset if identity in judged else None,
            "steps": one.steps,
            "sha256": one.sha256,
        }
        for identity, one in sorted(going.items())
    ]
    connection.execute(insert(retired), rows)


def _counts(connection: Connection, ids: Collection[str]) -> Sequence[tuple[str, int]]:
    wanted = (
        select(steps.c.measurement_id, func.count())
        .where(steps.c.measurement_id.in_(ids))
        .group_by(steps.c.measurement_id)
    )
    return [(str(identity), int(count)) for identity, count in connection.execute(wanted)]


def _archive(connection: Connection) -> str | None:
    return connection.scalar(select(settings.c.value).where(settings.c.key == RETIRED_KEY))
