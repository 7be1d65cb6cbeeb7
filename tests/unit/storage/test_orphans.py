"""A database that was removed takes its log along, and one that was moved loses nothing."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from storage.orphans import BESIDE, orphans, remove_orphans
from storage.store import Store

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


def filled(folder: Path) -> Path:
    """A place for a database, with everything that may stand beside one."""
    database = folder / "r.sqlite"
    for end in BESIDE:
        database.with_name(f"r.sqlite{end}").write_text("a name")
    return database


def test_only_where_the_database_is_gone_its_files_are_orphans(tmp_path: Path) -> None:
    database = filled(tmp_path)
    database.touch()
    assert orphans(database) == []

    database.unlink()
    assert [file.name for file in orphans(database)] == [f"r.sqlite{end}" for end in BESIDE]


def test_they_are_removed_and_nothing_else_is(tmp_path: Path) -> None:
    database = filled(tmp_path)
    (tmp_path / "r.sqlite-paused").touch()
    (tmp_path / "other.sqlite-wal").touch()
    remove_orphans(database)

    assert sorted(file.name for file in tmp_path.iterdir()) == [
        "other.sqlite-wal",
        "r.sqlite-paused",
    ]
    remove_orphans(database)


def test_a_database_that_is_removed_while_in_use_leaves_nothing(tmp_path: Path) -> None:
    database = tmp_path / "r.sqlite"
    with Store.open(str(database)) as store:
        store.runs.take("a name", NOW, 1, fresh=False)
        assert database.with_name("r.sqlite-wal").exists()
        database.unlink()

    assert list(tmp_path.iterdir()) == []


def test_one_that_is_moved_holds_all_that_was_stored(tmp_path: Path) -> None:
    database, moved = tmp_path / "r.sqlite", tmp_path / "moved.sqlite"
    with Store.open(str(database)) as store:
        database.rename(moved)
        store.runs.begin("stored afterwards", NOW, 1)

    assert list(tmp_path.iterdir()) == [moved]
    with closing(sqlite3.connect(moved)) as connection:
        assert connection.execute("select run_hash from runs").fetchall() == [
            ("stored afterwards",)
        ]
