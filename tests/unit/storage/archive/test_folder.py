"""The folder of an archive is ours before anything in it is touched."""

import shutil
from pathlib import Path

import pytest

from storage.archive.folder import BESIDE, describe, held, tidy
from storage.archive.shapes import COPY, DESCRIPTION, README, Archive, file_of, load
from storage.errors import CannotWrite, StorageError


def test_a_new_folder_is_an_archive_of_nothing(tmp_path: Path) -> None:
    with held(tmp_path / "a") as folder:
        assert load(folder) == Archive()
    assert {path.name for path in folder.iterdir()} == {COPY, DESCRIPTION, README}
    assert "Not for publication" in (folder / README).read_text(encoding="utf-8")
    assert folder.stat().st_mode & 0o777 == 0o700


def test_a_folder_of_somebody_else_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "steps").mkdir()
    with pytest.raises(CannotWrite, match="is there, and no archive"), held(tmp_path):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["steps"]


def test_a_file_and_a_missing_place_are_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CannotWrite, match="no folder"), held(tmp_path / "file"):
        pass
    with pytest.raises(CannotWrite, match="make it first"), held(tmp_path / "none" / "a"):
        pass


def test_two_exports_never_write_to_one_archive(tmp_path: Path) -> None:
    with held(tmp_path / "a") as folder:
        with pytest.raises(StorageError, match="another export"), held(folder):
            pass
        assert (folder / BESIDE).is_dir()


def test_what_a_kill_left_goes_and_foreign_files_stay(tmp_path: Path) -> None:
    with held(tmp_path / "a") as folder:
        pass
    left = folder / file_of("steps", "2026-11-23", "XA", "ab" * 32)
    left.parent.mkdir(parents=True)
    left.touch()
    foreign = left.parent / "mine.parquet"
    foreign.touch()
    (folder / "notes.txt").touch()
    (folder / BESIDE).mkdir()
    (folder / BESIDE / "part.parquet").touch()
    with held(folder):
        assert not left.exists()
        assert list((folder / BESIDE).iterdir()) == []
    assert foreign.exists()
    assert (folder / "notes.txt").exists()
    foreign.unlink()


def test_tidying_removes_folders_that_are_empty_then(tmp_path: Path) -> None:
    with held(tmp_path / "a") as folder:
        left = folder / file_of("steps", "2026-11-23", "XA", "ab" * 32)
        left.parent.mkdir(parents=True)
        left.touch()
        tidy(folder, Archive())
        assert not (folder / "steps").exists()


def test_describing_replaces_the_description(tmp_path: Path) -> None:
    with held(tmp_path / "a") as folder:
        describe(folder, Archive(ruleset=4))
    assert load(folder).ruleset == 4


def test_a_description_that_is_lost_or_damaged_is_mended_by_its_copy(tmp_path: Path) -> None:
    with held(tmp_path / "a") as folder:
        describe(folder, Archive(ruleset=4))
    whole = (folder / DESCRIPTION).read_bytes()
    assert (folder / COPY).read_bytes() == whole
    left = folder / file_of("steps", "2026-11-23", "XA", "ab" * 32)
    left.parent.mkdir(parents=True)
    left.touch()
    for ruin in (Path.unlink, spoil):
        ruin(folder / DESCRIPTION)
        with pytest.raises(StorageError, match=f"copy {COPY}"), held(folder):
            pass
        assert left.exists(), "nothing is tidied away while nobody knows what belongs to it"
        shutil.copy(folder / COPY, folder / DESCRIPTION)
        assert load(folder).ruleset == 4
    (folder / DESCRIPTION).unlink()
    (folder / COPY).unlink()
    with pytest.raises(StorageError, match="from a copy of the folder"), held(folder):
        pass


def spoil(path: Path) -> None:
    path.write_bytes(b"{" + path.read_bytes())


def test_a_folder_that_was_there_is_for_its_owner_alone_from_then_on(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir(mode=0o755)
    with held(tmp_path / "a") as folder:
        assert folder.stat().st_mode & 0o777 == 0o700
    folder.chmod(0o750)
    with held(folder):
        assert folder.stat().st_mode & 0o777 == 0o750, "whoever opened it later meant to"


def _refused(folder: Path) -> None:
    with pytest.raises(StorageError, match="no"), held(folder):
        raise StorageError("no")


def test_an_error_before_anything_was_written_leaves_nothing(tmp_path: Path) -> None:
    _refused(tmp_path / "new")
    assert not (tmp_path / "new").exists()
    (tmp_path / "empty").mkdir()
    _refused(tmp_path / "empty")
    assert list((tmp_path / "empty").iterdir()) == []


def test_an_error_later_takes_nothing_away(tmp_path: Path) -> None:
    with held(tmp_path / "a"):
        pass
    _refused(tmp_path / "a")
    assert load(tmp_path / "a") == Archive()

    def fail_later() -> None:
        with held(tmp_path / "b") as folder:
            (folder / "steps").mkdir()
            raise StorageError("later")

    with pytest.raises(StorageError, match="later"):
        fail_later()
    assert load(tmp_path / "b") == Archive()
