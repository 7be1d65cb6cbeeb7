"""The version of the schema: made whole in a new database, checked in an old one, upgraded."""

from pathlib import Path

from sqlalchemy import Column, Connection, Engine, MetaData, String, Table, insert, inspect, select
from sqlalchemy import PrimaryKeyConstraint as PrimaryKey

from storage.engine import is_server, location_of, no_database, open_engine, reading, writing
from storage.errors import FutureDatabase, OlderDatabase, StorageError
from storage.partitions import create_rest
from storage.readers import admit_readers, is_reader, refuse_other_views
from storage.server_locks import alone
from storage.tables import measurements, metadata
from storage.views import create_views, drop_views

REVISIONS = ("0001", "0002", "0003", "0004", "0005", "0006", "0007")
"""Every revision in migrations/versions, oldest first; here, so that a run rarely loads alembic."""

HEAD = REVISIONS[-1]
"""The revision this Heliograph reads and writes."""

_SCRIPTS = Path(__file__).parent / "migrations"

_stamp = Table(
    "alembic_version",
    MetaData(),
    Column("version_num", String(32), nullable=False),
    PrimaryKey("version_num", name="alembic_version_pkc"),
)


def ensure(engine: Engine) -> None:
    """Bring an empty or older database to HEAD; raise StorageError if it is not ours to use."""
    with reading(engine) as connection:
        found = revision(connection)
    if found is None:
        with writing(engine) as connection:
            alone(connection)
            if revision(connection) is None:  # nobody else made it meanwhile
                _create(connection)
    elif found in REVISIONS[:-1]:
        with writing(engine) as connection:
            _bring_to_head(connection)
    check(engine)


def check(engine: Engine) -> None:
    """Raise StorageError unless the database has exactly the schema of this Heliograph.

    A role of PostgreSQL that may read views and nothing else needs the views of this one.
    """
    location = location_of(engine)
    with reading(engine) as connection:
        if is_reader(connection):
            refuse_other_views(connection)
            return
        found = revision(connection)
    if found is None:
        raise no_database(engine)
    _refuse_unknown(location, found)
    if found != HEAD:
        raise OlderDatabase(
            f"{location}: has the older schema {found}, this heliograph needs {HEAD}; "
            "run 'heliograph db upgrade'"
        )


def upgrade(location: str) -> str | None:
    """Bring the database to HEAD and make the views anew, all or nothing.

    Returns the revision it had, None for a database that is new. Raises StorageError.
    """
    engine = open_engine(location)
    try:
        with writing(engine) as connection:
            return _bring_to_head(connection)
    finally:
        engine.dispose()


def revision(connection: Connection) -> str | None:
    """The revision of the database, None for an empty one; raises StorageError if not ours."""
    names = inspect(connection).get_table_names()
    if not names:
        return None
    if {_stamp.name, measurements.name} <= set(names):
        found = connection.scalar(select(_stamp.c.version_num))
        if found is not None:
            return str(found)
    raise StorageError(
        f"{location_of(connection.engine)}: belongs to another program (it has the table "
        f"{names[0]!r}, but no schema of ours); choose another --db"
    )


def _refuse_unknown(location: str, revision: str) -> None:
    if revision not in REVISIONS:
        raise FutureDatabase(
            f"{location}: was written by a newer Heliograph (schema {revision}, this one knows "
            f"{HEAD}); upgrade heliograph or choose another --db"
        )


def _bring_to_head(connection: Connection) -> str | None:
    alone(connection)
    before = revision(connection)
    if before is None and is_server(connection):
        _create(connection)  # PostgreSQL came with 0004: no older version is to be passed through
        return None
    if before is not None:
        _refuse_unknown(location_of(connection.engine), before)
    drop_views(connection)  # no engine can alter a table under a view
    _migrate(connection)
    _create_views(connection)
    return before


def _create(connection: Connection) -> None:
    create_tables(connection)
    finish(connection)


def is_empty(connection: Connection) -> bool:
    """Whether there is nothing in the database yet; raises StorageError if it is not ours."""
    return revision(connection) is None


def create_tables(connection: Connection) -> None:
    """Create every table, within a transaction that ``finish`` is to end."""
    metadata.create_all(connection, checkfirst=False)
    create_rest(connection)


def finish(connection: Connection) -> None:
    """Make tables that are whole a database of this version: its views, and its stamp."""
    _stamp.create(connection)
    connection.execute(insert(_stamp), {"version_num": HEAD})
    _create_views(connection)


def _create_views(connection: Connection) -> None:
    create_views(connection)
    admit_readers(connection)


def _migrate(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
