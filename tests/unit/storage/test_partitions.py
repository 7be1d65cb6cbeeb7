"""Ids and months; that partitions are made is tried on a server (tests/lab/test_postgres.py)."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from heliograph.ids import measurement_id
from heliograph.model import Measurement
from storage.engine import open_engine, writing
from storage.partitions import FIRST_YEAR, LAST_YEAR, Month, Partitions, create_rest, month_of

MOMENTS = st.datetimes(datetime(FIRST_YEAR, 1, 1), datetime(LAST_YEAR, 12, 31, 23, 59, 59))  # noqa: DTZ001


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moment=MOMENTS)
def test_the_id_of_a_measurement_lies_within_its_month(
    measurement: Measurement, moment: datetime
) -> None:
    started = moment.replace(tzinfo=UTC)
    identity = measurement_id(msgspec.structs.replace(measurement, started=started))
    month = month_of(identity)
    assert month == (started.year, started.month)
    assert month.first_id <= identity < month.following.first_id


def test_the_month_after_december_is_in_the_next_year() -> None:
    assert Month(2026, 12).following == (2027, 1)
    assert Month(2026, 11).following == (2026, 12)


@pytest.mark.parametrize(
    "odd", ["", "second", "0007cd4", "0007CD40-", "+007cd40", "٠007cd40", "\x00" * 8]
)
def test_an_odd_id_has_no_month(odd: str) -> None:
    assert month_of(odd) is None


@pytest.mark.parametrize("year", [1, 1969, FIRST_YEAR - 1, LAST_YEAR + 1, 9999])
def test_a_clock_that_is_far_off_makes_no_partition(year: int, measurement: Measurement) -> None:
    started = datetime(year, 6, 1, tzinfo=UTC) + timedelta(hours=1)
    assert month_of(measurement_id(msgspec.structs.replace(measurement, started=started))) is None


def test_sqlite_has_no_partitions() -> None:
    engine = open_engine(":memory:")
    Partitions(engine).prepare(["0007cd40-"])
    with writing(engine) as connection:
        create_rest(connection)
        assert connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar() == 0
    engine.dispose()
