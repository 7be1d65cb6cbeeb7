"""DuckDB's answer over the Parquet files of an archive: no other file, no setting, on a clock.

The question itself was read before by DuckDB's own parser (``storage.asking_duckdb_tree``); what
holds whatever is asked is set here before, and locked.
"""

import threading
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import duckdb

from storage.archive.reading import open_archive
from storage.asking_duckdb_tree import Refusal, first_line, guard
from storage.asking_rows import collect
from storage.asking_words import unreadable
from storage.errors import StorageError
from storage.question import MEGABYTE, Answer, Limits, No, Question, too_large, too_slow

_NOT_EVERYWHERE = frozenset({"error_on_division_by_zero", "python_enable_replacements"})
"""Settings that not every release has; one that lacks them behaves as if they were set."""

_BATCH = 500
_STACK = MEGABYTE
_LIKE_SQLITE = {
    "integer_division": "true",
    "error_on_division_by_zero": "false",
    "ieee_floating_point_ops": "false",
    "default_null_order": "'nulls_first_on_asc_last_on_desc'",
}
"""Where engines differ and DuckDB may be told how: a whole number by a whole number is whole."""
_CLOSED = {
    "python_enable_replacements": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "enable_external_access": "false",
    "max_expression_depth": "200",
    "lock_configuration": "true",
}
"""In this order: nothing can be set after the last."""


def answer(question: Question) -> Answer | No:
    """The answer of the archive in the folder that is its ``place``, or why there is none."""
    try:
        connection = open_archive(Path(question.place))
    except StorageError as error:
        return No(why=str(error), of_file=True)
    except (duckdb.Error, OSError) as error:
        return No(why=f"the archive can't be read: {first_line(error)}", of_file=True)
    with closing(connection):
        return answer_from(connection, question)


def answer_from(connection: "duckdb.DuckDBPyConnection", question: Question) -> Answer | No:
    """The answer of views over the files in ``place``; from here on no other file can be read."""
    limits = question.limits
    close_off(connection, Path(question.place), limits)
    clock = _clock(connection, limits.seconds)
    try:
        guard(connection, question.sql, question.views)
        found = connection.execute(question.sql)
        columns = tuple(str(column[0]) for column in found.description or ())
        return collect(columns, _rows(found), limits)
    except Refusal as error:
        return No(why=str(error))
    except duckdb.InterruptException:
        return too_slow(limits)
    except (duckdb.OutOfMemoryException, MemoryError):
        return too_large(limits)
    except (duckdb.IOException, duckdb.InternalException) as error:
        return No(why=f"the archive can't be read: {first_line(error)}", of_file=True)
    except duckdb.Error as error:
        return No(why=unreadable(first_line(error)))
    finally:
        clock.cancel()


def close_off(connection: "duckdb.DuckDBPyConnection", folder: Path, limits: Limits) -> None:
    """What is to hold whatever is asked; one thread, so that one question has one answer."""
    place = str(folder.absolute()).replace("'", "''")
    ours = {
        "threads": "1",
        "memory_limit": f"'{limits.memory_bytes // 2 // MEGABYTE}MiB'",
        "temp_directory": "''",
        "allowed_directories": f"['{place}/']",
    }
    for name, value in (ours | _LIKE_SQLITE | _CLOSED).items():
        try:
            connection.execute(f"SET {name} = {value}")
        except duckdb.CatalogException:
            if name not in _NOT_EVERYWHERE:
                raise


def _clock(connection: "duckdb.DuckDBPyConnection", seconds: float) -> threading.Timer:
    """What stops the question when its time is over."""
    before = threading.stack_size(_STACK)
    try:
        clock = threading.Timer(seconds, connection.interrupt)
        clock.daemon = True
        clock.start()
    finally:
        threading.stack_size(before)
    return clock


def _rows(found: "duckdb.DuckDBPyConnection") -> Iterator[Sequence[object]]:
    while batch := found.fetchmany(_BATCH):
        yield from batch
