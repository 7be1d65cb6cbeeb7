"""What an archive has that a database has not, and which of its files are damaged."""

from collections.abc import Callable
from pathlib import Path

import pytest

from storage.archive.beyond import beyond, damaged
from storage.archive.content import cells_of
from storage.archive.shapes import Archive
from storage.engine import open_engine, reading
from storage.forgetting import What
from storage.store import Store

Save = Callable[..., str]
Export = Callable[[], Archive]


def missing(place: Path, folder: Path, archive: Archive) -> int:
    engine = open_engine(str(place), read_only=True)
    try:
        with reading(engine) as connection:
            return beyond(connection, folder, archive, cells_of(connection))
    finally:
        engine.dispose()


def test_a_database_that_only_grew_lacks_nothing(
    tmp_path: Path, place: Path, save: Save, export: Export
) -> None:
    save(1)
    archive = export()
    save(2)
    save(3, "2026-11-24")
    assert missing(place, tmp_path / "archive", archive) == 0


def test_what_was_forgotten_is_counted_also_where_other_looks_came(
    tmp_path: Path, place: Path, save: Save, export: Export
) -> None:
    for number in range(3):
        save(number)
    archive = export()
    with Store.open(str(place)) as store:
        store.forgetting.forget(What())
    assert missing(place, tmp_path / "archive", archive) == 3
    save(0)
    save(7)
    save(8)
    assert missing(place, tmp_path / "archive", archive) == 2


@pytest.mark.parametrize("content", [None, b"", b"PAR1"])
def test_a_file_is_damaged_when_it_is_missing_or_has_another_size(
    tmp_path: Path, save: Save, export: Export, content: bytes | None
) -> None:
    save(1)
    save(2, "2026-11-24")
    archive = export()
    assert damaged(tmp_path / "archive", archive) == set()
    file = tmp_path / "archive" / archive.parts[0].file
    file.unlink()
    if content is not None:
        file.write_bytes(content)
    assert damaged(tmp_path / "archive", archive) == {("2026-11-23", "XA")}


def test_where_a_file_can_not_be_read_all_of_it_is_counted(
    tmp_path: Path, place: Path, save: Save, export: Export
) -> None:
    save(1)
    archive = export()
    file = tmp_path / "archive" / archive.parts[0].file
    file.write_bytes(bytes(file.stat().st_size))
    assert missing(place, tmp_path / "archive", archive) == 0, "the database has the same"
    save(2)
    assert missing(place, tmp_path / "archive", archive) == 1
