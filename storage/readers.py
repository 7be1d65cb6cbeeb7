"""The role that can read the views and nothing else, on PostgreSQL alone.

Views there run with the rights of their owner, so whoever may read a view need not be let into its
tables. Grants go with a view that is dropped: they are made anew with the views.
"""

from sqlalchemy import Connection, inspect, text

from storage.engine import is_server, location_of, open_engine, reading
from storage.errors import OlderDatabase
from storage.views import PREFIX, VIEWS

READERS = "heliograph_reader"
"""The group: give it to a role that may log in, and that role can read."""

_MAKE = f"""DO $$ BEGIN
  CREATE ROLE {READERS} NOLOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;  -- made by another database's owner
END $$"""


def admit_readers(connection: Connection) -> bool:
    """Let the group read every view, and take from everybody what would let them do more.

    Makes the group where this role may; returns False where there is none in the end. What is not
    ours to give or take stays as it is.
    """
    if not is_server(connection):
        return False
    if not _has_group(connection):
        if not _is(
            connection,
            "SELECT rolcreaterole OR rolsuper FROM pg_roles WHERE rolname = current_user",
        ):
            return False
        connection.execute(text(_MAKE))
    for name in inspect(connection).get_view_names():
        if name.startswith(PREFIX):
            quoted = connection.dialect.identifier_preparer.quote(name)
            connection.execute(text(f"GRANT SELECT ON {quoted} TO {READERS}"))
    _narrow(connection)
    return True


def lacks_readers(location: str) -> bool:
    """Whether this is a server where nobody has made the group, so that none can be let in."""
    engine = open_engine(location, read_only=True)
    try:
        with reading(engine) as connection:
            return is_server(connection) and not _has_group(connection)
    finally:
        engine.dispose()


def is_reader(connection: Connection) -> bool:
    """Whether this role may not look into our tables, where they are."""
    if not is_server(connection):
        return False
    return _is(
        connection,
        "SELECT to_regclass('alembic_version') IS NOT NULL"
        " AND NOT has_table_privilege(to_regclass('alembic_version'), 'SELECT')",
    )


def refuse_other_views(connection: Connection) -> None:
    """Raise OlderDatabase unless this role can read every view of this Heliograph, whole."""
    found = connection.execute(
        text(
            "SELECT table_name, column_name FROM information_schema.columns"
            " WHERE table_schema = current_schema() AND table_name LIKE 'api!_v1!_%' ESCAPE '!'"
        )
    )
    readable = {(str(view), str(column)) for view, column in found}
    wanted = {(view.name, name) for view in VIEWS for name in view.comments}
    if missing := sorted(wanted - readable):
        view, column = missing[0]
        raise OlderDatabase(
            f"{location_of(connection.engine)}: this role can't read {view}.{column}; let the owner"
            f" run 'heliograph db upgrade', and give the role the group {READERS}"
        )


def _has_group(connection: Connection) -> bool:
    group = text("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = :name)")
    return bool(connection.scalar(group, {"name": READERS}))


def _narrow(connection: Connection) -> None:
    """Nobody but their owner makes tables, temporary ones included, where we may say so."""
    schema = str(connection.scalar(text("SELECT quote_ident(current_schema())")))
    database = str(connection.scalar(text("SELECT quote_ident(current_database())")))
    ours = "SELECT pg_has_role({owner}, 'USAGE') FROM {of} = "
    if _is(
        connection,
        ours.format(owner="nspowner", of="pg_namespace WHERE nspname") + "current_schema()",
    ):
        connection.execute(text(f"REVOKE CREATE ON SCHEMA {schema} FROM PUBLIC"))
        connection.execute(text(f"GRANT USAGE ON SCHEMA {schema} TO {READERS}"))
    if _is(
        connection,
        ours.format(owner="datdba", of="pg_database WHERE datname") + "current_database()",
    ):
        connection.execute(text(f"REVOKE TEMPORARY ON DATABASE {database} FROM PUBLIC"))
        connection.execute(text(f"GRANT CONNECT ON DATABASE {database} TO {READERS}"))


def _is(connection: Connection, question: str) -> bool:
    return bool(connection.scalar(text(question)))
