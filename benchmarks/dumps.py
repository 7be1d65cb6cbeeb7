"""What a database holds, in digests that can be compared: of tables, views, single measurements."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, MetaData, Select, Table, inspect, select

from storage.engine import is_server, open_engine, reading
from storage.errors import MissingDatabase, OlderDatabase
from storage.schema import HEAD, revision
from storage.store import Store
from storage.tables import measurements, metadata, steps, verdicts

Dump = dict[str, str]


def dump(place: str) -> Dump | None:
    """The version, each table in the order of its keys, and how many rows each view has.

    Tables are read with the columns they have, whatever the version. None where there is no
    database, or an empty one. An SQLite file must be whole.
    """
    try:
        engine = open_engine(place, read_only=True)
    except MissingDatabase:
        return None
    try:
        with reading(engine) as connection:
            if not is_server(engine):
                found = connection.exec_driver_sql("PRAGMA integrity_check").scalar()
                assert found == "ok", found
            version = revision(connection)
            if version is None:
                return None
            return {"version": version, **_tables(connection), **_views(connection)}
    finally:
        engine.dispose()


def taken_wrongly(place: str, held: Dump | None) -> bool:
    """Whether this Heliograph takes a place that holds this for anything else.

    It should open it, or say in one line that nothing is there or that it is older.
    """
    try:
        with Store.open_to_read(place):
            right = held is not None and held["version"] == HEAD
    except MissingDatabase as error:
        right = held is None and "\n" not in str(error)
    except OlderDatabase as error:
        right = held is not None and held["version"] in str(error) and "\n" not in str(error)
    return not right


def by_measurement(place: str) -> dict[str, str]:
    """Of each measurement, a digest of its row, its steps and its verdicts together.

    A step or a verdict of none has an entry, too.
    """
    rows: dict[str, list[Iterable[object]]] = defaultdict(list)
    engine = open_engine(place, read_only=True)
    try:
        with reading(engine) as connection:
            for table in (measurements, steps, verdicts):
                for row in connection.execute(_in_order(table)):
                    values = row._mapping
                    rows[values.get("measurement_id") or values["id"]].append(row)
    finally:
        engine.dispose()
    return {identity: _digest(its) for identity, its in rows.items()}


def _tables(connection: Connection) -> Dump:
    names = set(inspect(connection).get_table_names()) & set(metadata.tables)
    found = MetaData()
    found.reflect(connection, only=sorted(names))
    ordered = (found.tables[name] for name in sorted(names))
    return {table.name: _digest(connection.execute(_in_order(table))) for table in ordered}


def _views(connection: Connection) -> Dump:
    return {
        name: str(connection.exec_driver_sql(f"SELECT COUNT(*) FROM {name}").scalar())
        for name in inspect(connection).get_view_names()
    }


def _in_order(table: Table) -> Select[tuple[Any, ...]]:
    return select(table).order_by(*table.primary_key.columns)


def _digest(rows: Iterable[Iterable[object]]) -> str:
    digest = hashlib.sha256()
    for row in rows:
        digest.update(repr(tuple(row)).encode())  # a row's own repr leaves out what is long
    return digest.hexdigest()
