"""Writing an SQLite file anew, so that it holds its rows and nothing else."""

from sqlalchemy import Engine

from storage.engine import translated
from storage.errors import StorageError


def compact(engine: Engine, *, in_memory: bool) -> bool:
    """Write the file anew, and empty the log beside it; False while somebody else has it open.

    ``in_memory``: what is copied meanwhile is never in another file, and has to fit into memory.
    """
    place = "temp_store = MEMORY" if in_memory else "temp_store = DEFAULT"
    try:
        pragma(engine, place, "VACUUM")
        return not pragma(engine, "wal_checkpoint(TRUNCATE)")
    except StorageError:
        return False


def pragma(engine: Engine, *statements: str) -> int:
    """Run each outside of a transaction; the first number the last one answers."""
    answer = None
    with translated(engine):
        raw = engine.raw_connection()
        try:
            cursor = raw.cursor()
            for words in statements:
                cursor.execute(words if words == "VACUUM" else f"PRAGMA {words}")
                answer = cursor.fetchone()
            cursor.close()
        finally:
            raw.close()
    return int(answer[0]) if answer and isinstance(answer[0], int) else 0
