"""An archive follows its database: what changed is written, what did not is left alone."""

from collections.abc import Callable
from pathlib import Path

import pytest

from storage.archive.checking import check_archive
from storage.archive.shapes import Archive, encoded, load
from storage.archive.writing import Archiving
from storage.errors import MissingDatabase, StorageError
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


def test_what_was_forgotten_leaves_the_archive_when_that_is_asked_for(
    tmp_path: Path, place: Path, save: Save, export: Export
) -> None:
    save(1)
    save(2, "2026-11-24")
    export()
    with Store.open(str(place)) as store:
        store.forgetting.forget(What(host="example.org"))
    assert exported(place, tmp_path / "archive", removing=True) == Archive(ruleset=1)
    assert files(tmp_path) == {}


def test_another_database_takes_nothing_out_of_an_archive(
    tmp_path: Path, place: Path, save: Save, export: Export
) -> None:
    save(1)
    save(2, country="XB")
    whole, before = export(), files(tmp_path)
    other = tmp_path / "other.sqlite"
    with Store.open(str(other)) as store:
        store.activate(1)
    with pytest.raises(StorageError, match=r"nothing was written.* lacks 2 measurements"):
        exported(other, tmp_path / "archive")

    place.unlink()
    with Store.open(str(place)) as store:
        store.activate(1)
    save(3)  # of the same day and country as the first
    with pytest.raises(StorageError, match="lacks 2 measurements of it"):
        export()
    assert load(tmp_path / "archive") == whole
    assert files(tmp_path) == before


def test_a_file_that_is_missing_or_cut_off_is_written_anew(
    tmp_path: Path, save: Save, export: Export
) -> None:
    for number in range(1, 4):
        save(number, f"2026-11-0{number}")
    first = export()
    gone, cut, kept = (tmp_path / "archive" / part.file for part in first.parts[::3])
    gone.unlink()
    cut.write_bytes(cut.read_bytes()[:-1])
    before = kept.stat().st_ino
    assert export() == first
    assert check_archive(tmp_path / "archive").faults == ()
    assert kept.stat().st_ino == before


def test_where_damage_hides_what_an_archive_holds_nothing_is_taken_out(
    tmp_path: Path, save: Save, export: Export
) -> None:
    save(1)
    (tmp_path / "archive" / export().parts[0].file).write_bytes(b"")
    save(2)
    with pytest.raises(StorageError, match="lacks 1 measurement of it"):
        export()


def test_left_half_way_what_is_done_is_kept_and_the_rest_follows(
    tmp_path: Path, place: Path, save: Save, export: Export
) -> None:
    for number in range(1, 5):
        save(number, f"2026-11-0{number}")
    work = Archiving(str(place), tmp_path / "archive")
    days = work.days()
    assert [next(days).left, next(days).left] == [3, 2]
    days.close()
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
