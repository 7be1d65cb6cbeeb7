"""The folder of an archive: whose it is, who writes to it, and what is left over in it."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from storage.archive.documents import readme
from storage.archive.parts import place
from storage.archive.shapes import DESCRIPTION, README, TABLES, Archive, encoded, is_of_a_part, load
from storage.errors import CannotWrite, StorageError

BESIDE = ".partial"
"""What is being written stands in here, below the folder, so that a rename puts it in place."""


@contextmanager
def held(folder: Path) -> Iterator[Path]:
    """The folder, made if it is missing, that no other export writes to meanwhile.

    Raises CannotWrite where something else is in it, StorageError while another export is at it.
    """
    try:
        _require_ours(folder)
        folder.mkdir(mode=0o700, exist_ok=True)
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            _lock(folder, handle)
            try:
                _prepare(folder)
                yield folder
            finally:
                with suppress(OSError):
                    shutil.rmtree(folder / BESIDE)
        finally:
            os.close(handle)
    except OSError as error:
        why = error.strerror or str(error)
        raise CannotWrite(f"{folder}: can't be written ({why}); make room or rights") from error


def describe(folder: Path, archive: Archive) -> None:
    """Make this the archive that is found in the folder, at one moment."""
    loose = folder / BESIDE / DESCRIPTION
    loose.write_bytes(encoded(archive))
    place(loose, folder, DESCRIPTION)


def tidy(folder: Path, archive: Archive) -> None:
    """Remove parts the archive does not name; files whose names are no parts' stay."""
    named = {part.file for part in archive.parts}
    for table in TABLES:
        for path in sorted((folder / table.name).glob("day=*/country=*/*.parquet")):
            name = path.relative_to(folder).as_posix()
            if name not in named and is_of_a_part(name):
                path.unlink()
                _remove_empty(folder, path.parent)


def _remove_empty(folder: Path, emptied: Path) -> None:
    while emptied != folder:
        try:
            emptied.rmdir()
        except OSError:  # something is in it still
            return
        emptied = emptied.parent


def _require_ours(folder: Path) -> None:
    """Raise CannotWrite unless an archive is there, or nothing."""
    if (folder / DESCRIPTION).is_file():
        return
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise CannotWrite(f"{folder}: is there, and no folder; choose another place")
    if folder.is_dir() and {path.name for path in folder.iterdir()} - {BESIDE}:
        raise CannotWrite(f"{folder}: is there, and no archive; choose another place")
    if not folder.absolute().parent.is_dir():
        raise CannotWrite(f"{folder}: the folder it is to be in is not there; make it first")


def _lock(folder: Path, handle: int) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise StorageError(
            f"{folder}: another export to this archive is under way; wait for it"
        ) from error


def _prepare(folder: Path) -> None:
    """An archive of nothing, where there is none; and nothing that a kill has left."""
    beside = folder / BESIDE
    if beside.is_dir() and not beside.is_symlink():
        shutil.rmtree(beside)
    beside.mkdir(mode=0o700)
    if not (folder / DESCRIPTION).is_file():
        describe(folder, Archive())
    told = readme().encode()
    if not (folder / README).is_file() or (folder / README).read_bytes() != told:
        loose = beside / README
        loose.write_bytes(told)
        place(loose, folder, README)
    tidy(folder, load(folder))
