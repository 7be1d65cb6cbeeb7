"""The views of the contract."""

import msgspec
import pytest
from sqlalchemy import inspect, select, text
from sqlalchemy.engine import Dialect

from heliograph.model import Measurement, Outcome, Step, Verdict, VerdictRow
from storage.engine import open_engine, reading, writing
from storage.schema import ensure
from storage.store import Store
from storage.views import (
    MEASUREMENTS,
    STEPS,
    VERDICTS,
    VERDICTS_ALL,
    VIEWS,
    View,
    create_views,
    drop_views,
)


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: str(view.name))
def test_every_column_of_every_view_is_described(view: View) -> None:
    assert view.name.startswith("api_v1_")
    assert view.purpose
    assert list(view.comments) == view.rows.c.keys()
    assert all(comment and comment != "None" for comment in view.comments.values())


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: str(view.name))
def test_every_view_compiles_for_postgresql_without_parameters(
    view: View, postgresql: Dialect
) -> None:
    made = view.definition(postgresql)
    assert made.startswith(f"CREATE VIEW {view.name} AS SELECT")
    assert "%(" not in made


def test_verdicts_have_exactly_the_fields_of_a_line_in_its_order() -> None:
    assert tuple(VERDICTS.rows.c.keys()) == VerdictRow.__struct_fields__
    assert tuple(VERDICTS_ALL.rows.c.keys()) == (*VerdictRow.__struct_fields__, "weights")


def test_steps_have_the_fields_of_a_step_and_of_its_measurement() -> None:
    assert STEPS.rows.c.keys() == [
        "measurement_id",
        "number",
        *Step.__struct_fields__,
        "target",
        "target_host",
        "probe",
        "country",
        "asn",
        "measurement_started",
    ]


def test_a_saved_measurement_shows_in_every_view(
    store: Store, measurement: Measurement, verdict: Verdict
) -> None:
    store.save(measurement, verdict, None)
    with reading(store._engine) as connection:
        counts = {v.name: len(connection.execute(select(v.rows)).all()) for v in VIEWS}
        one = connection.execute(select(MEASUREMENTS.rows)).mappings().one()
        raw = connection.execute(text("SELECT * FROM api_v1_verdicts")).mappings().one()
    assert counts == {
        "api_v1_measurements": 1,
        "api_v1_steps": 2,
        "api_v1_verdicts": 1,
        "api_v1_verdicts_all": 1,
        "api_v1_daily": 0,  # what a night makes of it
        "api_v1_findings": 0,
        "api_v1_events": 0,
        "api_v1_freshness": 0,
    }
    assert one["host"] == "example.org"
    assert raw["techniques"] == '["tls.reset","dns.bogon"]'
    assert raw["rules"] == '["tls-reset","paired"]'
    assert raw["started"] == "2026-11-23T12:00:00Z"


def test_a_measurement_without_a_verdict_has_a_row_with_empty_json(
    store: Store, measurement: Measurement
) -> None:
    store.save(msgspec.structs.replace(measurement, outcome=Outcome.SKIPPED), None, None)
    with reading(store._engine) as connection:
        raw = connection.execute(text("SELECT * FROM api_v1_verdicts")).mappings().one()
        history = connection.execute(text("SELECT * FROM api_v1_verdicts_all")).all()
    assert raw["state"] is None
    assert raw["ruleset_version"] is None
    assert (raw["techniques"], raw["confounders"]) == ("[]", "{}")
    assert history == []


def test_only_the_current_ruleset_shows_and_every_measurement_once(
    store: Store, measurement: Measurement, verdict: Verdict
) -> None:
    store.save(measurement, verdict, None)
    store.save(measurement, msgspec.structs.replace(verdict, ruleset_version=2), None)
    query = select(VERDICTS.rows.c.ruleset_version)
    with reading(store._engine) as connection:
        before = connection.scalars(query).all()
        assert len(connection.execute(select(VERDICTS_ALL.rows)).all()) == 2
    store.activate(2)
    with reading(store._engine) as connection:
        assert (before, connection.scalars(query).all()) == ([1], [2])


def test_dropping_takes_the_views_of_other_versions_too_and_leaves_other_views() -> None:
    engine = open_engine(":memory:")
    ensure(engine)
    with writing(engine) as connection:
        connection.exec_driver_sql("CREATE VIEW api_v1_older AS SELECT 1 AS one")
        connection.exec_driver_sql("CREATE VIEW mine AS SELECT 1 AS one")
        drop_views(connection)
        assert inspect(connection).get_view_names() == ["mine"]
        create_views(connection)
        made = set(inspect(connection).get_view_names())
    assert made == {"mine", *(view.name for view in VIEWS)}
    engine.dispose()


def test_looking_up_a_host_uses_its_index(store: Store) -> None:
    with reading(store._engine) as connection:
        plan = connection.exec_driver_sql(
            "EXPLAIN QUERY PLAN SELECT * FROM api_v1_verdicts WHERE host = 'a'"
        ).all()
    assert any("ix_measurements_target_host" in str(line) for line in plan)


def test_the_newest_rows_come_without_sorting_them_all(store: Store) -> None:
    with reading(store._engine) as connection:
        plan = connection.exec_driver_sql(
            "EXPLAIN QUERY PLAN SELECT * FROM api_v1_verdicts"
            " ORDER BY started DESC, measurement_id DESC LIMIT 10"
        ).all()
    assert not any("TEMP B-TREE" in str(line) for line in plan)
