"""What PostgreSQL alone has: partitions, readers, locks of the server, many writers, its schema."""

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, inspect

from heliograph.cli import results
from storage import readers, schema
from storage.engine import open_engine, reading, writing
from storage.errors import FutureDatabase, MissingDatabase, OlderDatabase, StorageError
from storage.imports import Judged
from storage.loading import load
from storage.schema import HEAD, upgrade
from storage.store import Store
from storage.tables import metadata
from storage.views import VIEWS
from tests.lab.postgres_looks import JUDGED, NOW, judged, look
from tests.lab.test_commands import Desk
from tests.lab.volunteer import Home
from tests.postgres_server import Server
from tests.unit.storage.ooni.published import document, healthy, line
from tests.unit.storage.test_altered import read_verdicts

ROOT = Path(__file__).parents[2]


@pytest.fixture
def database(postgres: Server, made: str) -> str:
    return postgres.new_database(made)


@pytest.fixture
def location(postgres: Server, database: str) -> str:
    return postgres.url(database)


@pytest.fixture
def engine(location: str) -> Iterator[Engine]:
    opened = open_engine(location)
    yield opened
    opened.dispose()


def partition_of(engine: Engine, table: str) -> list[str]:
    key = "id" if table == "measurements" else "measurement_id"
    with reading(engine) as connection:
        asked = (
            f"SELECT DISTINCT tableoid::regclass::text FROM {table} WHERE {key} <> '' ORDER BY 1"
        )
        return list(connection.exec_driver_sql(asked).scalars())


def test_each_month_has_partitions_and_the_odd_go_to_the_rest(
    engine: Engine, location: str
) -> None:
    odd = msgspec.structs.replace(look(), id="an odd one")
    with Store.open(location) as store:
        store.save(*judged(look(started=NOW.replace(month=12))), None)
        store.imports.keep([judged(odd), judged(look())])
        assert store.measurement(odd.id) == odd
    for table in ("measurements", "steps", "verdicts"):
        assert partition_of(engine, table) == [
            f"{table}_2026_11",
            f"{table}_2026_12",
            f"{table}_rest",
        ]


def test_a_month_that_began_in_the_rest_stays_there_and_nothing_is_refused(
    engine: Engine, location: str
) -> None:
    one, other = look(1), look(2)
    with writing(engine) as connection:
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        connection.exec_driver_sql(
            "INSERT INTO verdicts VALUES"
            " (%s, 1, 'ok', '[]', NULL, NULL, NULL, '', '[]', '{}', '[]', '[]')",
            (one.id,),
        )
    with Store.open(location) as store:
        assert store.imports.keep([judged(other)]) == 1
    assert partition_of(engine, "measurements") == ["measurements_rest"]


def test_a_reader_that_lingers_holds_up_nobody_for_ever(
    engine: Engine, location: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.partitions._TRIES", 1)
    with Store.open(location) as store, reading(engine) as lingering:
        lingering.exec_driver_sql("SELECT * FROM api_v1_steps")
        store.save(*judged(look()), None)
    assert partition_of(engine, "steps") == ["steps_rest"]


WRITER = """
import sys
from tests.lab.postgres_looks import judged, look
from storage.store import Store
from datetime import timedelta, datetime, UTC
with Store.open(sys.argv[1]) as store:
    print("ready", flush=True)
    input()
    new = 0
    for first in range(0, 200, 20):
        began = datetime(2026, 1 + first // 20, 5, tzinfo=UTC)
        batch = [judged(look(n, began)) for n in range(first, first + 20)]
        new += store.imports.keep(batch if int(sys.argv[2]) else batch[::-1])
    print(new)
"""


def test_many_writers_of_the_same_take_each_row_once(postgres: Server, location: str) -> None:
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, location, str(number % 2)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(3)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    told = [process.communicate(timeout=60)[0] for process in processes]
    assert sum(map(int, told)) == 200
    with Store.open_to_read(location) as store:
        assert len(store.find_ids("", 999)) == 200


def test_a_reader_reads_the_views_and_nothing_else(
    postgres: Server, database: str, location: str
) -> None:
    upgrade(location)  # a copy of a database has no grants of its own
    with Store.open(location) as store:
        store.save(*judged(look()), None)
    postgres.sql(f"CREATE ROLE alice_{database} LOGIN; GRANT heliograph_reader TO alice_{database}")
    with Store.open_to_read(postgres.url(database, f"alice_{database}")) as store:
        assert [row.measurement_id for row in store.rows()] == [look().id]
        assert (store.nights.findings(), store.nights.last()) == ([], None)
        with pytest.raises(StorageError, match="permission denied"):
            store.measurement(look().id)
    alice = open_engine(postgres.url(database, f"alice_{database}"))
    tables = (*metadata.tables, "alembic_version", "steps_rest", "measurements_2026_11")
    for words in (
        *(f"SELECT * FROM {table}" for table in tables),
        "CREATE TABLE x (y int)",
        "CREATE TEMP TABLE x (y int)",
        "CREATE SCHEMA x",
        "DELETE FROM api_v1_measurements",
        "UPDATE api_v1_measurements SET country = 'ZZ'",
    ):
        with pytest.raises(StorageError, match="permission denied"), writing(alice) as connection:
            connection.exec_driver_sql(words)
    for view in VIEWS:
        with reading(alice) as connection:
            connection.exec_driver_sql(f"SELECT * FROM {view.name}").all()
    alice.dispose()


def test_an_owner_who_can_not_make_the_readers_is_told_what_to_do(
    postgres: Server, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    database = postgres.new_database()
    postgres.sql(f"CREATE ROLE c_{database} LOGIN; ALTER DATABASE {database} OWNER TO c_{database}")
    location = postgres.url(database, f"c_{database}")
    results.upgrade(location, json=False)
    assert "CREATE ROLE" not in capsys.readouterr().err, "other tests made them"
    monkeypatch.setattr(readers, "READERS", "nobody_made_these")
    results.upgrade(location, json=False)
    assert "'CREATE ROLE nobody_made_these NOLOGIN'" in capsys.readouterr().err


def test_a_role_that_is_in_no_group_is_told_so(postgres: Server, database: str) -> None:
    postgres.sql(f"CREATE ROLE bob_{database} LOGIN")
    with pytest.raises(OlderDatabase, match=r"can't read api_v1_.*heliograph_reader"):
        Store.open_to_read(postgres.url(database, f"bob_{database}"))


def test_a_run_is_one_stores_alone_until_it_is_closed(location: str) -> None:
    with Store.open(location) as one, Store.open(location) as other:
        taken = one.runs.take("h", NOW, 1, fresh=False)
        assert taken is not None
        assert one.runs.take("h", NOW, 1, fresh=False) is not None, "it is ours"
        assert other.runs.take("h", NOW, 1, fresh=False) is None
        assert other.runs._locks.held_elsewhere()
        assert not one.runs._locks.held_elsewhere()
        one.close()
        assert other.runs.take("h", NOW, 1, fresh=False) is not None


def compared(connection: Connection) -> list[object]:
    """How it differs from the metadata, partitions and what refers to them left aside."""

    def is_ours(item: object, name: str, kind: str, reflected: bool, _: object) -> bool:
        if kind == "foreign_key_constraint" and reflected:
            return item.elements[0].target_fullname.partition(".")[0] in metadata.tables  # type: ignore[attr-defined]
        return kind != "table" or name in metadata.tables

    options = {"compare_type": True, "include_object": is_ours}
    context = MigrationContext.configure(connection, opts=options)
    return list(compare_metadata(context, metadata))


def test_a_fresh_database_is_what_the_metadata_says(engine: Engine) -> None:
    with reading(engine) as connection:
        assert compared(connection) == []
        assert set(inspect(connection).get_view_names()) == {view.name for view in VIEWS}


LATER = f"""
import sqlalchemy as sa
from alembic import op
revision = "9999"
down_revision = "{HEAD}"
def upgrade():
    op.add_column("measurements", sa.Column("later", sa.Text()))
    op.alter_column("steps", "kind", type_=sa.String(40))
"""


def power_cut(_: Connection) -> bool:
    raise RuntimeError("power cut")


def test_a_later_version_is_reached_in_one_transaction_with_its_rows_and_readers(
    postgres: Server, location: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Store.open(location) as store:
        store.save(*judged(look()), None)
    for file in schema._SCRIPTS.rglob("*.py"):
        copy = tmp_path / file.relative_to(schema._SCRIPTS)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(file.read_bytes())
    (tmp_path / "versions" / "9999_later.py").write_text(LATER)
    monkeypatch.setattr(schema, "_SCRIPTS", tmp_path)
    monkeypatch.setattr(schema, "REVISIONS", (*schema.REVISIONS, "9999"))
    with monkeypatch.context() as patch:
        patch.setattr(schema, "admit_readers", power_cut)
        with pytest.raises(RuntimeError, match="power cut"):
            upgrade(location)
    with Store.open_to_read(location) as store:
        assert store.measurement(look().id) == look(), "nothing was changed"

    assert upgrade(location) == HEAD
    monkeypatch.undo()
    with pytest.raises(FutureDatabase, match="9999"):
        Store.open_to_read(location)
    assert (
        postgres.sql(
            "SELECT later IS NULL,"
            " has_table_privilege('heliograph_reader', 'api_v1_steps', 'SELECT') FROM measurements",
            location.partition("@/")[2].partition("?")[0],
        )
        == "t|t"
    )


def test_what_is_not_there_is_told_in_one_line(postgres: Server, tmp_path: Path) -> None:
    for location, kind, words in (
        (postgres.url("nowhere"), MissingDatabase, "no such database"),
        (postgres.url(postgres.new_database()), MissingDatabase, "heliograph db upgrade"),
        (postgres.url("postgres", "nobody_here"), StorageError, "no such role"),
        (f"postgresql:///x?host={tmp_path}", StorageError, "can't be reached"),
        ("postgresql://me@127.0.0.1:1/x", StorageError, "can't be reached"),
    ):
        with pytest.raises(kind, match=words) as told:
            Store.open_to_read(location)
        assert "\n" not in str(told.value)


@settings(max_examples=25)
@given(st.lists(JUDGED, min_size=1, max_size=6))
def test_both_engines_give_the_same_answers(
    postgres: Server, made: str, found: list[Judged]
) -> None:
    location = postgres.url(postgres.new_database(made))
    with Store.open(":memory:") as file, Store.open(location) as store:
        file.activate(1)
        half = len(found) // 2
        for each in (file, store):
            each.imports.keep(found[:half])
            for one in found[half:]:
                each.save(*one, None)
        assert answers(file) == answers(store)


def answers(store: Store) -> list[object]:
    ids = store.find_ids("", 99)
    return [
        ids,
        [store.measurement(one) for one in ids],
        [store.verdicts(one) for one in ids],
        [list(store.records(one)) for one in ids],
        list(store.rows()),
        store.judging.changes(None, 1),
    ]


def test_all_text_is_compared_by_bytes_whatever_language_a_server_speaks(engine: Engine) -> None:
    with reading(engine) as connection:
        found = connection.exec_driver_sql(
            "SELECT relname, attname, collname FROM pg_attribute"
            " JOIN pg_class ON pg_class.oid = attrelid JOIN pg_collation c ON c.oid = attcollation"
            " WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"
        )
        ours = [tuple(row) for row in found if row[0] in metadata.tables]
    assert len(ours) > 40
    assert {collation for *_, collation in ours} == {"C"}


def shape(connection: Connection) -> list[tuple[object, ...]]:
    found = connection.exec_driver_sql(
        "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' UNION ALL"
        " SELECT conrelid::regclass || conname || pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE connamespace = 'public'::regnamespace AND conparentid = 0 ORDER BY 1"
    )
    return [tuple(row) for row in found]


def test_what_is_loaded_in_bulk_is_what_is_saved_one_by_one(
    postgres: Server, location: str, engine: Engine, tmp_path: Path
) -> None:
    found = [judged(look(n, NOW + timedelta(days=9 * n))) for n in range(6)]
    new = postgres.url(postgres.new_database())
    told: list[tuple[str, int]] = []
    for place in (new, str(tmp_path / "r.sqlite")):
        loaded = load(place, [found[:4], found[4:]], lambda what, rows: told.append((what, rows)))
        assert (loaded.measurements, loaded.steps, loaded.verdicts) == (6, 12, 6)
    assert told == 2 * [("rows", 16), ("rows", 24), ("indexes", 24), ("done", 24)]
    with Store.open(location) as by_one, Store.open(new) as bulk:
        for one in found:
            by_one.save(*one, None)
        bulk.activate(1)
        with Store.open(str(tmp_path / "r.sqlite")) as file:
            file.activate(1)
            assert answers(by_one) == answers(bulk) == answers(file)
        with reading(engine) as saved, reading(bulk._engine) as filled:
            assert shape(saved) == shape(filled)
    assert [path.name for path in tmp_path.iterdir()] == ["r.sqlite"]


def test_a_load_that_fails_leaves_nothing(postgres: Server, tmp_path: Path) -> None:
    new = postgres.url(postgres.new_database())
    for place in (new, str(tmp_path / "r.sqlite")):
        with pytest.raises(StorageError, match="nothing was loaded"):
            load(place, [[judged(look())], [judged(look())]], lambda *_: None)
        with pytest.raises(MissingDatabase):
            Store.open_to_read(place)
    assert list(tmp_path.iterdir()) == []
    load(new, [], lambda *_: None)
    with pytest.raises(StorageError, match="only a new database"):
        load(new, [], lambda *_: None)


def test_a_load_clears_what_a_killed_one_left(tmp_path: Path) -> None:
    for suffix in ("", "-journal", "-wal", "-shm"):
        (tmp_path / f"r.sqlite.loading{suffix}").write_bytes(b"half")
    load(str(tmp_path / "r.sqlite"), [[judged(look())]], lambda *_: None)
    assert [path.name for path in tmp_path.iterdir()] == ["r.sqlite"]


def test_the_commands_say_the_same_on_both(location: str, tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    file = tmp_path / "f.jsonl"
    file.write_bytes(
        b"\n".join(line(document(healthy(), input=f"https://{n}.example/")) for n in range(3))
    )
    said = []
    for db in (str(desk.db), location):
        assert desk("import", "ooni", str(file), "--db", db).returncode == 0
        said.append(desk("results", "--json", "--db", db).stdout)
    assert said[0] == said[1]
    assert said[0].count("\n") == 3
    gone = desk("forget", "--all", "--yes", "--db", location)
    assert gone.returncode == 0, gone.stderr
    assert "the server's files" in gone.stdout + gone.stderr


def test_a_run_into_a_server_is_made_paused_shown_and_judged(location: str, tmp_path: Path) -> None:
    home = Home(tmp_path)
    at = ("--db", location)
    done = home("run", "--yes", "--json", "site.example", *at)
    assert done.returncode in {0, 68}, done.stderr
    (line,) = (row for row in map(json.loads, done.stdout.splitlines()) if row["kind"] == "verdict")
    assert line["outcome"] == "measured"
    shown = home("show", str(line["measurement_id"]), *at)
    assert shown.returncode == 0, shown.stderr
    assert "site.example" in shown.stdout

    assert home("pause", *at).returncode == 0
    stopped = home("run", "--yes", "site.example", "--fresh", *at)
    assert "paused" in stopped.stderr
    assert home("resume", *at).returncode == 0

    for words in (("report", "--out", str(tmp_path / "r.html")), ("analyse",), ("nightly",)):
        assert home(*words, *at).returncode == 0, words
    for kind in ("csv", "jsonl", "sqlite"):
        done = home("export", kind, str(tmp_path / kind), "--address-unknown", *at)
        assert done.returncode == 0, done.stderr
    assert home("export", "parquet", str(tmp_path / "parquet"), *at).returncode == 0
    assert home("verify", str(tmp_path / "sqlite")).returncode == 0
    assert home("privacy", *at).returncode == 0
    assert home("consent", "show", *at).returncode == 0


@pytest.mark.parametrize(
    "done",
    [
        "DROP TABLE verdicts CASCADE",
        "DROP VIEW api_v1_verdicts",
        "ALTER TABLE verdicts RENAME COLUMN state TO condition",
        "DROP VIEW api_v1_verdicts; CREATE VIEW api_v1_verdicts AS SELECT 1 AS x",
    ],
)
def test_a_schema_that_others_changed_is_told(
    postgres: Server, database: str, location: str, done: str
) -> None:
    postgres.sql(done, database)
    engine = open_engine(location, read_only=True)
    with pytest.raises(StorageError, match=r"was altered \(.*does not exist\); choose another"):
        read_verdicts(engine)
    engine.dispose()
