"""Rows past the library's way are the rows of the library's way."""

import pytest
from sqlalchemy import select

from heliograph.model import Measurement
from storage.bulk import MEASUREMENTS, STEPS, insert_rows, step_values
from storage.engine import reading, writing
from storage.records import measurement_row
from storage.store import Store
from storage.tables import steps


def test_more_rows_than_go_at_once_are_all_inserted(
    store: Store, measurement: Measurement, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.bulk._AT_ONCE", 1)
    with writing(store._engine) as connection:
        insert_rows(connection, MEASUREMENTS, [MEASUREMENTS.values(measurement_row(measurement))])
        insert_rows(connection, STEPS, step_values(measurement))
    assert store.measurement(measurement.id) == measurement
    with reading(store._engine) as connection:
        assert len(connection.execute(select(steps)).all()) == len(measurement.steps)


def test_the_statements_name_every_column_once() -> None:
    assert STEPS.columns == tuple(steps.c.keys())
    assert STEPS.copy == f"COPY steps ({', '.join(STEPS.columns)}) FROM STDIN"
    assert STEPS.unless_there.count("%s::") == len(STEPS.columns)
    assert "%s::BIGINT[]" in STEPS.unless_there
    assert "COLLATE" not in STEPS.unless_there
