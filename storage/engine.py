"""Opening the database, SQLite or PostgreSQL: where it is, transactions, errors in our words."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from storage.engine_postgres import BACKEND, no_tables, open_server, server_error, shown
from storage.engine_sqlite import MEMORY, file_error, no_file, open_file
from storage.errors import MissingDatabase, StorageError

__all__ = [
    "MEMORY",
    "is_server",
    "location_of",
    "no_database",
    "open_engine",
    "reading",
    "translated",
    "writing",
]


def open_engine(location: str, *, read_only: bool = False) -> Engine:
    """An engine for a path or a URL; an SQLite file is made when missing, for us alone.

    With ``read_only`` nothing is made or changed. SQLite's connections belong to the thread that
    made them. Raises StorageError, above all CannotWrite and MissingDatabase; whether a server is
    there shows with the first transaction.
    """
    if not location:
        raise StorageError("the database has no name; give a path or a URL with --db")
    if "://" not in location:
        return open_file(location, read_only=read_only)
    url = _url(location)
    if url.get_backend_name() == BACKEND:
        return open_server(url, read_only=read_only)
    _require_plain_sqlite(url)
    return open_file(url.database or MEMORY, read_only=read_only)


def is_server(on: Engine | Connection) -> bool:
    """Whether the database is PostgreSQL, and so no file of ours."""
    return on.dialect.name == BACKEND


def location_of(engine: Engine) -> str:
    """The path of the engine's database, or its URL without what may be secret: for messages."""
    return shown(engine.url) if is_server(engine) else engine.url.database or MEMORY


def no_database(engine: Engine) -> MissingDatabase:
    """The error for a place that holds no database yet."""
    location = location_of(engine)
    return no_tables(location) if is_server(engine) else no_file(location)


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One transaction; raises StorageError.

    On SQLite it holds the one write lock from its beginning. On PostgreSQL others write beside it:
    it sees what they commit meanwhile, and waits for those who are at the same rows.
    """
    with translated(engine), engine.connect() as connection:
        connection.execution_options(immediate=True)
        with connection.begin():
            yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One transaction that sees one state of the database and blocks nobody."""
    with translated(engine), engine.connect() as connection:
        if is_server(engine):
            connection.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
        yield connection


@contextmanager
def translated(engine: Engine) -> Iterator[None]:
    """Turn what is wrong with disk, file or server into StorageError; bugs of ours pass."""
    try:
        yield
    except DBAPIError as error:
        tell = server_error if is_server(engine) else file_error
        ours = tell(engine, error) or _of_another_hand(engine, error)
        if ours is None:
            raise
        raise ours from error


def _of_another_hand(engine: Engine, error: DBAPIError) -> StorageError | None:
    """What others did to the schema that readers rely on; None for a bug of ours."""
    if not engine.get_execution_options().get("read_only", False) or not _names_nothing(error):
        return None  # who writes may be making the schema just now
    from storage.altered import was_altered  # tables and views come after this room

    try:
        altered = was_altered(engine)
    except DBAPIError:
        return None
    if not altered:
        return None
    why = str(error.orig).strip().partition("\n")[0]
    return StorageError(
        f"{location_of(engine)}: is no database of Heliograph's, or was altered ({why}); choose"
        " another --db"
    )


def _names_nothing(error: DBAPIError) -> bool:
    """A statement could not be understood in this schema (PostgreSQL's class 42)."""
    told = getattr(error.orig, "sqlite_errorname", None) or getattr(error.orig, "sqlstate", "")
    return told == "SQLITE_ERROR" or str(told).startswith("42")


def _url(location: str) -> URL:
    """The parts of a URL; refuses one that holds a password."""
    try:
        url = make_url(location)
        url.get_backend_name()
    except (ArgumentError, ValueError):  # not chained: what they quote may hold a password
        raise StorageError("the database URL can't be read; sqlite:///PATH is expected") from None
    secret = (key for key in url.query if "password" in key.lower() and key != "password_file")
    if url.password is not None or any(secret):
        raise StorageError("a password in the database URL is refused; passwords only by file")
    return url


def _require_plain_sqlite(url: URL) -> None:
    if url.drivername not in {"sqlite", "sqlite+pysqlite"}:
        raise StorageError(
            f"{url.drivername} is no database we know; use sqlite:///PATH or postgresql://"
        )
    if url.host or url.query:
        raise StorageError("the database URL has a host or options; sqlite:///PATH is expected")
