"""Over an archive no other file is read, nothing is set, and what does not end is ended."""

from pathlib import Path

import duckdb
import pytest

from storage import asking_duckdb
from storage.asking_duckdb import answer, answer_from, close_off
from storage.question import MEGABYTE, Answer, Limits, No, Question

VIEWS: dict[str, dict[str, list[str]]] = {"api_v1_steps": {}}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("it's an archive")
    with duckdb.connect() as connection:
        place = str(made / "a.parquet").replace("'", "''")
        connection.execute(f"COPY (SELECT 7 AS port, true AS open) TO '{place}' (FORMAT parquet)")
    return made


def opened(folder: Path) -> "duckdb.DuckDBPyConnection":
    connection = duckdb.connect()
    place = str(folder / "a.parquet").replace("'", "''")
    connection.execute(f"CREATE VIEW api_v1_steps AS SELECT * FROM '{place}'")
    return connection


def asked(folder: Path, sql: str, limits: Limits | None = None) -> Answer | No:
    question = Question(
        engine="duckdb", place=str(folder), sql=sql, limits=limits or Limits(seconds=5), views=VIEWS
    )
    return answer_from(opened(folder), question)


def test_the_views_are_read_and_answers_are_as_from_other_engines(folder: Path) -> None:
    sql = "SELECT port / 2 AS half, open, 1.50 AS part, port / 0 AS none FROM api_v1_steps"

    assert asked(folder, sql) == Answer(
        columns=("half", "open", "part", "none"), rows=[(3, 1, 1.5, None)]
    )


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_text('/etc/passwd')",
        "COPY api_v1_steps TO '/tmp/never.csv'",
        "ATTACH '/tmp/never.db'",
        "SET threads = 4",
        "RESET memory_limit",
        "LOAD httpfs",
    ],
)
def test_behind_the_guard_the_engine_itself_is_closed(folder: Path, sql: str) -> None:
    """Each wall alone: here no question is read before it is put to the engine."""
    connection = opened(folder)
    close_off(connection, folder, Limits())

    with pytest.raises((duckdb.PermissionException, duckdb.InvalidInputException)):
        connection.execute(sql)


def test_more_memory_than_granted_is_told(folder: Path) -> None:
    limits = Limits(seconds=20, memory_bytes=32 * MEGABYTE)
    sql = "SELECT count(*) FROM (SELECT DISTINCT 'a long text ' || i FROM range(9000000) AS r(i))"
    reply = asked(folder, sql, limits)

    assert isinstance(reply, No)
    assert reply.too_much
    assert "32 MB to work it out" in reply.why


def test_what_can_not_be_opened_or_read_is_the_archives_fault(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: Path) -> None:
        raise duckdb.IOException("IO Error: no such file")

    monkeypatch.setattr(asking_duckdb, "open_archive", broken)
    question = Question(
        engine="duckdb", place=str(tmp_path), sql="SELECT 1", limits=Limits(), views=VIEWS
    )

    assert answer(question) == No(why="the archive can't be read: no such file", of_file=True)
