"""The tables: comments, names, and what they hold of the records."""

from datetime import UTC, datetime
from enum import StrEnum

import pytest
from sqlalchemy import insert
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import IntegrityError
from sqlalchemy.schema import CreateTable

from heliograph.model import ConfidenceWord, Measurement, Outcome, State, Step, Verdict
from storage.engine import open_engine, writing
from storage.schema import ensure
from storage.tables import measurements, metadata, runs, steps, verdicts

COLUMNS = [column for table in metadata.sorted_tables for column in table.columns]


def test_every_column_and_every_table_has_a_comment() -> None:
    assert [str(column) for column in COLUMNS if not column.comment] == []
    assert [table.name for table in metadata.sorted_tables if not table.comment] == []


def test_steps_hold_every_field_of_a_step_under_its_name() -> None:
    assert steps.c.keys() == ["measurement_id", "number", *Step.__struct_fields__]


def test_measurements_hold_every_field_of_a_measurement() -> None:
    split = {"target", "vantage", "steps"}
    parts = {f"target_{name}" for name in ("input", "url", "scheme", "host", "port")}
    place = {"country", "asn", "network_name", "vantage_source"}
    whole = set(Measurement.__struct_fields__) - split
    assert set(measurements.c.keys()) == whole | parts | place


def test_verdicts_hold_every_field_of_a_verdict() -> None:
    fields = set(Verdict.__struct_fields__) - {"fired"} | {"rules", "weights"}
    assert set(verdicts.c.keys()) == fields
    assert verdicts.primary_key.columns.keys() == ["measurement_id", "ruleset_version"]


@pytest.mark.parametrize(
    ("table", "column", "words"),
    [
        ("measurements", "outcome", Outcome),
        ("verdicts", "state", State),
        ("verdicts", "confidence_word", ConfidenceWord),
    ],
)
def test_closed_words_are_checked_by_the_database(
    table: str, column: str, words: type[StrEnum]
) -> None:
    made = str(CreateTable(metadata.tables[table]))
    listed = ", ".join(f"'{word}'" for word in words)
    assert f"CONSTRAINT ck_{table}_{column} CHECK ({column} IN ({listed}))" in made
    length = getattr(metadata.tables[table].c[column].type, "length", 0)
    assert max(len(word) for word in words) <= length


def test_a_word_that_is_not_in_the_list_is_refused() -> None:
    engine = open_engine(":memory:")
    ensure(engine)
    row: dict[str, object] = {
        c.name: 0 if c.type.python_type is int else "x" for c in measurements.columns
    }
    row |= {"started": datetime(2026, 1, 1, tzinfo=UTC), "seconds": 0.0}
    with writing(engine) as connection:
        with pytest.raises(IntegrityError, match="ck_measurements_outcome"):
            connection.execute(insert(measurements), row)
        connection.execute(insert(measurements), row | {"outcome": "measured"})
    engine.dispose()


@pytest.mark.parametrize("table", metadata.sorted_tables, ids=str)
def test_every_constraint_has_a_name_and_every_table_compiles_for_postgresql(
    table: object, postgresql: Dialect
) -> None:
    made = metadata.tables[str(table)]
    assert "CREATE TABLE" in str(CreateTable(made).compile(dialect=postgresql))
    assert all(constraint.name for constraint in made.constraints)


def test_there_are_indexes_for_the_usual_look_ups() -> None:
    found = {tuple(index.columns.keys()) for index in measurements.indexes}
    assert {("target_host",), ("target_url",), ("asn", "started")} <= found
    assert any(columns[0] == "started" for columns in found)
    assert {tuple(index.columns.keys()) for index in runs.indexes} == {("run_hash",)}
