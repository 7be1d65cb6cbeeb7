"""Opening the database: where it is, how SQLite is to behave, and its errors in our words."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import Connection, Engine, QueuePool, StaticPool, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from storage.errors import CannotWrite, MissingDatabase, StorageError

MEMORY = ":memory:"
"""The location of a database that lives as long as its engine."""

_BUSY_MILLISECONDS = 10_000
_NO_SPACE_OR_RIGHT = ("SQLITE_FULL", "SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_IOERR")
_NO_DATABASE = ("SQLITE_NOTADB", "SQLITE_CORRUPT")
_IN_USE = ("SQLITE_BUSY", "SQLITE_LOCKED")


def open_engine(location: str, *, read_only: bool = False) -> Engine:
    """An engine for a path or an SQLAlchemy URL; the file is made when missing, for us alone.

    With ``read_only`` nothing is made or changed. Connections belong to the thread that made them.
    Raises StorageError, above all CannotWrite and MissingDatabase.
    """
    database = _database_of(location)
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


def location_of(engine: Engine) -> str:
    """The path of the engine's database, for messages."""
    return engine.url.database or MEMORY


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One transaction that holds the write lock from its beginning; raises StorageError."""
    with translated(engine), engine.connect() as connection:
        connection.execution_options(immediate=True)
        with connection.begin():
            yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One transaction that sees one state of the database and blocks nobody."""
    with translated(engine), engine.connect() as connection:
        yield connection


@contextmanager
def translated(engine: Engine) -> Iterator[None]:
    """Turn what is wrong with the disk or the file into StorageError; bugs of ours pass."""
    try:
        yield
    except DBAPIError as error:
        ours = _in_our_words(engine, error)
        if ours is None:
            raise
        raise ours from error


def _database_of(location: str) -> str:
    """The path in a location; refuses passwords, other engines, and options."""
    if not location:
        raise StorageError("the database has no name; give a path or a URL with --db")
    if "://" not in location:
        return location
    try:
        url = make_url(location)
    except (ArgumentError, ValueError):  # not chained: what they quote may hold a password
        raise StorageError("the database URL can't be read; sqlite:///PATH is expected") from None
    if url.password is not None or any("password" in key.lower() for key in url.query):
        raise StorageError("a password in the database URL is refused; passwords only by file")
    _require_plain_sqlite(url)
    return url.database or MEMORY


def _require_plain_sqlite(url: URL) -> None:
    if url.get_backend_name().startswith("postgres"):
        raise StorageError("PostgreSQL comes with a later release; use a path or sqlite:///PATH")
    if url.drivername not in {"sqlite", "sqlite+pysqlite"}:
        raise StorageError(f"{url.drivername} is no database we know; use sqlite:///PATH")
    if url.host or url.query:
        raise StorageError("the database URL has a host or options; sqlite:///PATH is expected")


def _require(path: Path) -> None:
    """Raise unless there is a file that can be read and is not empty."""
    try:
        with path.open("rb") as file:
            empty = not file.read(1)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise no_database(str(path)) from error
    except OSError as error:
        raise StorageError(f"{path}: can't be read: {error.strerror}") from error
    if empty:
        raise no_database(str(path))


def no_database(path: str) -> MissingDatabase:
    """The error for a place that holds no database yet."""
    return MissingDatabase(f"{path}: there is no database yet; 'heliograph run' makes one")


def _prepare(path: Path) -> None:
    """Make the missing folders (0700) and the file (0600)."""
    try:
        for folder in reversed(path.parents):
            if not folder.exists():
                folder.mkdir(mode=0o700, exist_ok=True)
        if not path.exists():
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise CannotWrite(_cannot_write(str(path), error.strerror or "")) from error
    if path.is_dir():
        raise CannotWrite(_cannot_write(str(path), "it is a folder"))


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
    with translated(engine), engine.connect() as connection:
        raw = connection.connection.cursor()
        raw.execute("PRAGMA journal_mode = WAL")
        raw.close()


def _in_our_words(engine: Engine, error: DBAPIError) -> StorageError | None:
    path, why = location_of(engine), str(error.orig)
    name = str(getattr(error.orig, "sqlite_errorname", ""))
    if name.startswith(_NO_DATABASE):
        return StorageError(f"{path}: is not a SQLite database, or damaged; choose another --db")
    if name.startswith(_IN_USE):
        return StorageError(f"{path}: is in use by another program; try again when it has ended")
    if not name.startswith(_NO_SPACE_OR_RIGHT):
        return None
    if engine.get_execution_options().get("read_only", False):
        we_wrote = name == "SQLITE_READONLY"
        return None if we_wrote else StorageError(f"{path}: can't be read ({why})")
    return CannotWrite(_cannot_write(path, why))
