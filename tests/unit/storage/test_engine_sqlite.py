"""Opening an SQLite file, and what goes wrong with that."""

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from storage import engine_sqlite as room
from storage.engine import open_engine, reading, writing
from storage.errors import CannotWrite, MissingDatabase, StorageError


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_missing_folders_and_the_file_are_made_for_us_alone(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "c ?%20.sqlite"
    engine = open_engine(str(path))
    with writing(engine) as connection:
        connection.exec_driver_sql("CREATE TABLE t (x TEXT)")
        assert {mode(file) for file in path.parent.iterdir()} == {0o600}
    engine.dispose()
    assert [mode(folder) for folder in (path.parent, path.parent.parent)] == [0o700, 0o700]
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_sqlite_is_told_to_be_careful_on_every_connection(tmp_path: Path) -> None:
    engine = open_engine(str(tmp_path / "a.sqlite"))
    with engine.connect() as one, engine.connect() as two:
        for name, value in (
            ("journal_mode", "wal"),
            ("synchronous", 2),
            ("foreign_keys", 1),
            ("busy_timeout", 10_000),
        ):
            for connection in (one, two):
                assert connection.exec_driver_sql(f"PRAGMA {name}").scalar() == value
    engine.dispose()


def test_reading_needs_a_database_and_makes_none(tmp_path: Path) -> None:
    path = tmp_path / "no" / "where.sqlite"
    with pytest.raises(MissingDatabase, match=r"where\.sqlite.*'heliograph run' makes one"):
        open_engine(str(path), read_only=True)
    assert not path.parent.exists()


def test_an_empty_file_is_no_database_yet(tmp_path: Path) -> None:
    path = tmp_path / "empty.sqlite"
    path.touch()
    with pytest.raises(MissingDatabase):
        open_engine(str(path), read_only=True)


def test_reading_a_folder_is_an_error_with_its_name(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=f"{tmp_path}: is a folder"):
        open_engine(str(tmp_path), read_only=True)


def test_what_cannot_be_made_is_an_error_with_path_and_mend(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CannotWrite, match=f"^{tmp_path}.*can't be written.*--db"):
        open_engine(str(tmp_path / "file" / "under.sqlite"))


def test_a_folder_is_nothing_to_write_into(tmp_path: Path) -> None:
    with pytest.raises(CannotWrite, match=f"^{tmp_path}: is a folder"):
        open_engine(str(tmp_path))


def test_a_folder_without_rights_is_an_error_with_path_and_mend(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(CannotWrite, match="Permission denied"):
        open_engine(str(tmp_path / "a.sqlite"))


def test_a_reader_can_not_write_and_leaves_no_side_files(made: Path) -> None:
    engine = open_engine(str(made), read_only=True)
    with reading(engine) as connection:
        assert connection.exec_driver_sql("SELECT * FROM t").all() == []
    with pytest.raises(OperationalError), writing(engine) as connection:
        connection.exec_driver_sql("INSERT INTO t VALUES ('x')")
    engine.dispose()
    assert os.listdir(made.parent) == [made.name]


def access_without(*forbidden: Path) -> Callable[[Path, int], bool]:
    return lambda path, wanted: not (wanted == os.W_OK and Path(path) in forbidden)


@pytest.mark.parametrize("folder_too", [False, True])
@pytest.mark.parametrize("side_file", [False, True])
def test_a_file_that_may_only_be_read_can_be_read(
    made: Path, monkeypatch: pytest.MonkeyPatch, *, folder_too: bool, side_file: bool
) -> None:
    if side_file:
        Path(f"{made}-wal").touch()
    forbidden = [made, made.parent] if folder_too else [made]
    monkeypatch.setattr(os, "access", access_without(*forbidden))
    before = set(os.listdir(made.parent))
    engine = open_engine(str(made), read_only=True)
    with reading(engine) as connection:
        assert connection.exec_driver_sql("SELECT * FROM t").all() == []
    engine.dispose()
    if folder_too and not side_file:
        assert set(os.listdir(made.parent)) == before


def test_a_file_of_another_kind_is_told_apart_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("this is no database at all, but long enough to look at" * 100)
    for read_only in (False, True):
        engine = open_engine(str(path), read_only=read_only)
        with pytest.raises(StorageError, match="is not a SQLite database"), reading(engine) as c:
            c.exec_driver_sql("SELECT * FROM sqlite_master")
        engine.dispose()
    assert path.read_text().startswith("this is no database")


def test_a_foreign_database_is_not_switched_to_another_journal(tmp_path: Path) -> None:
    path = tmp_path / "foreign.sqlite"
    foreign = sqlite3.connect(path)
    foreign.execute("CREATE TABLE t (x)")
    foreign.commit()
    foreign.close()
    before = path.read_bytes()
    engine = open_engine(str(path))
    with reading(engine) as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "delete"
    engine.dispose()
    assert path.read_bytes() == before


def test_a_full_disk_is_an_error_with_path_and_mend(made: Path) -> None:
    engine = open_engine(str(made))
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 3")
    expected = r"made\.sqlite: can't be written .*full"
    with pytest.raises(CannotWrite, match=expected), writing(engine) as connection:
        connection.exec_driver_sql("INSERT INTO t VALUES (?)", ("x" * 100_000,))
    with reading(engine) as connection:
        assert connection.exec_driver_sql("SELECT * FROM t").all() == []
    engine.dispose()


def test_a_disk_that_fails_a_reader_is_not_called_unwritable(made: Path) -> None:
    engine = open_engine(str(made), read_only=True)
    made.rename(made.with_name("gone"))
    expected = r"made\.sqlite: can't be read"
    with pytest.raises(StorageError, match=expected) as caught, reading(engine) as connection:
        connection.exec_driver_sql("SELECT * FROM t")
    assert not isinstance(caught.value, CannotWrite)
    engine.dispose()


def test_a_database_locked_by_another_is_told_so_and_readers_go_on(
    made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "_BUSY_MILLISECONDS", 1)
    one, two = open_engine(str(made)), open_engine(str(made))
    with writing(one) as holder:
        holder.exec_driver_sql("INSERT INTO t VALUES ('x')")
        with pytest.raises(StorageError, match="in use by another program"), writing(two):
            pass
        with reading(two) as connection:
            assert connection.exec_driver_sql("SELECT * FROM t").all() == []
    one.dispose()
    two.dispose()
