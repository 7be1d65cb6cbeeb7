"""Filters of the results."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone

import msgspec
import pytest
from sqlalchemy.engine import Dialect

from heliograph.model import Measurement, Outcome, State, Verdict
from storage.queries import EVERYTHING, RowQuery, line_of, newest_first, rows_of
from storage.store import Store

NOON = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)


@pytest.fixture
def filled(store: Store, measurement: Measurement, verdict: Verdict) -> Store:
    """``a`` and ``b`` at noon, ``c`` an hour later; only ``a`` is judged, ``c`` was skipped."""
    other = msgspec.structs.replace(measurement.target, host="other.example")
    replace = msgspec.structs.replace
    for record in (
        replace(measurement, id="a"),
        replace(measurement, id="b", probe="dns", target=other),
        replace(measurement, id="c", outcome=Outcome.SKIPPED, started=NOON + timedelta(hours=1)),
    ):
        store.save(record, None, None)
    judged = replace(measurement, id="a")
    store.save(judged, replace(verdict, measurement_id="a"), None)
    return store


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        (RowQuery(), "cba"),
        (RowQuery(states=(State.BLOCKED,)), "a"),
        (RowQuery(states=(State.OK,)), ""),
        (RowQuery(states=(State.OK, State.BLOCKED)), "a"),
        (RowQuery(states=()), ""),
        (RowQuery(hosts=("other.example",)), "b"),
        (RowQuery(hosts=("other.example", "example.org")), "cba"),
        (RowQuery(probes=("tls",)), "ca"),
        (RowQuery(probes=("tls", "dns")), "cba"),
        (RowQuery(outcome=Outcome.SKIPPED), "c"),
        (RowQuery(since=NOON), "cba"),
        (RowQuery(since=NOON + timedelta(seconds=1)), "c"),
        (RowQuery(since=(NOON + timedelta(hours=1)).astimezone(timezone(timedelta(hours=5)))), "c"),
        (RowQuery(limit=2), "cb"),
        (RowQuery(limit=0), ""),
        (RowQuery(probes=("tls",), outcome=Outcome.MEASURED, hosts=("example.org",)), "a"),
        (RowQuery(hosts=("' OR 1=1 --",)), ""),
        (RowQuery(techniques=("tls.reset",)), "a"),
        (RowQuery(techniques=("dns.bogon",)), "a"),
        (RowQuery(techniques=("tls",)), "a"),
        (RowQuery(techniques=("http", "tls")), "a"),
        (RowQuery(techniques=("http", "quic")), ""),
        (RowQuery(techniques=()), ""),
        (RowQuery(techniques=("tls.res",)), ""),
        (RowQuery(techniques=("bogon",)), ""),
        (RowQuery(techniques=("%",)), ""),
        (RowQuery(techniques=("tls_reset",)), ""),
        (RowQuery(targets=("https://example.org/", "https://none.example/")), "cba"),
        (RowQuery(targets=()), ""),
    ],
)
def test_each_filter_leaves_the_rows_asked_for_newest_first(
    filled: Store, query: RowQuery, ids: Sequence[str]
) -> None:
    assert [row.measurement_id for row in filled.rows(query)] == list(ids)


def test_one_line_is_found_by_its_id(filled: Store) -> None:
    line = filled.row("a")
    assert line is not None
    assert line.state is State.BLOCKED
    assert filled.row("nowhere") is None


def test_each_view_is_asked_for_one_measurement_in_order() -> None:
    asked = {kind: str(statement) for kind, statement in rows_of("a")}
    assert list(asked) == ["measurement", "step", "verdict"]
    assert "api_v1_verdicts_all" in asked["verdict"]
    assert asked["step"].endswith("ORDER BY api_v1_steps.number")


def test_the_queries_compile_for_postgresql(postgresql: Dialect) -> None:
    views = [statement for _, statement in rows_of("a")]
    narrow = newest_first(RowQuery(techniques=("tls",), targets=("https://example.org/",)))
    for statement in (newest_first(EVERYTHING), narrow, line_of("a"), *views):
        assert "api_v1_" in str(statement.compile(dialect=postgresql))
