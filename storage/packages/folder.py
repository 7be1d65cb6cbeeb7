"""A folder that is whole or not there: written beside its place, renamed when all is on disk."""

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from storage.disk import sync
from storage.errors import CannotWrite, StorageError


class Taken(StorageError):
    """Another export writes to the same place."""


def write_folder(out: Path, fill: Callable[[Path], None]) -> None:
    """Let ``fill`` write into a folder that is then found at ``out``, for its owner's eyes only.

    What an export that was killed left behind is removed first. Raises CannotWrite where something
    stands at ``out`` that is not an empty folder, and Taken while another program writes to it.
    """
    require_free(out)
    try:
        with _held(_beside(out)) as folder:
            fill(folder)
            _settle(folder)
            folder.rename(out)
            sync(out.parent)
    except OSError as error:
        why = error.strerror or str(error)
        raise CannotWrite(f"{out}: can't be written ({why}); choose another place") from error


def require_free(out: Path) -> None:
    """Raise CannotWrite unless a folder can be put there without losing anything."""
    if str(out) == "-":
        raise CannotWrite("an export makes a folder, so it can't go to stdout; name a folder")
    if out.is_symlink() or (out.exists() and not out.is_dir()):
        raise CannotWrite(f"{out}: is there, and no folder; choose another place")
    if out.is_dir() and any(out.iterdir()):
        raise CannotWrite(f"{out}: is there, and not empty; choose another place, or remove it")
    if not out.absolute().parent.is_dir():
        raise CannotWrite(f"{out}: the folder it is to be in is not there; make it first")


@contextmanager
def scratch(out: Path) -> Iterator[Path]:
    """A folder beside ``out`` for what leads to it, gone afterwards; raises as ``write_folder``."""
    try:
        with _held(_beside(out)) as folder:
            yield folder
    except OSError as error:
        why = error.strerror or str(error)
        raise CannotWrite(f"{out}: can't be written ({why}); choose another place") from error


def _beside(out: Path) -> Path:
    place = out.absolute()
    return place.parent / f".{place.name}.partial"


@contextmanager
def _held(folder: Path) -> Iterator[Path]:
    """The folder, empty, that no other program writes to meanwhile; gone afterwards."""
    handle = _locked(folder)
    try:
        _empty(folder)
        yield folder
    finally:
        if _is(folder, handle):  # it was not renamed
            shutil.rmtree(folder, ignore_errors=True)
        os.close(handle)


def _locked(folder: Path) -> int:
    while True:
        folder.mkdir(mode=0o700, exist_ok=True)
        try:
            handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except FileNotFoundError:  # whoever held it has just renamed it
            continue
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(handle)
            raise Taken(
                f"{folder}: another export to the same place is under way; wait for it"
            ) from error
        if _is(folder, handle):
            return handle
        os.close(handle)


def _is(folder: Path, handle: int) -> bool:
    """Whether the path still leads to the folder that was opened."""
    try:
        return os.path.samestat(os.stat(folder, follow_symlinks=False), os.fstat(handle))
    except FileNotFoundError:
        return False


def _empty(folder: Path) -> None:
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


def _settle(folder: Path) -> None:
    """Everything is on disk before its name says that it is whole."""
    for path in sorted(folder.iterdir()):
        path.chmod(0o600)
        sync(path)
    sync(folder)
