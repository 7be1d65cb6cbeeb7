"""Where what is asked is, and who answers: a file, a server, or the folder of an archive."""

import os
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Engine

from heliograph.extras import install
from storage.archive.shapes import load
from storage.engine import is_server, location_of, open_engine, translated
from storage.errors import StorageError
from storage.folders import database_in, is_archive
from storage.schema import check
from storage.views import PUBLIC_VIEWS, VIEWS, View

_SERVER_NEEDS = ("psycopg", "pglast")
_ARCHIVE_NEEDS = ("duckdb",)


class Place(msgspec.Struct, frozen=True):
    """A place to ask."""

    engine: str
    """Of storage.asking_child.ENGINES."""
    shown: str
    """For messages; holds no secret."""
    told: str
    """What the process that answers is told of it. May hold a password: it goes through a pipe."""
    views: tuple[View, ...]
    close: Callable[[], None]


def find(location: str) -> Place:
    """The place that a path, a URL or a folder names; raises StorageError in one line.

    A folder is an archive, or has a database that ``export sqlite`` wrote.
    """
    if is_archive(location):
        _require(_ARCHIVE_NEEDS, "an archive", "archive")
        folder = Path(location).expanduser().absolute()
        return Place("duckdb", location, str(folder), _views_of(folder), lambda: None)
    engine = open_engine(database_in(location), read_only=True)
    try:
        if is_server(engine):
            _require(_SERVER_NEEDS, "PostgreSQL", "collector")
        check(engine)  # its connection stays open: the last to leave a log tidies it up
        told = _server(engine) if is_server(engine) else file_to_read(engine)
    except BaseException:
        engine.dispose()
        raise
    return Place(engine.dialect.name, location_of(engine), told, VIEWS, engine.dispose)


def _views_of(folder: Path) -> tuple[View, ...]:
    """Those an archive has: a public one tells nothing of what nights came to."""
    try:
        return PUBLIC_VIEWS if load(folder).is_public else VIEWS
    except StorageError:  # whoever answers says what is wrong with it
        return VIEWS


def file_to_read(engine: Engine) -> str:
    """The URI that opens the file of an SQLite engine for reading and nothing else.

    Where nothing can be written and no side file tells of a writer, the file can't change.
    """
    path = Path(location_of(engine)).absolute()
    has_writer = os.access(path.parent, os.W_OK) or Path(f"{path}-wal").exists()
    return path.as_uri() + ("?mode=ro" if has_writer else "?mode=ro&immutable=1")


def _server(engine: Engine) -> str:
    """How the server was reached just now, password and all, for a connection just like it."""
    with translated(engine), engine.connect() as connection:
        info: Any = getattr(connection.connection.driver_connection, "info", None)
        described = dict(info.get_parameters())
        if info.password:
            described["password"] = info.password
    return msgspec.json.encode(described).decode()


def _require(modules: tuple[str, ...], what: str, extra: str) -> None:
    if any(find_spec(module) is None for module in modules):
        raise StorageError(f"to ask {what} needs a library that is not installed: {install(extra)}")
