"""An archive follows its database: what changed is written, what did not is left alone."""

from collections.abc import Callable
from pathlib import Path

import pytest

from storage.archive.shapes import Archive, encoded
from storage.archive.writing import Archiving
from storage.errors import MissingDatabase
from storage.forgetting import What
from storage.store import Store
from tests.unit.storage.archive.conftest import exported

Save = Callable[..., str]
Export = Callable[[], Archive]


def files(folder: Path) -> dict[str, tuple[int, int]]:
    """Every file of data, with what changes when it is written again."""
    return {
        path.relative_to(folder).as_posix(): (path.stat().st_ino, path.stat().st_mtime_ns)
        for path in folder.rglob("*.parquet")
    }


def test_an_empty_database_is_an_empty_archive(export: Export) -> None:
    assert export() == Archive(ruleset=1)


def test_where_there_is_no_database_nothing_is_made(tmp_path: Path) -> None:
    with pytest.raises(MissingDatabase):
        exported(tmp_path / "none", tmp_path / "archive")
    assert list(tmp_path.iterdir()) == []


def test_late_looks_open_their_day_alone(tmp_path: Path, save: Save, export: Export) -> None:
    save(1)
    save(2, "2026-11-24")
    save(3, "2026-11-24", "XB")
    first = export()
    before = files(tmp_path / "archive")
    save(4, "2026-11-24", "XB")
    second = export()
    after = files(tmp_path / "archive")

    assert len(first.cells) == len(second.cells) == 3
    changed = dict(before.items() ^ after.items())
    assert changed
    assert all("day=2026-11-24/country=XB" in name for name in changed)
    assert set(after) == {part.file for part in second.parts}


def test_nothing_is_written_when_nothing_changed(
    tmp_path: Path, save: Save, export: Export
) -> None:
    save(1)
    export()
    before = files(tmp_path), (tmp_path / "archive" / "archive.json").stat().st_mtime_ns
    export()
    assert (files(tmp_path), (tmp_path / "archive" / "archive.json").stat().st_mtime_ns) == before


def test_rules_that_come_into_force_are_told(
    tmp_path: Path, place: Path, save: Save, export: Export
) -> None:
    save(1)
    export()
    before = files(tmp_path)
    with Store.open(str(place)) as store:
        store.activate(2)
    assert export().ruleset == 2
    assert files(tmp_path) == before


def test_what_was_forgotten_leaves_the_archive(
    tmp_path: Path, place: Path, save: Save, export: Export
) -> None:
    save(1)
    save(2, "2026-11-24")
    export()
    with Store.open(str(place)) as store:
        store.forgetting.forget(What(host="example.org"))
    assert export() == Archive(ruleset=1)
    assert files(tmp_path) == {}


def test_left_half_way_what_is_done_is_kept_and_the_rest_follows(
    tmp_path: Path, place: Path, save: Save, export: Export
) -> None:
    for number in range(1, 5):
        save(number, f"2026-11-0{number}")
    work = Archiving(str(place), tmp_path / "archive")
    days = work.days()
    assert [next(days).left, next(days).left] == [3, 2]
    days.close()  # type: ignore[attr-defined]
    assert [cell.day for cell in work.archive.cells] == ["2026-11-01", "2026-11-02"]
    before = files(tmp_path / "archive")

    assert encoded(export()) == encoded(exported(place, tmp_path / "other"))
    assert before.items() <= files(tmp_path / "archive").items()


def test_a_hostile_country_stays_in_the_folder(tmp_path: Path, save: Save, export: Export) -> None:
    for number, country in enumerate(("", "..", "../../x", "a=b/c", "\x00", "é" * 400, "%2E")):
        save(number, country=country)
    archive = export()
    assert len(archive.cells) == 7
    assert {path.name for path in tmp_path.iterdir()} == {"archive", "r.sqlite"}
    assert set(files(tmp_path / "archive")) == {part.file for part in archive.parts}
