"""The same rows behind the same views on three engines, each to be asked in this process."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import msgspec
import psycopg

from storage import asking_duckdb, asking_postgres, asking_sqlite
from storage.asking import shown
from storage.question import Answer, Limits, No, Question
from storage.views import VIEWS
from tests.postgres_server import Server

ENGINES = ("sqlite", "postgresql", "duckdb")
PRIVATE = ("consents", "settings")
"""Tables beside the views, each with a row that nobody may see."""

Ask = Callable[..., Answer | No]
Rows = dict[str, tuple[list[str], list[tuple[object, ...]]]]
_TYPES = {"INTEGER": "bigint", "BIGINT": "bigint", "FLOAT": "double precision"}


def rows_in(path: Path) -> Rows:
    """What each view shows of a database file."""
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
        found = {v.name: connection.execute(f"SELECT * FROM {v.name}") for v in VIEWS}
        return {n: ([c[0] for c in rows.description], rows.fetchall()) for n, rows in found.items()}


def columns_of(view: str) -> list[tuple[str, str]]:
    """Each column of a view with its type, as PostgreSQL and DuckDB both call it."""
    (found,) = (v for v in VIEWS if v.name == view)
    selected = found.query.selected_columns
    return [(c.name, _TYPES.get(str(c.type).partition("(")[0], "text")) for c in selected]


def reached(server: Server, database: str) -> dict[str, str]:
    """How a connection to a database of the server is described."""
    return {
        "host": str(server.folder),
        "port": str(server.port),
        "user": "postgres",
        "dbname": database,
    }


def to_server(server: Server, rows: Rows) -> dict[str, str]:
    """A new database with these rows, and no schema of ours behind them; how it is reached."""
    described = reached(server, server.new_database())
    with psycopg.connect(**described) as connection:  # type: ignore[arg-type]
        _fill(connection.cursor(), rows, "%s", ' COLLATE "C"')
    return described


def to_file(path: Path, rows: Rows) -> None:
    """The same as an SQLite file; numbers and texts are there what they are."""
    with closing(sqlite3.connect(path)) as connection:
        _fill(connection, rows, "?", "")
        connection.commit()


def refill(rows: Rows, path: Path, server: dict[str, str], folder: Path) -> None:
    """Other rows for the steps on all three."""
    view = "api_v1_steps"
    found, width = rows[view][1], len(columns_of(view))
    with closing(sqlite3.connect(path)) as file, psycopg.connect(**server) as reached_now:  # type: ignore[arg-type]
        cursor = reached_now.cursor()
        for connection, mark in ((file, "?"), (cursor, "%s")):
            connection.execute(f"DELETE FROM t_{view}")
            marks = ", ".join([mark] * width)
            connection.executemany(f"INSERT INTO t_{view} VALUES ({marks})", found)
        file.commit()
    with duckdb.connect() as memory:
        _fill(memory, {view: rows[view]}, "?", "")
        memory.execute(f"COPY {view} TO '{folder / view}/part.parquet' (FORMAT parquet)")


def to_files(folder: Path, rows: Rows) -> Path:
    """The same as Parquet files, a folder each."""
    with duckdb.connect() as connection:
        _fill(connection, rows, "?", "")
        for view in rows:
            (folder / view).mkdir(parents=True)
            connection.execute(f"COPY {view} TO '{folder / view}/part.parquet' (FORMAT parquet)")
    return folder


def _fill(connection: Any, rows: Rows, mark: str, collation: str) -> None:
    for view, (_, found) in rows.items():
        typed = ", ".join(
            f'"{name}" {kind}' + (collation if kind == "text" else "")
            for name, kind in columns_of(view)
        )
        connection.execute(f"CREATE TABLE t_{view} ({typed})")
        marks = ", ".join([mark] * len(columns_of(view)))
        if found:
            connection.executemany(f"INSERT INTO t_{view} VALUES ({marks})", found)
        connection.execute(f"CREATE VIEW {view} AS SELECT * FROM t_{view}")
    for table in PRIVATE:
        connection.execute(f"CREATE TABLE {table} AS SELECT 'secret' AS value")


def open_files(folder: Path) -> "duckdb.DuckDBPyConnection":
    """Views over the files of a folder."""
    connection = duckdb.connect()
    for view in folder.iterdir():
        connection.execute(f"CREATE VIEW {view.name} AS SELECT * FROM '{view}/*.parquet'")
    return connection


def asks(engine: str, place: str, views: dict[str, dict[str, list[str]]] | None = None) -> Ask:
    """How one engine is asked; ``views`` are those of our schema, unless told otherwise."""

    def ask(sql: str, **limits: float) -> Answer | No:
        granted = Limits(**{"seconds": 5.0, **limits})  # type: ignore[arg-type]
        question = Question(
            engine=engine, place=place, sql=sql, limits=granted, views=views or shown()
        )
        if engine == "sqlite":
            return asking_sqlite.answer(question)
        if engine == "postgresql":
            return asking_postgres.answer(question)
        if engine == "archive":
            return asking_duckdb.answer(question)
        return asking_duckdb.answer_from(open_files(Path(place)), question)

    return ask


def simple() -> dict[str, dict[str, list[str]]]:
    """The views of a database without our schema: each shows one table, as it is."""
    return {v.name: {f"t_{v.name}": [name for name, _ in columns_of(v.name)]} for v in VIEWS}


def three(rows: Rows, path: Path, server: dict[str, str], folder: Path) -> dict[str, Ask]:
    """A database file, a server's database and an archive with the same rows."""
    return {
        "sqlite": asks("sqlite", f"{path.as_uri()}?mode=ro&immutable=1"),
        "postgresql": asks("postgresql", msgspec.json.encode(server).decode()),
        "duckdb": asks("duckdb", str(to_files(folder, rows))),
    }
