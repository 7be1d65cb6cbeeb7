"""What can be asked of the results, as values, and the SQL that answers it on any engine."""

from collections.abc import Iterator
from datetime import datetime

import msgspec
from sqlalchemy import ColumnElement, Select, Text, cast, false, or_, select

from heliograph.model import SURROUNDINGS, Outcome, State
from storage.views import MEASUREMENTS, STEPS, VERDICTS, VERDICTS_ALL


class RowQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which rows of ``api_v1_verdicts`` are wanted; None means any, several any of them."""

    states: tuple[State, ...] | None = None
    hosts: tuple[str, ...] | None = None
    """The exact hosts, lower case."""
    probes: tuple[str, ...] | None = None
    """None: every one that looks at targets; looks at the surroundings are named to be seen."""
    outcome: Outcome | None = None
    since: datetime | None = None
    """Measurements that began then or later; with a time zone."""
    techniques: tuple[str, ...] | None = None
    """Of each one of the techniques named, or a family of them: ``dns`` for all of ``dns.*``."""
    targets: tuple[str, ...] | None = None
    """Normalised URLs, one of which the target is."""
    limit: int | None = None
    """At most so many rows, the newest."""


EVERYTHING = RowQuery()

_lines = VERDICTS.rows


def newest_first(query: RowQuery) -> Select[tuple[object, ...]]:
    """The rows asked for; measurements of the same second in the order of their ids, reversed."""
    of = _lines.c
    wanted = (
        (of.state, query.states),
        (of.host, query.hosts),
        (of.probe, query.probes),
        (of.target, query.targets),
        (of.outcome, None if query.outcome is None else (query.outcome,)),
    )
    statement = select(_lines).order_by(of.started.desc(), of.measurement_id.desc())
    statement = statement.where(
        *(column.in_(map(str, values)) for column, values in wanted if values is not None)
    )
    if query.probes is None:
        statement = statement.where(of.probe != SURROUNDINGS)
    if query.since is not None:
        statement = statement.where(of.started >= query.since)
    if query.techniques is not None:
        statement = statement.where(or_(false(), *map(_names, query.techniques)))
    return statement if query.limit is None else statement.limit(query.limit)


def _names(technique: str) -> ColumnElement[bool]:
    """The list of techniques as JSON text holds it whole, or one of its family."""
    listed = cast(_lines.c.techniques, Text)
    return or_(
        listed.contains(f'"{technique}"', autoescape=True),
        listed.contains(f'"{technique}.', autoescape=True),
    )


def line_of(measurement_id: str) -> Select[tuple[object, ...]]:
    """The row of one measurement."""
    return select(_lines).where(_lines.c.measurement_id == measurement_id)


def rows_of(measurement_id: str) -> Iterator[tuple[str, Select[tuple[object, ...]]]]:
    """What each view holds of one measurement, with the word for its rows."""
    orders = (
        ("measurement", MEASUREMENTS, "measurement_id"),
        ("step", STEPS, "number"),
        ("verdict", VERDICTS_ALL, "ruleset_version"),
    )
    for kind, view, order in orders:
        rows = view.rows
        wanted = rows.c.measurement_id == measurement_id
        yield kind, select(rows).where(wanted).order_by(rows.c[order])
