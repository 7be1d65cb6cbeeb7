"""Asking the database in SQL: read-only by construction, and within what one question may cost.

Whoever asks may be anybody, and so may whoever made the file. The question is read by a process of
its own, which can write to no file, and whose time and memory the system itself bounds
(``storage.asking_child``); the engine's guard (``storage.asking_sqlite``, ``asking_postgres`` or
``asking_duckdb``) stands inside of it, and says in words what it refuses.
"""

import subprocess
import sys

import msgspec
from sqlalchemy import Column, Table
from sqlalchemy.sql.visitors import iterate

from storage.asking_places import find
from storage.errors import StorageError
from storage.question import Answer, Limits, No, Question, too_slow
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
    """One database or archive to ask; it is never changed, and no file is left beside it."""

    def __init__(self, location: str) -> None:
        self._place = find(location)
        self._is_open = True

    def ask(self, sql: str, limits: Limits) -> Answer:
        """The answer; raises Refused, TooMuch and other StorageErrors, each one line."""
        if not self._is_open:
            raise StorageError(f"{self._place.shown}: is closed; open it again to ask")
        question = Question(
            engine=self._place.engine,
            place=self._place.told,
            sql=sql,
            limits=limits,
            views=shown(self._place.views),
        )
        reply = _read_apart(question)
        if isinstance(reply, Answer):
            return reply
        if reply.of_file:
            raise StorageError(f"{self._place.shown}: {reply.why}")
        raise TooMuch(reply.why) if reply.too_much else Refused(reply.why)

    def close(self) -> None:
        """Let go of the database; nothing can be asked any more."""
        self._is_open = False
        self._place.close()

    def __enter__(self) -> "Asking":
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()


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
