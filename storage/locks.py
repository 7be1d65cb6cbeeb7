"""Locks on single runs, in a file beside the database; the system lets go of them with the process.

One byte of that file stands for one run. Nothing is ever written into it.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from storage.errors import CannotWrite

_GATE = 0
"""The byte that whoever looks for a run to take holds meanwhile; runs are numbered from 1."""

_FIRST, _ALL = 1, 0
"""To ``lockf``, a length of 0 means all bytes from there on."""


class Locks:
    """The locks of one database, as one process holds them; ``path`` None: nobody else is there."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._file: int | None = None

    @contextmanager
    def gate(self) -> Iterator[None]:
        """Nobody else takes a run until this is left."""
        self._lock(_GATE, fcntl.LOCK_EX)
        try:
            yield
        finally:
            self._lock(_GATE, fcntl.LOCK_UN)

    def take(self, run_id: int) -> bool:
        """Hold this run until the end of the process; False when another process holds it."""
        try:
            self._lock(run_id, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (BlockingIOError, PermissionError):
            return False
        return True

    def held_elsewhere(self) -> bool:
        """Whether another process holds any run."""
        try:
            self._lock(_FIRST, fcntl.LOCK_EX | fcntl.LOCK_NB, _ALL)
        except (BlockingIOError, PermissionError):
            return True
        self._lock(_FIRST, fcntl.LOCK_UN, _ALL)
        return False

    def close(self) -> None:
        """Let go of everything."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _lock(self, byte: int, how: int, length: int = 1) -> None:
        if self._path is None:
            return
        try:
            fcntl.lockf(self._opened(self._path), how, length, byte)
        except (BlockingIOError, PermissionError):
            raise
        except OSError:  # a file system without locks: a second run can't be told there
            return

    def _opened(self, path: Path) -> int:
        if self._file is None:
            try:
                self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            except OSError as error:
                why = error.strerror or ""
                raise CannotWrite(
                    f"{path}: can't be written ({why}); make room or rights"
                ) from error
        return self._file
