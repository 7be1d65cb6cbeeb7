"""A file is written anew when nobody else is at it."""

import sqlite3
from pathlib import Path

import pytest

from storage.compacting import compact, pragma
from storage.engine import open_engine
from storage.schema import ensure


@pytest.mark.parametrize("in_memory", [True, False])
def test_free_room_goes(tmp_path: Path, in_memory: bool) -> None:
    engine = open_engine(str(tmp_path / "r.sqlite"))
    ensure(engine)
    with engine.connect() as connection, connection.begin():
        connection.exec_driver_sql("CREATE TABLE filling AS SELECT randomblob(100000) AS x")
        connection.exec_driver_sql("DROP TABLE filling")
    assert pragma(engine, "freelist_count") > 10
    assert compact(engine, in_memory=in_memory)
    assert pragma(engine, "freelist_count") == 0
    engine.dispose()


def test_while_somebody_reads_that_has_to_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.engine_sqlite._BUSY_MILLISECONDS", 1)
    engine = open_engine(str(tmp_path / "r.sqlite"))
    ensure(engine)
    with sqlite3.connect(tmp_path / "r.sqlite") as other:
        other.execute("BEGIN")
        other.execute("SELECT * FROM measurements").fetchall()
        assert not compact(engine, in_memory=True)
    other.close()
    engine.dispose()
