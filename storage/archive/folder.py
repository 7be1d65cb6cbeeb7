"""The folder of an archive: whose it is, who writes to it, and what is left over in it."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from storage.archive.documents import readme
from storage.archive.parts import place
from storage.archive.shapes import (
    COPY,
    DESCRIPTION,
    FORMAT,
    NIGHT,
    PUBLIC_FORMAT,
    README,
    TABLES,
    Archive,
    encoded,
    is_of_a_part,
    is_of_an_archive,
    load,
    load_own,
)
from storage.errors import CannotWrite, StorageError

BESIDE = ".partial"
"""What is being written stands in here, below the folder, so that a rename puts it in place."""


@contextmanager
def held(folder: Path, *, public: bool = False) -> Iterator[Path]:
    """The folder, made if it is missing, that no other export writes to meanwhile.

    Raises CannotWrite where something else is in it, StorageError while another export is at it,
    and for a ``public`` archive where one of the other kind is to be written. An archive that was
    begun here, and into which nothing came before an error, is taken away again.
    """
    try:
        _require_ours(folder)
        require_kind(folder, public=public)
        is_made = not folder.is_dir()
        folder.mkdir(mode=0o700, exist_ok=True)
        is_new = not (folder / DESCRIPTION).is_file()
        if is_new:
            folder.chmod(0o700)  # it was there, and empty: from now on it tells of volunteers
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            _lock(folder, handle)
            try:
                _prepare(folder, public=public)
                yield folder
            except BaseException:
                if is_new:
                    _take_back(folder, made=is_made)
                raise
            finally:
                with suppress(OSError):
                    shutil.rmtree(folder / BESIDE)
        finally:
            os.close(handle)
    except OSError as error:
        why = error.strerror or str(error)
        raise CannotWrite(f"{folder}: can't be written ({why}); make room or rights") from error


def require_kind(folder: Path, *, public: bool) -> None:
    """Raise StorageError where the archive in a folder is not of the kind that is to be written.

    The two never mix: what is exact would be taken for what everybody may have.
    """
    if not (folder / DESCRIPTION).is_file():
        return
    if not public:
        load_own(folder)
    elif not load(folder).is_public:
        raise StorageError(
            f"{folder}: is an archive with everything in it, which is not for publication;"
            " --public needs a folder of its own"
        )


def describe(folder: Path, archive: Archive) -> None:
    """Make this the archive that is found in the folder, at one moment; its copy comes after."""
    for name in (DESCRIPTION, COPY):
        put(folder, name, encoded(archive))


def put(folder: Path, name: str, content: bytes) -> None:
    """Write a file for its owner alone, unless it is there with this content."""
    path = folder / name
    if path.is_file() and not path.is_symlink() and path.read_bytes() == content:
        return
    loose = folder / BESIDE / name
    loose.write_bytes(content)
    place(loose, folder, name)


def tidy(folder: Path, archive: Archive) -> None:
    """Remove parts the archive does not name; files whose names are no parts' stay."""
    named = {part.file for part in archive.files}
    for top in (*(table.name for table in TABLES), NIGHT):
        for path in sorted((folder / top).glob("**/*.parquet")):
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
    if folder.is_dir() and is_of_an_archive(folder):
        load(folder)  # raises, and says how to mend it
    if folder.is_dir() and {path.name for path in folder.iterdir()} - {BESIDE}:
        raise CannotWrite(f"{folder}: is there, and no archive; choose another place")
    if not folder.absolute().parent.is_dir():
        raise CannotWrite(f"{folder}: the folder it is to be in is not there; make it first")


def _take_back(folder: Path, *, made: bool) -> None:
    """Remove the files of an archive of nothing, and the folder if it was made for it."""
    own = (DESCRIPTION, COPY, README)
    with suppress(OSError):
        if {path.name for path in folder.iterdir()} - {*own, BESIDE}:
            return
        shutil.rmtree(folder / BESIDE)
        for name in own:
            (folder / name).unlink(missing_ok=True)
        if made:
            folder.rmdir()


def _lock(folder: Path, handle: int) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise StorageError(
            f"{folder}: another export to this archive is under way; wait for it"
        ) from error


def _prepare(folder: Path, *, public: bool) -> None:
    """An archive of nothing, where there is none; and nothing that a kill has left."""
    beside = folder / BESIDE
    if beside.is_dir() and not beside.is_symlink():
        shutil.rmtree(beside)
    beside.mkdir(mode=0o700)
    if not (folder / DESCRIPTION).is_file():
        describe(folder, Archive(format=PUBLIC_FORMAT if public else FORMAT))
    require_kind(folder, public=public)  # nobody else writes to it now
    archive = load(folder)
    put(folder, COPY, (folder / DESCRIPTION).read_bytes())  # before files it may name go
    if not public:
        put(folder, README, readme().encode())
    tidy(folder, archive)
