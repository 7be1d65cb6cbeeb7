"""Reading an archive: DuckDB, with the views of the contract over the files that belong to it."""

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.dialects import postgresql

from storage.archive.beyond import is_there
from storage.archive.library import connect, create, quoted
from storage.archive.shapes import NIGHT_TABLES, TABLES, Archive, load
from storage.errors import StorageError
from storage.tables import RULESET_KEY, settings
from storage.views import VIEWS

if TYPE_CHECKING:
    import duckdb


def open_archive(folder: Path, *, locked: bool = False) -> "duckdb.DuckDBPyConnection":
    """A connection with the tables and views of the archive, over its files as they are now.

    ``locked``: no other file can be read or written, and no setting changed; otherwise that is
    left to the caller. Raises MissingInput and StorageError, in one line, for a folder that is no
    archive, a file that is missing or has another size, and a library that is not installed.
    """
    place = folder.absolute()
    connection = open_as(place, load(place))
    try:
        if locked:
            _lock(connection, place)
    except BaseException:
        connection.close()
        raise
    return connection


def open_as(folder: Path, archive: Archive) -> "duckdb.DuckDBPyConnection":
    """The same for the files of a description that need not be that of the folder."""
    _require_files(folder, archive)
    connection = connect()
    try:
        _make(connection, folder.absolute(), archive)
    except BaseException:
        connection.close()
        raise
    return connection


def _require_files(folder: Path, archive: Archive) -> None:
    for part in archive.files:
        if not is_there(folder, part):
            raise StorageError(
                f"{folder / part.file}: is missing, or not what the archive says;"
                " 'heliograph verify' says more"
            )


def _make(connection: "duckdb.DuckDBPyConnection", folder: Path, archive: Archive) -> None:
    import duckdb

    create(connection, settings, settings.name)
    if archive.ruleset is not None:
        row = [RULESET_KEY, str(archive.ruleset)]
        connection.execute(f"INSERT INTO {settings.name} VALUES (?, ?)", row)  # noqa: S608
    try:
        for table in (*TABLES, *NIGHT_TABLES):
            files = [str(folder / part.file) for part in archive.files if part.table == table.name]
            if not files:
                create(connection, table, table.name)
                continue
            columns = ", ".join(f'"{column.name}"' for column in table.columns)
            listed = ", ".join(map(quoted, files))
            connection.execute(
                f"CREATE VIEW {table.name} AS SELECT {columns}"  # noqa: S608 - names of ours
                f" FROM read_parquet([{listed}], hive_partitioning = false)"
            )
    except duckdb.Error as error:
        first = str(error).partition("\n")[0]
        raise StorageError(f"{folder}: the archive can't be read: {first}") from error
    for view in VIEWS:
        connection.execute(view.definition(postgresql.dialect()))  # type: ignore[no-untyped-call]


def _lock(connection: "duckdb.DuckDBPyConnection", folder: Path) -> None:
    """In this order: nothing can be set after the last."""
    connection.execute("SET python_enable_replacements = false")
    connection.execute(f"SET allowed_directories = [{quoted(f'{folder}/')}]")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
