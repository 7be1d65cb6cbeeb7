"""Whatever version a database comes from, upgraded it has the schema of a fresh one."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, inspect

from storage import schema
from storage.engine import open_engine, reading, writing
from storage.schema import HEAD, REVISIONS, ensure, upgrade
from storage.tables import metadata, retired
from storage.tables_nights import cells, days, events, findings, freshness, series
from storage.views import drop_views
from tests.postgres_server import Server

NIGHTS = (cells, days, series, findings, events, freshness)
FRESH_ON_A_SERVER = ("0004", "0005", "0006")
"""The versions that made databases of their own there."""

COLUMNS = """
SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity,
  coalesce(l.collname, ''), coalesce(pg_get_expr(d.adbin, d.adrelid), '')
FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid
LEFT JOIN pg_collation AS l ON l.oid = a.attcollation
LEFT JOIN pg_attrdef AS d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE c.relnamespace = 'public'::regnamespace AND a.attnum > 0 AND NOT a.attisdropped
"""
INDEXES = "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"
CONSTRAINTS = """
SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
WHERE connamespace = 'public'::regnamespace
"""


@contextmanager
def opened(location: str) -> Iterator[Engine]:
    engine = open_engine(location)
    try:
        yield engine
    finally:
        engine.dispose()


def on_a_server(location: str) -> set[tuple[object, ...]]:
    """Every column, with its type, collation and default; every index; every constraint."""
    with opened(location) as engine, reading(engine) as connection:
        return {
            tuple(row)
            for wanted in (COLUMNS, INDEXES, CONSTRAINTS)
            for row in connection.exec_driver_sql(wanted).all()
        }


def in_a_file(location: str) -> set[tuple[object, ...]]:
    """The same, as SQLite tells it; it numbers columns in the order they were added."""
    found: set[tuple[object, ...]] = set()
    with opened(location) as engine, reading(engine) as connection:
        for name in inspect(connection).get_table_names():
            for about in ("table_xinfo", "index_list", "foreign_key_list"):
                rows = connection.exec_driver_sql(f"PRAGMA {about}({name})").all()
                found |= {(name, about, *row[1:]) for row in rows}
        made = "SELECT type, name, sql FROM sqlite_master WHERE type IN ('index', 'view')"
        found |= {tuple(row) for row in connection.exec_driver_sql(made).all()}
    return found


def made_by(location: str, version: str) -> None:
    """A server's database as that version made it; what came later is missing."""
    with opened(location) as engine, writing(engine) as connection:
        schema.create_tables(connection)
        schema.finish(connection)
        drop_views(connection)
        later = {"0004": (*NIGHTS, retired), "0005": (retired,), "0006": ()}[version]
        metadata.drop_all(connection, tables=list(later))
        if version == "0004":
            connection.exec_driver_sql("ALTER TABLE receipts DROP COLUMN vantage")
        connection.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{version}'")


@pytest.mark.parametrize("version", FRESH_ON_A_SERVER)
def test_on_a_server_every_version_becomes_what_is_made_today(
    postgres: Server, version: str
) -> None:
    fresh, old = (postgres.url(postgres.new_database()) for _ in range(2))
    with opened(fresh) as engine:
        ensure(engine)
    made_by(old, version)
    assert upgrade(old) == version
    assert upgrade(old) == HEAD
    assert on_a_server(old) == on_a_server(fresh)


@pytest.mark.parametrize("version", REVISIONS)
def test_in_a_file_every_version_becomes_what_is_made_today(tmp_path: Path, version: str) -> None:
    fresh, old = str(tmp_path / "fresh.sqlite"), str(tmp_path / "old.sqlite")
    config = Config()
    config.set_main_option("script_location", str(schema._SCRIPTS).replace("%", "%%"))
    with opened(fresh) as engine:
        ensure(engine)
    with opened(old) as engine, writing(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, version)
    assert upgrade(old) == version
    assert in_a_file(old) == in_a_file(fresh)


def test_rows_that_stood_there_before_stay(postgres: Server) -> None:
    """In a database whose numbers were short and whose texts were the server's, as 0004 left it."""
    location = postgres.url(postgres.new_database())
    made_by(location, "0004")
    config = Config()
    config.set_main_option("script_location", str(schema._SCRIPTS).replace("%", "%%"))
    with opened(location) as engine, writing(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0006")
        connection.exec_driver_sql(
            "INSERT INTO days VALUES ('2026-11-23', 2147483647, 'f', 6, '2026-11-24T00:00:00Z')"
        )
        assert len(odd_columns(connection)) > 20
    assert upgrade(location) == "0006"
    with opened(location) as engine, reading(engine) as connection:
        assert odd_columns(connection) == []
        rows = connection.exec_driver_sql("SELECT day, build, ruleset_version FROM days").all()
    assert [tuple(row) for row in rows] == [("2026-11-23", 2147483647, 6)]


def odd_columns(connection: Connection) -> list[object]:
    """Those of the tables of nights with 32 bits, or compared as a language does."""
    found = connection.exec_driver_sql(
        "SELECT table_name, column_name FROM information_schema.columns"
        f" WHERE table_name IN {tuple(table.name for table in NIGHTS)} AND (data_type = 'integer'"
        " OR data_type IN ('text', 'character varying') AND collation_name IS DISTINCT FROM 'C')"
    )
    return list(found.all())
