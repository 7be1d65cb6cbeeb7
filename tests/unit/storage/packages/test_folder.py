"""A folder is whole or not there, and two exports to one place do not mix."""

import fcntl
import os
import stat
from pathlib import Path

import pytest

from storage.errors import CannotWrite
from storage.packages.folder import Taken, write_folder


def fill(folder: Path) -> None:
    (folder / "a").write_text("whole", encoding="utf-8")


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_it_is_there_when_it_is_whole_and_for_its_owner_alone(tmp_path: Path) -> None:
    out, seen = tmp_path / "out", []

    def look(folder: Path) -> None:
        seen.append(out.exists())
        fill(folder)

    write_folder(out, look)

    assert seen == [False]
    assert names(tmp_path) == ["out"]
    assert (out / "a").read_text(encoding="utf-8") == "whole"
    assert stat.S_IMODE(out.stat().st_mode) == 0o700
    assert stat.S_IMODE((out / "a").stat().st_mode) == 0o600


def test_what_fails_leaves_nothing(tmp_path: Path) -> None:
    def broken(folder: Path) -> None:
        fill(folder)
        raise RuntimeError("power cut")

    with pytest.raises(RuntimeError, match="power cut"):
        write_folder(tmp_path / "out", broken)
    assert names(tmp_path) == []


def test_what_a_killed_export_left_is_removed_first(tmp_path: Path) -> None:
    left = tmp_path / ".out.partial"
    (left / "deep").mkdir(parents=True)
    (left / "half").write_text("ha", encoding="utf-8")
    (left / "link").symlink_to(tmp_path)
    write_folder(tmp_path / "out", fill)

    assert names(tmp_path) == ["out"]
    assert names(tmp_path / "out") == ["a"]


def test_an_empty_folder_is_filled_and_any_other_is_left(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    write_folder(tmp_path / "empty", fill)
    assert names(tmp_path / "empty") == ["a"]

    for there in (tmp_path / "empty", tmp_path / "empty" / "a"):
        with pytest.raises(CannotWrite, match="is there"):
            write_folder(there, fill)
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    with pytest.raises(CannotWrite, match="no folder"):
        write_folder(tmp_path / "link", fill)


def test_a_place_without_a_folder_around_it_is_told(tmp_path: Path) -> None:
    with pytest.raises(CannotWrite, match="make it first"):
        write_folder(tmp_path / "nowhere" / "out", fill)


def test_a_folder_does_not_go_to_stdout() -> None:
    with pytest.raises(CannotWrite, match="can't go to stdout"):
        write_folder(Path("-"), fill)
    assert not Path("-").exists()


def test_a_disk_that_is_full_is_told_and_nothing_is_left(tmp_path: Path) -> None:
    def full(folder: Path) -> None:
        fill(folder)
        raise OSError(28, "No space left on device")

    with pytest.raises(CannotWrite, match="No space left"):
        write_folder(tmp_path / "out", full)
    assert names(tmp_path) == []


def test_two_exports_to_one_place_do_not_mix(tmp_path: Path) -> None:
    def second(folder: Path) -> None:
        fill(folder)
        with pytest.raises(Taken, match="under way"):
            write_folder(tmp_path / "out", fill)

    write_folder(tmp_path / "out", second)
    assert names(tmp_path / "out") == ["a"]


def test_a_folder_renamed_while_it_was_waited_for_is_not_emptied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, lock = tmp_path / "out", fcntl.flock
    moved: list[int] = []

    def late(handle: int, how: int) -> None:
        if not moved:  # the other one is done just before we get the lock
            moved.append(handle)
            (tmp_path / ".other.partial" / "theirs").write_text("whole", encoding="utf-8")
            os.rename(tmp_path / ".other.partial", out)
        lock(handle, how)

    monkeypatch.setattr(fcntl, "flock", late)
    write_folder(tmp_path / "other", fill)

    assert names(out) == ["theirs"]
    assert names(tmp_path / "other") == ["a"]
