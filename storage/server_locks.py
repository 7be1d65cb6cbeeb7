"""Locks that a PostgreSQL server keeps: on single runs, and on the schema.

Those on runs hang on a connection of their own, so the server lets go of them with the process.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, text

from storage.engine import is_server, translated

_RUNS, _SCHEMA = 0x48454C49, 0x48454C4A
"""Of our choice, one for each kind of lock; the second number says which run."""

_GATE = 0


def alone(connection: Connection) -> None:
    """Until the transaction ends, nobody else makes or changes the schema."""
    if is_server(connection):  # SQLite has one writer in any case
        connection.execute(text("SELECT pg_advisory_xact_lock(:kind, 0)"), {"kind": _SCHEMA})


class ServerLocks:
    """The locks on runs of one database, as one store holds them; see ``storage.locks.Locks``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: Connection | None = None

    @contextmanager
    def gate(self) -> Iterator[None]:
        """Nobody else takes a run until this is left."""
        self._ask("SELECT pg_advisory_lock(:kind, :number)", _GATE)
        try:
            yield
        finally:
            self._ask("SELECT pg_advisory_unlock(:kind, :number)", _GATE)

    def take(self, run_id: int) -> bool:
        """Hold this run until closed; False when another one holds it."""
        return self._ask("SELECT pg_try_advisory_lock(:kind, :number)", run_id)

    def held_elsewhere(self) -> bool:
        """Whether another one holds any run."""
        return self._ask(
            "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 2"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            " AND classid = CAST(:kind AS bigint)::oid AND objid <> CAST(:number AS bigint)::oid"
            " AND pid <> pg_backend_pid())",
            _GATE,
        )

    def close(self) -> None:
        """Let go of everything."""
        if self._connection is not None:
            self._connection.invalidate()  # ended, not given back: a pool would keep its locks
            self._connection.close()
            self._connection = None

    def _ask(self, question: str, number: int) -> bool:
        with translated(self._engine):
            if self._connection is None:
                opened = self._engine.connect()
                self._connection = opened.execution_options(isolation_level="AUTOCOMMIT")
            answer = self._connection.scalar(text(question), {"kind": _RUNS, "number": number})
        return bool(answer)
