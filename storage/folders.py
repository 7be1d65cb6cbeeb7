"""Folders that stand where a database is named: an archive, what an export wrote, or neither."""

from pathlib import Path

import msgspec

from storage.errors import StorageError
from storage.packages.shapes import DATABASE, DESCRIPTION

ARCHIVE = "archive.json"
"""The file that makes a folder an archive."""
_AGAIN = "ask for the folder again ('heliograph verify' says more)"


def is_archive(location: str) -> bool:
    """Whether the location is the folder of an archive."""
    return "://" not in location and (Path(location).expanduser() / ARCHIVE).is_file()


def database_in(location: str) -> str:
    """The database of a folder that ``export sqlite`` wrote; any other location as it is.

    Raises StorageError where the folder says that its data are elsewhere, or has a link there:
    whoever made it may be anybody, and nothing is followed out of it.
    """
    if "://" in location:
        return location
    folder = Path(location).expanduser()
    inside = folder / DATABASE
    if is_archive(location) or not inside.is_file():
        return location
    if inside.is_symlink():
        raise StorageError(f"{folder}: {DATABASE} is a link, not a file; {_AGAIN}")
    if (folder / DESCRIPTION).exists() and _paths_in(folder / DESCRIPTION) != [DATABASE]:
        raise StorageError(
            f"{folder}: {DESCRIPTION} is damaged, or names other files than {DATABASE}; {_AGAIN}"
        )
    return str(inside)


def _paths_in(description: Path) -> list[str]:
    """The files that a description names; none where it can't be read."""
    try:
        told = msgspec.json.decode(description.read_bytes(), type=_Told)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return []
    return [one.path for one in told.resources]


class _Named(msgspec.Struct, frozen=True):
    path: str


class _Told(msgspec.Struct, frozen=True):
    """As much of a description as is needed here."""

    resources: tuple[_Named, ...]


def why_no_database(folder: Path) -> str:
    """Why a folder is no database, and what to do, in one line."""
    if is_archive(str(folder)):
        return (
            f"{folder}: is an archive, which only 'heliograph query' and heliograph.door read;"
            " give --db a database"
        )
    if (folder / DATABASE).is_file():
        return f"{folder}: is a folder; its database is {folder / DATABASE}"
    if (folder / DESCRIPTION).is_file():
        return (
            f"{folder}: was exported as text; {DESCRIPTION} describes its files for any program,"
            " and 'heliograph export sqlite' writes a database"
        )
    return f"{folder}: is a folder without {DATABASE}; name a database"
