"""A schema that others changed is told as such, and a bug of ours is not."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.exc import OperationalError

from storage.altered import was_altered
from storage.engine import open_engine, reading
from storage.errors import StorageError
from storage.store import Store
from storage.tables import verdicts
from storage.views import VERDICTS


def another_view(body: str) -> str:
    return f"DROP VIEW api_v1_verdicts; CREATE VIEW api_v1_verdicts AS {body}"


def read_verdicts(engine: Engine) -> None:
    with reading(engine) as connection:
        connection.execute(select(VERDICTS.rows))
        connection.execute(select(verdicts.c.state))


@pytest.fixture
def path(tmp_path: Path) -> str:
    path = str(tmp_path / "results.sqlite")
    Store.open(path).close()
    return path


@pytest.mark.parametrize(
    "done",
    [
        another_view("SELECT 1 AS x"),
        another_view("SELECT unheard(1) AS x"),
        another_view("SELECT * FROM gone"),
        "DROP TABLE verdicts",
        "DROP VIEW api_v1_verdicts",
        "ALTER TABLE verdicts RENAME COLUMN state TO condition",
    ],
)
def test_a_schema_that_others_changed_is_told(path: str, done: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(done)
    engine = open_engine(path, read_only=True)
    with pytest.raises(StorageError, match=rf"^{path}: .*was altered.*choose another --db$"):
        read_verdicts(engine)
    engine.dispose()


def test_a_statement_of_ours_that_is_wrong_is_no_work_of_others(path: str) -> None:
    engine = open_engine(path, read_only=True)
    assert not was_altered(engine)
    with pytest.raises(OperationalError), reading(engine) as connection:
        connection.exec_driver_sql("SELECT * FROM nowhere")
    engine.dispose()
