"""The schema: new, old, from the future, or somebody else's."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, inspect

from heliograph.model import Measurement, Verdict
from storage import schema
from storage.engine import open_engine, reading, writing
from storage.errors import FutureDatabase, MissingDatabase, OlderDatabase, StorageError
from storage.schema import HEAD, REVISIONS, check, ensure, upgrade
from storage.store import Store
from storage.tables import metadata
from storage.views import VIEWS

MIGRATIONS = Path(schema.__file__).parent / "migrations"


def scripts() -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return ScriptDirectory.from_config(config)


@pytest.fixture
def location(tmp_path: Path) -> str:
    return str(tmp_path / "a %s.sqlite")


@pytest.fixture
def engine(location: str) -> Iterator[Engine]:
    """Over a file that is still empty."""
    opened = open_engine(location)
    yield opened
    opened.dispose()


def statements(connection: Connection) -> set[tuple[str, str]]:
    """Everything in the database with the words that made it, spaces apart."""
    found = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master").all()
    return {(name, "".join((sql or "").split())) for name, sql in found}


def parts(connection: Connection) -> set[tuple[str, tuple[str, ...]]]:
    """The same, in whatever order the columns were added; another test looks at their order."""
    return {(name, tuple(sorted(sql[:-1].split(",")))) for name, sql in statements(connection)}


def set_revision(engine: Engine, revision: str) -> None:
    with writing(engine) as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = ?", (revision,))


def test_an_empty_database_gets_tables_views_and_stamp(engine: Engine) -> None:
    ensure(engine)
    with reading(engine) as connection:
        found = inspect(connection)
        assert set(found.get_table_names()) == {"alembic_version", *metadata.tables}
        assert set(found.get_view_names()) == {view.name for view in VIEWS}
        stamp = connection.exec_driver_sql("SELECT version_num FROM alembic_version").all()
    assert stamp == [(HEAD,)]


def test_ensuring_twice_changes_nothing(engine: Engine) -> None:
    ensure(engine)
    with reading(engine) as connection:
        before = statements(connection)
    ensure(engine)
    with reading(engine) as connection:
        assert statements(connection) == before


def test_a_database_made_whole_while_we_waited_is_taken_as_it_is(
    engine: Engine, location: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    upgrade(location)
    seen = iter([None])
    real = schema.revision
    monkeypatch.setattr(schema, "revision", lambda c: next(seen, real(c)))
    ensure(engine)
    monkeypatch.undo()
    check(engine)


def test_making_the_schema_is_all_or_nothing(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: Connection) -> None:
        raise RuntimeError("power cut")

    monkeypatch.setattr(schema, "create_views", fail)
    with pytest.raises(RuntimeError, match="power cut"):
        ensure(engine)
    with reading(engine) as connection:
        assert statements(connection) == set()


def test_the_migrated_schema_is_the_one_of_the_metadata(engine: Engine, location: str) -> None:
    assert upgrade(location) is None
    with reading(engine) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_migrating_and_making_whole_give_the_same_statements(
    engine: Engine, location: str, tmp_path: Path
) -> None:
    upgrade(location)
    other = open_engine(str(tmp_path / "whole.sqlite"))
    ensure(other)
    with reading(engine) as migrated, reading(other) as whole:
        assert parts(migrated) == parts(whole)
    other.dispose()


@pytest.mark.parametrize("table", metadata.tables)
def test_the_migrated_columns_are_those_of_the_metadata(
    engine: Engine, location: str, table: str
) -> None:
    upgrade(location)
    with reading(engine) as connection:
        found = [
            (c["name"], str(c["type"]), c["nullable"])
            for c in inspect(connection).get_columns(table)
        ]
        key = inspect(connection).get_pk_constraint(table)
    columns = metadata.tables[table].columns
    dialect = engine.dialect
    assert key["constrained_columns"] == metadata.tables[table].primary_key.columns.keys()
    assert found == [(c.name, c.type.compile(dialect), c.nullable) for c in columns]


def test_upgrading_twice_is_harmless_and_says_what_it_found(engine: Engine, location: str) -> None:
    assert upgrade(location) is None
    with reading(engine) as connection:
        before = statements(connection)
    assert upgrade(location) == HEAD
    with reading(engine) as connection:
        assert statements(connection) == before


def test_upgrading_keeps_the_rows_and_drops_views_of_other_versions(
    engine: Engine, location: str, measurement: Measurement, verdict: Verdict
) -> None:
    with Store.open(location) as store:
        store.save(measurement, verdict, None)
    with writing(engine) as connection:
        connection.exec_driver_sql("CREATE VIEW api_v1_older AS SELECT 1 AS one")
    upgrade(location)
    with reading(engine) as connection:
        assert set(inspect(connection).get_view_names()) == {view.name for view in VIEWS}
    with Store.open_to_read(location) as store:
        assert store.measurement(measurement.id) == measurement
        assert store.verdicts(measurement.id) == [verdict]


@contextmanager
def nothing_is_left_by_a_power_cut(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """What is done meanwhile fails at its last step, and the database is as it was."""
    with reading(engine) as connection:
        before = statements(connection)

    def fail(_: Connection) -> None:
        raise RuntimeError("power cut")

    monkeypatch.setattr(schema, "create_views", fail)
    with pytest.raises(RuntimeError, match="power cut"):
        yield
    with reading(engine) as connection:
        assert statements(connection) == before


def test_an_upgrade_that_fails_leaves_the_database_as_it_was(
    engine: Engine, location: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ensure(engine)
    with nothing_is_left_by_a_power_cut(engine, monkeypatch):
        upgrade(location)


def first_light(engine: Engine) -> None:
    """The database as version 0001 left it, with one consent."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    with writing(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.exec_driver_sql("CREATE VIEW api_v1_older AS SELECT id FROM consents")
        connection.exec_driver_sql(
            "INSERT INTO consents (text_version, text_sha256, language, how, recorded)"
            " VALUES ('1', 'aa', 'en', 'typed at a terminal', '2026-01-02T03:04:05Z')"
        )


def test_reading_an_older_database_asks_for_an_upgrade(engine: Engine) -> None:
    first_light(engine)
    with pytest.raises(OlderDatabase, match=r"schema 0001.*run 'heliograph db upgrade'"):
        check(engine)


def test_opening_an_older_database_to_write_brings_it_here_and_keeps_its_rows(
    engine: Engine, location: str
) -> None:
    first_light(engine)
    with Store.open(location) as store:
        (kept,) = store.consents.every()
    assert (kept.text_version, kept.how) == ("1", "typed at a terminal")
    assert (kept.expires, kept.withdrawn) == (None, None)
    assert kept.classes == kept.categories == ()
    with reading(engine) as connection:
        assert set(inspect(connection).get_view_names()) == {view.name for view in VIEWS}
    assert upgrade(location) == HEAD


def test_an_older_database_that_can_not_be_migrated_stays_as_it_was(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    first_light(engine)
    with nothing_is_left_by_a_power_cut(engine, monkeypatch):
        ensure(engine)


def test_a_database_from_the_future_is_refused_in_one_line(engine: Engine, location: str) -> None:
    ensure(engine)
    set_revision(engine, "0042")
    expected = (
        f"{location}: was written by a newer Heliograph (schema 0042, this one knows {HEAD}); "
        "upgrade heliograph or choose another --db"
    )
    ways = (partial(ensure, engine), partial(check, engine), partial(upgrade, location))
    for way in ways:
        with pytest.raises(FutureDatabase) as caught:
            way()
        assert str(caught.value) == expected


def test_the_database_of_another_program_is_refused_and_left_alone(location: str) -> None:
    foreign = sqlite3.connect(location)
    foreign.execute("CREATE TABLE bookmarks (x)")
    foreign.commit()
    foreign.close()
    before = Path(location).read_bytes()
    for way in (Store.open, Store.open_to_read, upgrade):
        with pytest.raises(StorageError, match=r"another program.*'bookmarks'.*another --db"):
            way(location)
    assert Path(location).read_bytes() == before


def test_tables_of_our_names_without_a_stamp_are_not_ours(engine: Engine) -> None:
    ensure(engine)
    with writing(engine) as connection:
        connection.exec_driver_sql("DELETE FROM alembic_version")
    with pytest.raises(StorageError, match="another program"):
        ensure(engine)


def test_an_empty_database_can_not_be_read(engine: Engine) -> None:
    with pytest.raises(MissingDatabase, match="'heliograph run' makes one"):
        check(engine)


def test_the_revisions_we_know_are_those_that_alembic_finds() -> None:
    found = [script.revision for script in scripts().walk_revisions()]
    assert tuple(reversed(found)) == REVISIONS
    assert scripts().get_heads() == [HEAD]


def test_going_back_is_not_offered() -> None:
    assert not any(hasattr(s.module, "downgrade") for s in scripts().walk_revisions())
