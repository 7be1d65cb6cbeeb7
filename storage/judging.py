"""Judging again what is stored: what is left to do, verdicts added, and the switch to new rules."""

from collections.abc import Collection, Sequence

import msgspec
from sqlalchemy import Connection, Engine, Select, func, select

from heliograph.model import Measurement, Outcome, State, Verdict
from storage.append import append_all, insert_into
from storage.engine import reading, writing
from storage.errors import StorageError
from storage.records import measurement_from, verdict_row
from storage.tables import RULESET_KEY, measurements, retired, settings, steps, verdicts

OfOthers = Collection[str] | None


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """Some measurements as they were saved; ``unreadable`` says by id why others can't be read."""

    measurements: tuple[Measurement, ...]
    unreadable: dict[str, str]


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """How many measurements one ruleset calls ``was``, and another one ``now``."""

    was: State | None
    """None: the one ruleset said nothing of them."""
    now: State
    count: int
    other_technique: int
    """Those of them whose techniques differ."""
    example: str
    """The id of one of them."""


class Judging:
    """The verdicts of one database as a whole, ruleset by ruleset.

    ``of_others`` names the tests of somebody else's that rules are about; no other of theirs is
    ever missing a verdict. None: all are.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def left(self, ruleset_version: int, of_others: OfOthers = None) -> int:
        """How many measurements with evidence have no verdict of this ruleset."""
        unjudged = unjudged_of(ruleset_version, of_others).subquery()
        wanted = select(func.count()).select_from(unjudged)
        with reading(self._engine) as connection:
            return connection.scalar(wanted) or 0

    def unjudged(
        self, ruleset_version: int, limit: int, after: str = "", of_others: OfOthers = None
    ) -> list[str]:
        """Their ids, in order, at most ``limit`` of those that come after an id."""
        wanted = unjudged_of(ruleset_version, of_others).where(measurements.c.id > after)
        with reading(self._engine) as connection:
            return _first(connection, wanted, limit)

    def read(self, ids: Sequence[str]) -> Batch:
        """These measurements, in the order of their ids; one that is not there is left out."""
        rows = select(measurements).where(measurements.c.id.in_(ids)).order_by(measurements.c.id)
        parts = (
            select(steps)
            .where(steps.c.measurement_id.in_(ids))
            .order_by(steps.c.measurement_id, steps.c.number)
        )
        with reading(self._engine) as connection:
            found = [dict(row) for row in connection.execute(rows).mappings()]
            its_steps: dict[str, list[dict[str, object]]] = {row["id"]: [] for row in found}
            for step in connection.execute(parts).mappings():
                its_steps[step["measurement_id"]].append(dict(step))
        readable, unreadable = [], {}
        for row in found:
            try:
                readable.append(measurement_from(row, its_steps[row["id"]]))
            except StorageError as error:
                unreadable[row["id"]] = str(error)
        return Batch(measurements=tuple(readable), unreadable=unreadable)

    def keep(self, added: Sequence[Verdict]) -> None:
        """Add verdicts, all or nothing; one of the same ruleset that is there stays as it is.

        Those on measurements that were forgotten meanwhile, or whose steps were retired, are left
        out.
        """
        judged = [verdict.measurement_id for verdict in added]
        with writing(self._engine) as connection:
            # Locked, since on a server somebody may forget them between this and the insertion.
            held = select(measurements.c.id).where(measurements.c.id.in_(judged))
            there = set(connection.scalars(held.with_for_update(read=True, key_share=True)))
            gone = select(retired.c.measurement_id).where(retired.c.measurement_id.in_(judged))
            there -= set(connection.scalars(gone))
            rows = [verdict_row(verdict) for verdict in added if verdict.measurement_id in there]
            append_all(connection, verdicts, rows)

    def changes(self, before: int | None, after: int) -> list[Change]:
        """What each state of the one ruleset became in the other; every verdict of it counts."""
        with reading(self._engine) as connection:
            return [
                msgspec.convert(dict(row), Change)
                for row in connection.execute(_compared(before, after)).mappings()
            ]

    def switch(
        self, ruleset_version: int, besides: Collection[str] = (), of_others: OfOthers = None
    ) -> bool:
        """Make the verdicts of this ruleset the ones that are shown, all at one moment.

        Changes nothing and returns False while a measurement with evidence has none, ``besides``
        left aside.
        """
        with writing(self._engine) as connection:
            unjudged = unjudged_of(ruleset_version, of_others)
            missing = _first(connection, unjudged, len(besides) + 1)
            if not set(missing) <= set(besides):
                return False
            put_in_force(connection, ruleset_version)
            return True


def put_in_force(connection: Connection, ruleset_version: int) -> None:
    """Note that this is the ruleset whose verdicts are shown; nothing is written if it was."""
    shown = connection.scalar(select(settings.c.value).where(settings.c.key == RULESET_KEY))
    if shown == str(ruleset_version):
        return
    added = insert_into(connection, settings)
    switched = added.on_conflict_do_update(
        index_elements=[settings.c.key], set_={"value": added.excluded.value}
    )
    connection.execute(switched, {"key": RULESET_KEY, "value": str(ruleset_version)})


def _first(connection: Connection, wanted: Select[str], limit: int) -> list[str]:
    return list(connection.scalars(wanted.order_by(measurements.c.id).limit(limit)))


def unjudged_of(ruleset_version: int, of_others: OfOthers) -> Select[str]:
    """The ids of measurements with evidence that no verdict of this ruleset is on.

    Where the steps are in an archive alone, there is no evidence here to judge by.
    """
    judged = select(verdicts.c.measurement_id).where(
        verdicts.c.measurement_id == measurements.c.id,
        verdicts.c.ruleset_version == ruleset_version,
    )
    gone = select(retired.c.measurement_id).where(retired.c.measurement_id == measurements.c.id)
    wanted = (
        select(measurements.c.id)
        .where(measurements.c.outcome == Outcome.MEASURED.value)
        .where(~judged.exists())
        .where(~gone.exists())
    )
    if of_others is None:
        return wanted
    ours = measurements.c.source.is_(None)
    return wanted.where(ours | measurements.c.probe.in_(sorted(of_others)))


def _compared(before: int | None, after: int) -> Select[tuple[object, ...]]:
    """One row for each pair of states, in the order of their names."""
    was, now = verdicts.alias("was"), verdicts.alias("now")
    both = (was.c.measurement_id == now.c.measurement_id) & (was.c.ruleset_version == before)
    differs = was.c.techniques != now.c.techniques
    return (
        select(
            was.c.state.label("was"),
            now.c.state.label("now"),
            func.count().label("count"),
            func.count().filter(differs).label("other_technique"),
            func.min(now.c.measurement_id).label("example"),
        )
        .select_from(now.outerjoin(was, both))
        .where(now.c.ruleset_version == after)
        .group_by(was.c.state, now.c.state)
        .order_by(was.c.state, now.c.state)
    )
