"""A PostgreSQL database: what its URL may say, how a session is to behave, its errors in our words.

The driver is loaded when an engine is made and not before: volunteers need none.
"""

from importlib.util import find_spec
from pathlib import Path

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from heliograph.extras import install
from storage.errors import CannotWrite, MissingDatabase, StorageError

BACKEND = "postgresql"
"""What SQLAlchemy calls the dialect."""

_DRIVERS = {"postgresql", "postgresql+psycopg"}
_PASSWORD_FILE = "password_file"  # noqa: S105 - the name of an option
_OPTIONS = (_PASSWORD_FILE, "passfile", "host", "port", "sslmode", "sslrootcert")
_CONNECT_SECONDS = 10

# A session's text is UTF-8, and what was committed is on disk, whatever the server's own defaults.
_SESSION = "-c timezone=UTC -c synchronous_commit=on"
_TO_READ = " -c default_transaction_read_only=on"

_AT_THE_DOOR = (
    (
        "no password supplied",
        "asks for a password; name a file that holds it, in the URL: password_file=FILE",
    ),
    ("password authentication failed", "refuses the password; correct the file that holds it"),
    ("no pg_hba.conf entry", "lets this role in from nowhere here; ask whoever runs the server"),
    ("peer authentication failed", "knows this system's user by another name; name the role"),
    ("role", "knows no such role ({why}); make it with createuser"),
    ("too many clients", "has no connection left; end some, or raise max_connections"),
    ("starting up", "is starting; try again in a moment"),
    ("certificate", "shows a certificate that is not trusted ({why}); correct sslrootcert"),
    ("SSL", "and this heliograph agree on no encryption ({why}); correct sslmode"),
)
"""Words a server refuses a connection with, and ours."""

_BY_STATE = (
    ("53100", CannotWrite, "the server's disk is full; make room there"),
    ("53300", StorageError, "the server has no connection left; end some, or raise its limit"),
    ("53", StorageError, "the server is short of means ({why}); try again later"),
    ("42501", StorageError, "this role lacks the right ({why}); use the role that owns the tables"),
    ("25006", CannotWrite, "the server takes no changes now ({why}); use the one that does"),
    ("40", StorageError, "others changed the same rows at the same time; try again"),
    ("55P03", StorageError, "is in use by another program; try again when it has ended"),
    ("57014", StorageError, "the server gave up on the statement ({why}); try again"),
    ("57P", StorageError, "the server is stopping or starting; try again in a moment"),
    ("08", StorageError, "the connection to the server was lost; try again"),
    ("58", CannotWrite, "the server's disk fails ({why}); see to it, then try again"),
    ("XX001", StorageError, "is damaged on the server ({why}); restore it from a backup"),
    ("XX002", StorageError, "is damaged on the server ({why}); run REINDEX DATABASE there"),
)
"""Beginnings of SQLSTATE (PostgreSQL's appendix A), the longer before the shorter, and ours."""


def open_server(url: URL, *, read_only: bool) -> Engine:
    """An engine for the database of a URL; no connection is made yet. Raises StorageError."""
    _require_plain(url)
    if find_spec("psycopg") is None:
        raise StorageError(
            f"PostgreSQL needs a driver that is not installed: {install('collector')}"
        )
    options = dict(url.query)
    password_file = options.pop(_PASSWORD_FILE, None)
    engine = create_engine(
        url.set(drivername="postgresql+psycopg", query=options),
        connect_args={
            "connect_timeout": _CONNECT_SECONDS,
            "client_encoding": "utf8",
            "application_name": "heliograph",
            "options": _SESSION + (_TO_READ if read_only else ""),
        },
        pool_pre_ping=True,
        execution_options={"read_only": read_only},
    )
    if password_file is not None:
        _give_password(engine, Path(str(password_file)))
    return engine


def _require_plain(url: URL) -> None:
    """Raise unless the URL names a database, and says nothing we do not know."""
    if url.drivername not in _DRIVERS:
        raise StorageError(f"{url.drivername} is no driver we know; use postgresql://")
    if not url.database:
        raise StorageError("the URL names no database; postgresql://USER@HOST/DATABASE is expected")
    unknown = sorted(set(url.query) - set(_OPTIONS))
    if unknown or not all(isinstance(value, str) for value in url.query.values()):
        named = unknown[0] if unknown else "the same twice"
        raise StorageError(
            f"the database URL has an option we do not know ({named}); known are: "
            + ", ".join(_OPTIONS)
        )


def _give_password(engine: Engine, file: Path) -> None:
    """Read the file whenever a connection is made, so that no URL and no error holds its words."""

    @event.listens_for(engine, "do_connect")
    def _(_dialect: object, _record: object, _words: object, given: dict[str, object]) -> None:
        try:
            password = file.expanduser().read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            why = getattr(error, "strerror", None) or "it is no text"
            raise StorageError(f"{file}: the password file can't be read ({why})") from None
        if not password:
            raise StorageError(f"{file}: the password file is empty; write the password into it")
        given["password"] = password


def shown(url: URL) -> str:
    """The URL for messages: role, server and database, and nothing that could be secret."""
    kept = {key: value for key, value in url.query.items() if key in {"host", "port"}}
    plain = url.set(drivername=BACKEND, query=kept)
    return plain.render_as_string(hide_password=True).replace("%2F", "/")


def no_tables(location: str) -> MissingDatabase:
    """The error for a database that is there, and empty."""
    return MissingDatabase(f"{location}: is empty yet; 'heliograph db upgrade' makes the tables")


def server_error(engine: Engine, error: DBAPIError) -> StorageError | None:
    """What is wrong with the server or our rights there; None for a bug of ours."""
    place, why = shown(engine.url), " ".join(str(error.orig).split())
    state = getattr(error.orig, "sqlstate", None)
    if state is None or state.startswith(("28", "3D")):
        return _at_the_door(place, why) if _is_of_connecting(error) else None
    read_only = engine.get_execution_options().get("read_only", False)
    if state == "25006" and read_only:
        return None
    for start, kind, words in _BY_STATE:
        if state.startswith(start):
            return kind(f"{place}: {words.format(why=_first_line(error))}")
    return None


def _is_of_connecting(error: DBAPIError) -> bool:
    from psycopg import OperationalError

    return isinstance(error.orig, OperationalError)


def _first_line(error: DBAPIError) -> str:
    return str(error.orig).strip().partition("\n")[0]


def _at_the_door(place: str, why: str) -> StorageError:
    """Why no connection came about; libpq tells that in words alone."""
    said = why.rpartition("FATAL:")[2].strip()
    if "does not exist" in said and said.startswith("database"):
        return MissingDatabase(f"{place}: the server has no such database; make it with createdb")
    own = (
        "FATAL:",
        "SSL",
        "certificate",
        "no password supplied",
    )  # the last three may be libpq's own
    if any(part in why for part in own):
        for part, words in _AT_THE_DOOR:
            if part in said:
                return StorageError(f"{place}: the server {words.format(why=said)}")
    return StorageError(
        f"{place}: the server can't be reached ({said}); start it, or correct host and port"
    )
