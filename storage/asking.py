"""Asking the database in SQL: read-only by construction, and within what one question may cost.

Whoever asks may be anybody, and so may whoever made the file. The question is read by a process of
its own, which can write to no file, and whose time and memory the system itself bounds
(``storage.asking_child``); the engine's guard (``storage.asking_sqlite``) stands inside of it, and
says in words what it refuses.
"""

import os
import subprocess
import sys
from pathlib import Path

import msgspec
from sqlalchemy import Column, Engine, Table
from sqlalchemy.sql.visitors import iterate

from storage.engine import location_of, open_engine
from storage.errors import StorageError
from storage.question import Answer, Limits, No, Question, too_slow
from storage.schema import check
from storage.views import VIEWS, View

_START_SECONDS = 10.0
"""What a busy computer may take to start the process that reads."""
_RUN = "import sys; sys.path[:] = sys.argv[1:]; from storage.asking_child import main; main()"
"""What it runs: it finds modules where this process does, notebooks and checkouts included."""


class Refused(StorageError):
    """The question is no question, or asks for more than the views show; nothing was answered."""


class TooMuch(StorageError):
    """The answer takes more time or room than was granted."""


class Asking:
    """One database to ask; it is never changed, and no file is left beside it."""

    def __init__(self, location: str) -> None:
        self._engine = open_engine(location, read_only=True)
        self._is_open = True
        try:
            check(self._engine)  # its connection stays open: the last to leave a log tidies it up
        except BaseException:
            self._engine.dispose()
            raise

    def ask(self, sql: str, limits: Limits) -> Answer:
        """The answer; raises Refused, TooMuch and other StorageErrors, each one line."""
        if not self._is_open:
            raise StorageError(f"{location_of(self._engine)}: is closed; open it again to ask")
        question = Question(
            engine="sqlite", place=place_of(self._engine), sql=sql, limits=limits, views=shown()
        )
        reply = _read_apart(question)
        if isinstance(reply, Answer):
            return reply
        if reply.of_file:
            raise StorageError(f"{location_of(self._engine)}: {reply.why}")
        raise TooMuch(reply.why) if reply.too_much else Refused(reply.why)

    def close(self) -> None:
        """Let go of the database; nothing can be asked any more."""
        self._is_open = False
        self._engine.dispose()

    def __enter__(self) -> "Asking":
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()


def place_of(engine: Engine) -> str:
    """The URI that opens the file of an SQLite engine for reading and nothing else.

    Where nothing can be written and no side file tells of a writer, the file can't change.
    """
    path = Path(location_of(engine)).absolute()
    has_writer = os.access(path.parent, os.W_OK) or Path(f"{path}-wal").exists()
    return path.as_uri() + ("?mode=ro" if has_writer else "?mode=ro&immutable=1")


def shown(views: tuple[View, ...] = VIEWS) -> dict[str, dict[str, list[str]]]:
    """What each view reads: the columns of each table beneath it, and nothing it does not use."""
    found: dict[str, dict[str, list[str]]] = {}
    for view in views:
        beneath: dict[str, set[str]] = {}
        for part in iterate(view.query):
            if isinstance(part, Column) and isinstance(part.table, Table):
                beneath.setdefault(str(part.table.name), set()).add(str(part.name))
        found[view.name] = {table: sorted(names) for table, names in sorted(beneath.items())}
    return found


def _read_apart(question: Question) -> Answer | No:
    try:
        asked = msgspec.msgpack.encode(question)
    except UnicodeEncodeError:
        return No(why="the question holds half a character (a lone surrogate); write it anew")
    try:
        done = subprocess.run(  # noqa: S603 - this Python, and words of our own
            [sys.executable, "-c", _RUN, *sys.path],
            input=asked,
            capture_output=True,
            check=False,
            timeout=question.limits.seconds + _START_SECONDS,
        )
    except subprocess.TimeoutExpired:
        return too_slow(question.limits)
    if done.returncode < 0:  # ended by the system: busy with what no engine interrupts
        return too_slow(question.limits)
    if done.returncode != 0:
        told = done.stderr.decode(errors="backslashreplace")
        raise RuntimeError(f"the process that reads ended with {done.returncode}: {told}")
    return msgspec.msgpack.decode(done.stdout, type=Answer | No)
