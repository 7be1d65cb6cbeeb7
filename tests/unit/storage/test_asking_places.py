"""Which engine answers for which place, and what it is told of it."""

import re
from pathlib import Path

import pytest

from heliograph.extras import install
from storage.asking_places import file_to_read, find
from storage.engine import open_engine
from storage.errors import MissingDatabase, StorageError
from storage.folders import ARCHIVE
from storage.packages.shapes import DATABASE
from tests.lab.planted import plant


def test_a_file_is_opened_to_be_read_and_nothing_else(tmp_path: Path) -> None:
    plant(tmp_path / "r?.sqlite")
    place = find(f"sqlite:///{tmp_path}/r?.sqlite".replace("?", "%3F"))
    place.close()

    assert place.engine == "sqlite"
    assert place.told == (tmp_path / "r?.sqlite").as_uri() + "?mode=ro"


def test_a_file_that_nobody_can_change_is_taken_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(tmp_path / "r.sqlite")
    engine = open_engine(str(tmp_path / "r.sqlite"), read_only=True)
    monkeypatch.setattr("os.access", lambda path, mode: False)

    assert file_to_read(engine).endswith("?mode=ro&immutable=1")


def test_a_folder_with_the_description_of_an_archive_is_one(tmp_path: Path) -> None:
    (tmp_path / ARCHIVE).write_text("{}", encoding="utf-8")
    place = find(str(tmp_path))
    place.close()

    assert (place.engine, place.shown, place.told) == ("duckdb", str(tmp_path), str(tmp_path))


def test_an_exported_folder_is_its_database(tmp_path: Path) -> None:
    plant(tmp_path / DATABASE)
    place = find(str(tmp_path))
    place.close()

    assert (place.engine, place.shown) == ("sqlite", str(tmp_path / DATABASE))


@pytest.mark.parametrize("extra", ["archive"])
def test_a_missing_library_is_one_clear_line(
    tmp_path: Path, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ARCHIVE).write_text("{}", encoding="utf-8")
    monkeypatch.setattr("storage.asking_places.find_spec", lambda name: None)
    with pytest.raises(StorageError, match=re.escape(install(extra))):
        find(str(tmp_path))


def test_nothing_is_there_is_told_and_nothing_is_made(tmp_path: Path) -> None:
    with pytest.raises(MissingDatabase):
        find(str(tmp_path / "none.sqlite"))
    assert list(tmp_path.iterdir()) == []
