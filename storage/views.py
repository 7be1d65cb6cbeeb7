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

from storage.tables import RULESET_KEY, measurements, settings, steps, verdicts

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


_m, _s, _v = measurements.c, steps.c, verdicts.c

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
    " (skipped, broken, not yet judged) the columns about the verdict are null or empty.",
    _verdict_columns(),
    select().select_from(
        measurements.outerjoin(
            verdicts,
            (_v.measurement_id == _m.id) & (_v.ruleset_version == _current_ruleset),
        )
    ),
)

VERDICTS_ALL = _view(
    "verdicts_all",
    "One row for each verdict of any ruleset: the history behind `api_v1_verdicts`.",
    [*_verdict_columns(), _shown(_v.weights)],
    select().select_from(verdicts.join(measurements)),
)

VIEWS = (MEASUREMENTS, STEPS, VERDICTS, VERDICTS_ALL)


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
