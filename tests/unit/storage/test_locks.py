"""A lock keeps other processes out, never a second look of our own, and dies with its process."""

import subprocess
import sys
from pathlib import Path

import pytest

from storage.errors import CannotWrite
from storage.locks import Locks

OTHER = """
import sys
from pathlib import Path
from storage.locks import Locks
locks = Locks(Path(sys.argv[1]))
print(*(locks.take(int(run)) for run in sys.argv[2:]))
"""


def another_takes(path: Path, *runs: int) -> list[str]:
    """What a second process gets when it tries."""
    root = Path(__file__).parents[3]
    told = subprocess.run(
        [sys.executable, "-c", OTHER, str(path), *map(str, runs)],
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    )
    return told.stdout.split()


def test_a_run_taken_is_refused_to_others_and_its_neighbours_are_not(tmp_path: Path) -> None:
    locks = Locks(tmp_path / "x-lock")

    assert locks.take(2)
    assert another_takes(tmp_path / "x-lock", 1, 2, 3) == ["True", "False", "True"]
    locks.close()
    locks.close()
    assert another_takes(tmp_path / "x-lock", 2) == ["True"], "and it died with that process, too"
    assert locks.take(2)
    locks.close()


def test_the_gate_is_left_open(tmp_path: Path) -> None:
    locks = Locks(tmp_path / "x-lock")
    with locks.gate():
        assert locks.take(1)
        assert another_takes(tmp_path / "x-lock", 0) == ["False"]
    assert another_takes(tmp_path / "x-lock", 0) == ["True"]
    locks.close()


def test_the_file_is_ours_alone_and_stays_empty(tmp_path: Path) -> None:
    locks = Locks(tmp_path / "x-lock")
    locks.take(7)
    locks.close()

    status = (tmp_path / "x-lock").stat()
    assert (status.st_mode & 0o777, status.st_size) == (0o600, 0)


def test_a_database_in_memory_is_nobody_else_s() -> None:
    locks = Locks(None)
    with locks.gate():
        assert locks.take(1)


def test_where_no_file_can_be_made_the_place_is_named(tmp_path: Path) -> None:
    with pytest.raises(CannotWrite, match="x-lock: can't be written"):
        Locks(tmp_path / "none" / "x-lock").take(1)


def test_a_file_system_without_locks_is_no_obstacle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(*_: object) -> None:
        raise OSError(37, "No locks available")

    monkeypatch.setattr("fcntl.lockf", none)
    locks = Locks(tmp_path / "x-lock")
    with locks.gate():
        assert locks.take(1)
    locks.close()
