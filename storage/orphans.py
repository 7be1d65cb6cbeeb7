"""Files that stand beside a database, and what becomes of them when it is removed."""

from contextlib import suppress
from pathlib import Path

from sqlalchemy import Engine

from storage.engine import MEMORY, is_server, location_of, translated
from storage.errors import StorageError

BESIDE = ("-wal", "-shm", "-journal", "-lock")
"""What SQLite puts beside a database, and the file by which runs know of each other."""


def orphans(database: Path) -> list[Path]:
    """The files of a database that is not there any more; none while it is.

    The log among them holds what was stored last, names of targets included.
    """
    if database.exists() or database.is_symlink():
        return []
    beside = (database.with_name(f"{database.name}{end}") for end in BESIDE)
    return [file for file in beside if file.is_file() or file.is_symlink()]


def remove_orphans(database: Path) -> None:
    """Remove them, as far as they can be."""
    for file in orphans(database):
        with suppress(OSError):
            file.unlink()


def let_go(engine: Engine) -> None:
    """Close a database; where it was removed meanwhile, what stands beside it goes along.

    First the log is written into the file, wherever that is by now: one that was moved misses
    nothing.
    """
    location = location_of(engine)
    a_file = location != MEMORY and not is_server(engine)
    removed = a_file and not Path(location).exists()
    written = removed and _written_back(engine)
    engine.dispose()
    if written:
        remove_orphans(Path(location))


def _written_back(engine: Engine) -> bool:
    """Whether the file now holds all that was in its log."""
    try:
        with translated(engine), engine.connect() as connection:
            cursor = connection.connection.cursor()
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            answer = cursor.fetchone()
            cursor.close()
    except StorageError:
        return False
    return answer is not None and answer[0] == 0
