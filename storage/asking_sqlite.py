"""SQLite's own guard over a question: what may be read is listed, and all else is refused.

Every name, function and action of a statement is put to an authorizer while SQLite prepares it, so
spelling, comments and nesting hide nothing from it. A clock looks in every thousand instructions.
"""

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing

from storage.asking_names import name_taken
from storage.asking_rows import collect
from storage.asking_words import (
    SEVERAL,
    first_word_refused,
    function_refused,
    name_refused,
    statement_refused,
    taken,
    unreadable,
    without_table,
)
from storage.question import MEGABYTE, Answer, No, Question, too_large, too_slow

_FUNCTIONS = """
-> ->> abs avg ceil ceiling char coalesce concat concat_ws count cume_dist current_date current_time
current_timestamp date datetime dense_rank exp first_value floor format glob group_concat hex ifnull
iif instr json json_array json_array_length json_each json_error_position json_extract
json_group_array json_group_object json_insert json_object json_patch json_quote json_remove
json_replace json_set json_tree json_type json_valid julianday lag last_value lead length like ln
log log10 log2 lower ltrim max min mod nth_value ntile nullif octet_length percent_rank pi pow power
printf quote random rank replace round row_number rtrim sign sqrt string_agg strftime substr
substring sum time timediff total trim trunc typeof unicode unixepoch upper
"""
FUNCTIONS = frozenset(_FUNCTIONS.split())
"""Functions that calculate with what they are given, and know nothing of this computer's files."""

TABLES_MADE = frozenset({"json_each", "json_tree"})
"""Functions that stand where a table does."""

_INSTRUCTIONS = 1000
_LIMITS = {
    sqlite3.SQLITE_LIMIT_LENGTH: 2 * MEGABYTE,  # of one text, blob or row
    sqlite3.SQLITE_LIMIT_SQL_LENGTH: 100_000,
    sqlite3.SQLITE_LIMIT_COLUMN: 200,
    sqlite3.SQLITE_LIMIT_EXPR_DEPTH: 200,
    sqlite3.SQLITE_LIMIT_COMPOUND_SELECT: 100,
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
    sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH: 1000,
    sqlite3.SQLITE_LIMIT_TRIGGER_DEPTH: 0,
    sqlite3.SQLITE_LIMIT_WORKER_THREADS: 0,
}
_NAMED = {
    value: name.removeprefix("SQLITE_").lower().replace("_", " ")
    for name, value in vars(sqlite3).items()
    if name.startswith(("SQLITE_CREATE_", "SQLITE_DROP_"))
} | {
    sqlite3.SQLITE_ATTACH: "attach",
    sqlite3.SQLITE_DETACH: "detach",
    sqlite3.SQLITE_ALTER_TABLE: "alter table",
    sqlite3.SQLITE_ANALYZE: "analyze",
    sqlite3.SQLITE_DELETE: "delete",
    sqlite3.SQLITE_INSERT: "insert",
    sqlite3.SQLITE_PRAGMA: "pragma",
    sqlite3.SQLITE_REINDEX: "reindex",
    sqlite3.SQLITE_SAVEPOINT: "savepoint",
    sqlite3.SQLITE_TRANSACTION: "transaction",
    sqlite3.SQLITE_UPDATE: "update",
}
_NO_MEMORY = frozenset({"SQLITE_NOMEM", "SQLITE_IOERR_NOMEM"})
_OF_THE_FILE = (
    "SQLITE_BUSY",
    "SQLITE_CANTOPEN",
    "SQLITE_CORRUPT",
    "SQLITE_FULL",
    "SQLITE_IOERR",
    "SQLITE_LOCKED",
    "SQLITE_NOTADB",
    "SQLITE_PROTOCOL",
    "SQLITE_READONLY",
)
"""Beginnings of the names of errors that are no question's fault."""


def answer(question: Question) -> Answer | No:
    """The answer to a question about the file at its ``place``, or why there is none."""
    why = first_word_refused(question.sql)
    if why:
        return No(why=why)
    try:
        with closing(sqlite3.connect(question.place, uri=True, isolation_level=None)) as connection:
            return _answer(connection, question)
    except sqlite3.Error as error:
        return _in_words(error, "", question)


def _answer(connection: sqlite3.Connection, question: Question) -> Answer | No:
    limits = question.limits
    view = name_taken(question.sql, question.views)
    if view:
        return No(why=taken(view))
    _prepare(connection)
    guard = Guard(question.views, _names_there(connection))
    connection.set_authorizer(guard)
    connection.set_progress_handler(_clock(limits.seconds), _INSTRUCTIONS)
    try:
        cursor = connection.execute(question.sql)
        return collect(_columns(cursor), cursor, limits)
    except (sqlite3.Error, sqlite3.Warning, ValueError) as error:
        return _in_words(error, guard.why, question)


def _prepare(connection: sqlite3.Connection) -> None:
    """What is to hold whatever is asked; nothing may set it otherwise later."""
    connection.text_factory = lambda data: data.decode("utf-8", "backslashreplace")
    for statement in (
        "query_only = ON",
        "trusted_schema = OFF",
        "temp_store = MEMORY",
    ):
        connection.execute(f"PRAGMA {statement}")
    for limit, most in _LIMITS.items():
        connection.setlimit(limit, most)
    for name in sorted(TABLES_MADE):  # made when they are first named, which the guard forbids
        connection.execute(f"SELECT 1 FROM {name}('[]')")  # noqa: S608 - names of our own


def _names_there(connection: sqlite3.Connection) -> frozenset[str]:
    """Whatever may be read by name in this file without being a view of ours."""
    listed = connection.execute(
        "SELECT lower(name) FROM sqlite_schema UNION SELECT lower(name) FROM pragma_module_list"
    )
    own = {"sqlite_schema", "sqlite_master", "sqlite_temp_schema", "sqlite_temp_master"}
    return frozenset({str(row[0]) for row in listed} | own)


class Guard:
    """Decides on each action of a statement; ``why`` is what it refused first."""

    def __init__(self, views: dict[str, dict[str, list[str]]], names: frozenset[str]) -> None:
        self._beneath = {
            (view, table): frozenset(columns)
            for view, tables in views.items()
            for table, columns in tables.items()
        }
        self._views = frozenset(views)
        counted = {table for _, table in self._beneath}
        self._others = names - self._views - TABLES_MADE - counted
        self.why = ""

    def __call__(
        self, action: int, one: str | None, two: str | None, _: str | None, within: str | None
    ) -> int:
        """SQLITE_OK or SQLITE_DENY; ``within`` is the innermost view that the action is part of."""
        if action in {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_RECURSIVE}:
            return sqlite3.SQLITE_OK
        if action == sqlite3.SQLITE_READ:
            why = self._read(one or "", two or "", within)
        elif action == sqlite3.SQLITE_FUNCTION:
            known = (two or "").lower() in FUNCTIONS
            why = "" if known else function_refused(two or "")
        elif action == sqlite3.SQLITE_UPDATE and one == "sqlite_master":
            why = "what stands there for a table is refused, except json_each and json_tree"
        else:
            why = statement_refused(_NAMED.get(action, "this"))
        self.why = self.why or why
        return sqlite3.SQLITE_DENY if why else sqlite3.SQLITE_OK

    def _read(self, table: str, column: str, within: str | None) -> str:
        """Why this column can't be read, or nothing. A column without name stands for no column.
        What is read within a view is what that view shows: no part of a question has its name
        (storage.asking_names).
        """
        name = table.lower()
        if name in self._views or name in TABLES_MADE:
            return ""
        if column in self._beneath.get(((within or "").lower(), name), ()):
            return ""
        if not column and name not in self._others and not name.startswith("pragma_"):
            return ""  # a part of the question itself, or rows of a view that are only counted
        return name_refused(table, self._views)


def _clock(seconds: float) -> Callable[[], int]:
    """What stops the statement when its time is over."""
    end = time.monotonic() + seconds
    return lambda: int(time.monotonic() > end)


def _columns(cursor: sqlite3.Cursor) -> tuple[str, ...]:
    return tuple(str(column[0]) for column in cursor.description)


def _in_words(error: Exception, refused: str, question: Question) -> No:
    limits, views = question.limits, question.views
    name = str(getattr(error, "sqlite_errorname", ""))
    if refused:
        return No(why=refused)
    if name == "SQLITE_INTERRUPT":
        return too_slow(limits)
    if name in _NO_MEMORY:
        return too_large(limits)
    if name == "SQLITE_TOOBIG":
        most = _LIMITS[sqlite3.SQLITE_LIMIT_LENGTH] // MEGABYTE
        return No(why=f"a text, or a row, is longer than {most} MB; ask for less", too_much=True)
    told = " ".join(str(error).split())
    if name.startswith(_OF_THE_FILE):
        return No(why=f"the database can't be read: {told} ({name})", of_file=True)
    several = SEVERAL if "one statement at a time" in told else ""
    return No(why=several or without_table(told, views) or unreadable(told))
