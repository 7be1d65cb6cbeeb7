"""DuckDB, which reads and writes Parquet; loaded when an archive is met, and never before."""

from importlib.util import find_spec
from typing import TYPE_CHECKING

from sqlalchemy import Float, Integer, Table

from heliograph.extras import install
from storage.errors import StorageError

if TYPE_CHECKING:
    import duckdb


def connect() -> "duckdb.DuckDBPyConnection":
    """An empty database in memory, with one thread: the same rows make the same bytes.

    Raises StorageError where the library is not installed.
    """
    if find_spec("duckdb") is None:
        raise StorageError(
            f"an archive needs a library that is not installed: {install('archive')}"
        )
    import duckdb

    quiet = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
    return duckdb.connect(":memory:", config={"threads": "1", "temp_directory": "", **quiet})


def quoted(text: str) -> str:
    """The text as a literal."""
    return "'" + text.replace("'", "''") + "'"


def create(connection: "duckdb.DuckDBPyConnection", table: Table, name: str) -> None:
    """Make an empty table with the columns of one of ours."""
    columns = ", ".join(f'"{column.name}" {_kind(column.type)}' for column in table.columns)
    connection.execute(f"CREATE TABLE {name} ({columns})")


def _kind(kind: object) -> str:
    if isinstance(kind, Integer):
        return "BIGINT"
    return "DOUBLE" if isinstance(kind, Float) else "VARCHAR"
