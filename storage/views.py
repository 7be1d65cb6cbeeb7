"""The public contract: views named api_v1_*, their columns described beside what they select."""

from dataclasses import dataclass

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Select,
    TableClause,
    Text,
    cast,
    column,
    func,
    inspect,
    literal_column,
    select,
    table,
)
from sqlalchemy.engine import Dialect

from heliograph.cell import INSUFFICIENT
from storage.tables import RULESET_KEY, measurements, retired, settings, steps, verdicts
from storage.tables_nights import cells, days, events, findings, freshness, series

PREFIX = "api_v1_"
"""What the names of all views of the contract begin with."""

_MEASUREMENT_ID = "the measurement; `heliograph show` takes it, or its beginning"


@dataclass(frozen=True, slots=True)
class View:
    """One view of the contract; ``comments`` says for each column what it holds, with its unit."""

    name: str
    purpose: str
    query: Select[tuple[object, ...]]
    comments: dict[str, str]

    @property
    def rows(self) -> TableClause:
        """The view as something to select from."""
        selected = self.query.selected_columns
        return table(self.name, *(column(c.name, c.type) for c in selected))

    def definition(self, dialect: Dialect) -> str:
        """The statement that creates it."""
        body = self.query.compile(dialect=dialect, compile_kwargs={"literal_binds": True})
        return f"CREATE VIEW {self.name} AS {body}"


@dataclass(frozen=True, slots=True)
class _Shown:
    """A column of a view: what it is made of, under which name, and what it says."""

    name: str
    source: ColumnElement[object]
    comment: str | None = None

    @property
    def described(self) -> str:
        """The comment given here, or that of the table's column."""
        return self.comment or str(getattr(self.source, "comment", ""))


def _shown(
    source: ColumnElement[object], name: str | None = None, comment: str | None = None
) -> _Shown:
    return _Shown(name or str(getattr(source, "name", "")), source, comment)


def _view(name: str, purpose: str, columns: list[_Shown], of: Select[tuple[()]]) -> View:
    query = of.add_columns(*(c.source.label(c.name) for c in columns))
    return View(PREFIX + name, purpose, query, {c.name: c.described for c in columns})


_m, _s, _v, _r = measurements.c, steps.c, verdicts.c, retired.c

_PLACE = [_shown(_m.country), _shown(_m.asn)]


def _or_empty(source: ColumnElement[object], empty: str) -> ColumnElement[object]:
    """The JSON column, with an empty value for measurements that have no verdict."""
    return func.coalesce(source, literal_column(f"'{empty}'", Text))


def _verdict_columns() -> list[_Shown]:
    """The fields of heliograph.model.VerdictRow, in its order."""
    return [
        _shown(_m.id, "measurement_id", _MEASUREMENT_ID),
        _shown(_m.started),
        _shown(_m.target_input, "input"),
        _shown(_m.target_url, "target"),
        _shown(_m.target_host, "host"),
        _shown(_m.probe),
        _shown(_m.outcome),
        _shown(_m.reason),
        _shown(_v.state, comment=f"{_v.state.comment}; null without a verdict"),
        _shown(_or_empty(_v.techniques, "[]"), "techniques", _v.techniques.comment),
        _shown(_v.hop),
        _shown(_v.confidence),
        _shown(_v.confidence_word),
        _shown(_v.explanation, comment=f"{_v.explanation.comment}; null without a verdict"),
        _shown(_or_empty(_v.anomalies, "[]"), "anomalies", _v.anomalies.comment),
        _shown(_m.context),
        _shown(_or_empty(_v.confounders, "{}"), "confounders", _v.confounders.comment),
        _shown(_or_empty(_v.rules, "[]"), "rules", _v.rules.comment),
        _shown(_v.ruleset_version, comment="version of the rules that judged; null: no verdict"),
        _shown(_m.seconds),
        _shown(_m.source),
        *_PLACE,
    ]


def _step_columns() -> list[_Shown]:
    """The fields of heliograph.model.Step, and what to know of their measurement."""
    return [
        _shown(_s.measurement_id, comment=_MEASUREMENT_ID),
        *(_shown(c) for c in steps.c if c.name != "measurement_id"),
        _shown(_m.target_url, "target"),
        _shown(_m.target_host, "target_host"),
        _shown(_m.probe),
        *_PLACE,
        _shown(_m.started, "measurement_started"),
    ]


def _measurement_columns() -> list[_Shown]:
    renamed = {
        "id": _shown(_m.id, "measurement_id", _MEASUREMENT_ID),
        "target_input": _shown(_m.target_input, "input"),
        "target_url": _shown(_m.target_url, "target"),
        "target_scheme": _shown(_m.target_scheme, "scheme"),
        "target_host": _shown(_m.target_host, "host"),
        "target_port": _shown(_m.target_port, "port"),
    }
    return [renamed.get(c.name) or _shown(c) for c in measurements.c]


_current_ruleset = (
    select(cast(settings.c.value, Integer)).where(settings.c.key == RULESET_KEY).scalar_subquery()
)

_stands = func.coalesce(_r.ruleset_version, _current_ruleset)
"""Whose verdict is shown: later rules can't judge what a database does not hold."""

MEASUREMENTS = _view(
    "measurements",
    "One row for each measurement: what was looked at, from where, and whether it worked.",
    _measurement_columns(),
    select().select_from(measurements),
)

STEPS = _view(
    "steps",
    "One row for each step of a measurement, with what is needed to filter without a join.",
    _step_columns(),
    select().select_from(steps.join(measurements)),
)

VERDICTS = _view(
    "verdicts",
    "One row for each measurement, with what the current ruleset makes of it; without a verdict"
    " (skipped, broken, not yet judged) the columns about the verdict are null or empty. Where the"
    " steps are in an archive alone, the verdict is that of the ruleset in force when they went.",
    _verdict_columns(),
    select().select_from(
        measurements.outerjoin(retired, _r.measurement_id == _m.id).outerjoin(
            verdicts, (_v.measurement_id == _m.id) & (_v.ruleset_version == _stands)
        )
    ),
)

VERDICTS_ALL = _view(
    "verdicts_all",
    "One row for each verdict of any ruleset: the history behind `api_v1_verdicts`.",
    [*_verdict_columns(), _shown(_v.weights)],
    select().select_from(verdicts.join(measurements)),
)

_c, _d, _n = cells.c, days.c, series.c


def _count(source: ColumnElement[int]) -> _Shown:
    """A count of a cell; nobody looked on a silent day, and that is 0."""
    return _shown(func.coalesce(source, 0), str(source.key), str(getattr(source, "comment", "")))


def _daily_columns() -> list[_Shown]:
    """The key, what it comes to, and last what was added since."""
    insufficient = func.coalesce(_c.state, literal_column(f"'{INSUFFICIENT}'", Text))
    counts = [c for c in cells.c if c.name.startswith("n_")]
    return [
        _shown(_d.day),
        *(_shown(c) for c in (_n.country, _n.asn, _n.target, _n.probe)),
        _shown(insufficient, "state", f"{_c.state.comment}; on a silent day, too"),
        _shown(_c.technique),
        *(_count(c) for c in counts),
        *(_shown(c) for c in (_c.blocked_share, _c.blocked_share_low, _c.blocked_share_high)),
        _shown(_c.witness_id, comment=f"{_c.witness_id.comment}; null on a silent day"),
        _shown(_c.max_lag_seconds),
        *(_shown(c) for c in (_d.ruleset_version, _d.built_at)),
        _shown(_or_empty(_c.flags, "[]"), "flags", _c.flags.comment),
        *(_count(c) for c in cells.c if c.name.startswith("weighed_")),
    ]


_its_cell = (
    (_c.day == _d.day)
    & (_c.country == _n.country)
    & (_c.asn == _n.asn)
    & (_c.target == _n.target)
    & (_c.probe == _n.probe)
    & (_c.build == _d.build)
)

DAILY = _view(
    "daily",
    "One row for each day, country, network, target and probe, as the last whole night left it;"
    " from the first day of a series on, a day on which nobody looked is a row as well.",
    _daily_columns(),
    select().select_from(series.join(days, _d.day >= _n.first_day).outerjoin(cells, _its_cell)),
)

FINDINGS = _view(
    "findings",
    "One row for each thing the last whole night found: blocking, throttling, shutdown, silence.",
    [_shown(c) for c in findings.c if c.name != "number"],
    select().select_from(findings),
)

EVENTS = _view(
    "events",
    "One row for each event of internet policy that the version of the last whole night knows;"
    " what others reported, and no claim that it did anything to the network.",
    [_shown(c) for c in events.c],
    select().select_from(events),
)

FRESHNESS = _view(
    "freshness",
    "How the last night went, and how old `api_v1_daily` and `api_v1_findings` are: one row, none"
    " before the first night.",
    [_shown(c) for c in freshness.c if c.name != "number"],
    select().select_from(freshness),
)

PUBLIC_VIEWS = (MEASUREMENTS, STEPS, VERDICTS, VERDICTS_ALL)
"""Those of an archive for everybody."""

VIEWS = (*PUBLIC_VIEWS, DAILY, FINDINGS, EVENTS, FRESHNESS)


def create_views(connection: Connection) -> None:
    """Create every view of the contract; none of them may exist."""
    for view in VIEWS:
        connection.exec_driver_sql(view.definition(connection.dialect))


def drop_views(connection: Connection) -> None:
    """Drop every view whose name begins with api_v1_, those of other versions included."""
    for name in inspect(connection).get_view_names():
        if name.startswith(PREFIX):
            connection.exec_driver_sql(
                f"DROP VIEW {connection.dialect.identifier_preparer.quote(name)}"
            )
