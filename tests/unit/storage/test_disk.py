"""Files and folders are put on disk; what can't be is an error."""

import os
from pathlib import Path

import pytest

from storage.disk import sync


def test_a_file_and_a_folder_are_put_on_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settled: list[os.stat_result] = []
    monkeypatch.setattr(os, "fsync", lambda handle: settled.append(os.fstat(handle)))
    file = tmp_path / "f"
    file.write_bytes(b"x")
    sync(file)
    sync(tmp_path)
    assert [one.st_ino for one in settled] == [file.stat().st_ino, tmp_path.stat().st_ino]


def test_what_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        sync(tmp_path / "none")
