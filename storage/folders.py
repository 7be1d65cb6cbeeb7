"""Folders that stand where a database is named: an archive, what an export wrote, or neither."""

from pathlib import Path

from storage.packages.shapes import DATABASE, DESCRIPTION

ARCHIVE = "archive.json"
"""The file that makes a folder an archive."""


def is_archive(location: str) -> bool:
    """Whether the location is the folder of an archive."""
    return "://" not in location and (Path(location).expanduser() / ARCHIVE).is_file()


def database_in(location: str) -> str:
    """The database of a folder that ``export sqlite`` wrote; any other location as it is."""
    if "://" in location:
        return location
    inside = Path(location).expanduser() / DATABASE
    return str(inside) if inside.is_file() and not is_archive(location) else location


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
