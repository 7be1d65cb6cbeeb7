"""Asking leaves the database, and its folder, as they were; what does not end is ended."""

import sqlite3
import stat
from pathlib import Path

import pytest

from storage.asking import Asking, Refused, TooMuch, shown
from storage.errors import MissingDatabase, StorageError
from storage.question import MEGABYTE, Limits
from storage.tables import metadata
from storage.views import VIEWS
from tests.lab.planted import HOSTILE, plant

HUNGRY = (
    "WITH RECURSIVE n(i, t) AS (SELECT 1, printf('%.900000c', 'a')"
    " UNION ALL SELECT i + 1, t FROM n) SELECT i FROM n ORDER BY t || i"
)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("asked") / "with ? and #.sqlite"
    plant(path)
    return path


def test_a_question_is_answered_and_no_file_is_left_beside_the_database(place: Path) -> None:
    before = place.read_bytes()
    with Asking(str(place)) as asking:
        answer = asking.ask("SELECT count(*) AS n FROM api_v1_steps", Limits(seconds=10))

    assert (answer.columns, answer.rows, answer.cut) == (("n",), [(len(HOSTILE),)], False)
    assert [path.name for path in place.parent.iterdir()] == [place.name]
    assert place.read_bytes() == before


def test_what_a_writer_has_just_stored_is_seen(place: Path, tmp_path: Path) -> None:
    copy = tmp_path / "r.sqlite"
    copy.write_bytes(place.read_bytes())
    writer = sqlite3.connect(copy)
    writer.execute("UPDATE measurements SET probe = 'mine'")
    writer.commit()
    with Asking(str(copy)) as asking:
        answer = asking.ask("SELECT DISTINCT probe FROM api_v1_steps", Limits(seconds=10))
    writer.close()

    assert answer.rows == [("mine",)]


def test_memory_is_bounded(place: Path) -> None:
    limits = Limits(seconds=20, memory_bytes=160 * MEGABYTE)
    with Asking(str(place)) as asking, pytest.raises(TooMuch, match="160 MB to work it out"):
        asking.ask(HUNGRY, limits)


def test_a_refusal_is_an_error_of_storage(place: Path) -> None:
    with Asking(str(place)) as asking:
        with pytest.raises(Refused, match="DROP is refused"):
            asking.ask("DROP TABLE steps", Limits())
        with pytest.raises(Refused, match="half a character"):
            asking.ask("SELECT '\ud800'", Limits())
    assert issubclass(Refused, StorageError)


def test_no_database_is_made(tmp_path: Path) -> None:
    with pytest.raises(MissingDatabase):
        Asking(str(tmp_path / "nothing.sqlite"))
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_can_not_be_written_is_read(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = tmp_path / "r.sqlite"
    copy.write_bytes(place.read_bytes())
    tmp_path.chmod(stat.S_IRUSR | stat.S_IXUSR)
    monkeypatch.setattr("os.access", lambda path, mode: False)  # who runs the tests may be root
    with Asking(str(copy)) as asking:
        answer = asking.ask("SELECT count(*) FROM api_v1_steps", Limits(seconds=10))
    tmp_path.chmod(stat.S_IRWXU)

    assert answer.rows == [(len(HOSTILE),)]
    assert [path.name for path in tmp_path.iterdir()] == [copy.name]


def test_what_is_beneath_a_view_is_what_it_uses() -> None:
    found = shown()

    assert set(found) == {view.name for view in VIEWS}
    tables = {table for beneath in found.values() for table in beneath}
    assert tables >= {"measurements", "steps", "verdicts", "settings"}
    assert tables.isdisjoint({"consents", "hits", "runs"})
    for beneath in found.values():
        for table, columns in beneath.items():
            assert set(columns) <= set(metadata.tables[table].columns.keys())
    assert "value" not in found["api_v1_steps"].get("settings", ())
