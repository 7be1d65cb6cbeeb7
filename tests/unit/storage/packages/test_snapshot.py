"""The same rows make the same file, and it is a database like any of ours."""

import random
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from heliograph.model import Measurement, Verdict
from storage.errors import CannotWrite
from storage.packages.shapes import Counts
from storage.packages.snapshot import write_snapshot
from storage.store import Store

Judged = tuple[Measurement, Verdict | None]


def test_whatever_came_first_the_bytes_are_the_same(tmp_path: Path, looks: list[Judged]) -> None:
    mixed = random.Random(7).sample(looks, len(looks))
    write_snapshot(tmp_path / "a.sqlite", looks, 1)
    write_snapshot(tmp_path / "b.sqlite", mixed, 1)

    assert (tmp_path / "a.sqlite").read_bytes() == (tmp_path / "b.sqlite").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.sqlite", "b.sqlite"]


def test_a_look_that_is_there_twice_is_one(tmp_path: Path, looks: list[Judged]) -> None:
    once = write_snapshot(tmp_path / "a.sqlite", looks, 1)
    twice = write_snapshot(tmp_path / "b.sqlite", [*looks, *looks], 1)

    assert once == twice == Counts(measurements=16, steps=30, verdicts=16)


def test_it_is_a_database_of_this_version(tmp_path: Path, looks: list[Judged]) -> None:
    place = tmp_path / "a.sqlite"
    write_snapshot(place, looks, 1)
    with Store.open_to_read(str(place)) as store:
        assert store.current_ruleset() == 1
        for measurement, verdict in looks:
            assert store.measurement(measurement.id) == measurement
            assert store.verdicts(measurement.id) == ([] if verdict is None else [verdict])


def test_rows_stand_in_the_order_of_their_ids(tmp_path: Path, looks: list[Judged]) -> None:
    write_snapshot(tmp_path / "a.sqlite", reversed(looks), 1)
    with closing(sqlite3.connect(tmp_path / "a.sqlite")) as connection:
        ids = [row[0] for row in connection.execute("SELECT id FROM measurements ORDER BY rowid")]
    assert ids == sorted(ids)


def test_a_place_that_takes_no_more_is_told(
    tmp_path: Path, looks: list[Judged], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr("storage.packages.snapshot.sqlite3.connect", full)
    monkeypatch.setattr("storage.packages.snapshot._gather", lambda *_: None)
    with pytest.raises(CannotWrite, match=r"disk is full.*make room"):
        write_snapshot(tmp_path / "a.sqlite", looks, 1)
