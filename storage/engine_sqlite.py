"""An SQLite database: a file for us alone, how SQLite is to behave, and its errors in our words."""

import os
import sqlite3
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import Connection, Engine, QueuePool, StaticPool, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from storage.errors import CannotWrite, MissingDatabase, StorageError
from storage.folders import why_no_database

MEMORY = ":memory:"
"""The location of a database that lives as long as its engine."""

_BUSY_MILLISECONDS = 10_000
_NO_SPACE_OR_RIGHT = ("SQLITE_FULL", "SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_IOERR")
_NO_DATABASE = ("SQLITE_NOTADB", "SQLITE_CORRUPT")
_IN_USE = ("SQLITE_BUSY", "SQLITE_LOCKED")


def open_file(database: str, *, read_only: bool) -> Engine:
    """An engine for a path or MEMORY; the file is made when missing, unless for reading only."""
    if database == MEMORY:
        return _engine(MEMORY, MEMORY, read_only=read_only)
    path = Path(database).expanduser()
    if read_only:
        _require(path)
        return _engine(str(path), _uri_to_read(path), read_only=True)
    _prepare(path)
    engine = _engine(str(path), _uri(path, "mode=rw"), read_only=False)
    if path.stat().st_size == 0:
        _write_ahead(engine)
    return engine


def no_file(path: str) -> MissingDatabase:
    """The error for a place that holds no database yet."""
    return MissingDatabase(
        f"{path}: there is no database yet; 'heliograph run' makes one, --db names another"
    )


def file_error(engine: Engine, error: DBAPIError) -> StorageError | None:
    """What is wrong with the disk or the file; None for a bug of ours."""
    path, why = engine.url.database or MEMORY, str(error.orig)
    name = str(getattr(error.orig, "sqlite_errorname", ""))
    if name.startswith(_NO_DATABASE):
        return StorageError(f"{path}: is not a SQLite database, or damaged; choose another --db")
    if name.startswith(_IN_USE):
        return StorageError(f"{path}: is in use by another program; try again when it has ended")
    read_only = engine.get_execution_options().get("read_only", False)
    if not name.startswith(_NO_SPACE_OR_RIGHT):
        return None
    if read_only:
        we_wrote = name == "SQLITE_READONLY"
        return None if we_wrote else StorageError(f"{path}: can't be read ({why})")
    return CannotWrite(_cannot_write(path, why))


def _require(path: Path) -> None:
    """Raise unless there is a file that can be read and is not empty."""
    if path.is_dir():
        raise StorageError(why_no_database(path))
    try:
        with path.open("rb") as file:
            empty = not file.read(1)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise no_file(str(path)) from error
    except OSError as error:
        raise StorageError(f"{path}: can't be read: {error.strerror}") from error
    if empty:
        raise no_file(str(path))


def _prepare(path: Path) -> None:
    """Make the missing folders (0700) and the file (0600)."""
    if path.is_dir():
        raise CannotWrite(why_no_database(path))
    try:
        for folder in reversed(path.parents):
            if not folder.exists():
                folder.mkdir(mode=0o700, exist_ok=True)
        if not path.exists():
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise CannotWrite(_cannot_write(str(path), error.strerror or "")) from error


def _cannot_write(path: str, why: str) -> str:
    return f"{path}: can't be written ({why}); make room or rights, or choose another --db"


def _uri(path: Path, options: str) -> str:
    return f"file:{quote(str(path.absolute()))}?{options}"


def _uri_to_read(path: Path) -> str:
    """How to open for reading without leaving SQLite's side files behind.

    A reader that may write tidies up after itself; where nothing can be written and no side file
    tells of a writer, the file can't change.
    """
    if not os.access(path.parent, os.W_OK):
        has_writer = Path(f"{path}-wal").exists()
        return _uri(path, "mode=ro" if has_writer else "mode=ro&immutable=1")
    return _uri(path, "mode=rw" if os.access(path, os.W_OK) else "mode=ro")


def _engine(database: str, uri: str, *, read_only: bool) -> Engine:
    def connect() -> sqlite3.Connection:
        # isolation_level None: SQLAlchemy's BEGIN below is the only one, DDL included.
        connection = sqlite3.connect(uri, uri=True, isolation_level=None)
        try:
            connection.execute(f"PRAGMA busy_timeout = {_BUSY_MILLISECONDS}")
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA synchronous = FULL")
            if read_only:
                connection.execute("PRAGMA query_only = ON")
        except BaseException:
            connection.close()
            raise
        return connection

    engine = create_engine(
        URL.create("sqlite", database=database),
        creator=connect,
        poolclass=StaticPool if database == MEMORY else QueuePool,
        execution_options={"read_only": read_only},
    )
    event.listen(engine, "begin", _begin)
    return engine


def _begin(connection: Connection) -> None:
    immediate = connection.get_execution_options().get("immediate", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


def _write_ahead(engine: Engine) -> None:
    """Let readers go on while we write; SQLite remembers this in the file."""
    try:
        with engine.connect() as connection:
            raw = connection.connection.cursor()
            raw.execute("PRAGMA journal_mode = WAL")
            raw.close()
    except DBAPIError as error:
        ours = file_error(engine, error)
        if ours is None:
            raise
        raise ours from error
