"""A researcher's way in: open a database or an exported folder, ask in SQL, get rows or a frame.

Ask an SQLite file, a PostgreSQL server, or the folder of an archive; the views are the same.

    from heliograph import door

    with door.open("heliograph.sqlite") as results:
        blocked = results.query("SELECT host FROM api_v1_verdicts WHERE state = 'blocked'")
        frame = results.polars("SELECT * FROM api_v1_verdicts")

Nothing is ever written. What may be read and asked is what ``heliograph query`` allows; an answer
that would be incomplete is an error, not a shorter answer. Arrow, polars and pandas are loaded when
they are asked for (extra ``frames``).
"""

from collections import Counter
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from storage.asking import Asking, Refused, TooMuch
from storage.errors import StorageError
from storage.question import MEGABYTE, Answer, Limits, Value

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Door", "MissingLibrary", "Refused", "Rows", "StorageError", "TooMuch", "open"]

_LIMITS = Limits(
    seconds=60.0, rows=1_000_000, answer_bytes=256 * MEGABYTE, memory_bytes=4096 * MEGABYTE
)


class MissingLibrary(ImportError):
    """The library that was asked for is not installed; the message says how it is."""


class Rows:
    """The answer to a question: ``columns`` are names, ``rows`` are tuples in their order."""

    def __init__(self, answer: Answer) -> None:
        self.columns: tuple[str, ...] = answer.columns
        self.rows: list[tuple[Value, ...]] = answer.rows

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> "Iterator[tuple[Value, ...]]":
        return iter(self.rows)

    def arrow(self) -> Any:
        """The rows as a ``pyarrow.Table``; raises MissingLibrary."""
        columns = self._by_column()
        return _library("pyarrow").table(columns)

    def polars(self) -> Any:
        """The rows as a ``polars.DataFrame``; raises MissingLibrary."""
        columns = self._by_column()
        return _library("polars").DataFrame(columns, strict=False)

    def pandas(self) -> Any:
        """The rows as a ``pandas.DataFrame``; raises MissingLibrary."""
        columns = self._by_column()
        return _library("pandas").DataFrame(columns)

    def _by_column(self) -> dict[str, list[Value]]:
        twice = [name for name, count in Counter(self.columns).items() if count > 1]
        if twice:
            raise Refused(f"two columns are named {twice[0]!r}; name one with AS")
        columns = {name: [row[i] for row in self.rows] for i, name in enumerate(self.columns)}
        for name, values in columns.items():
            if len({isinstance(value, str) for value in values if value is not None}) > 1:
                raise Refused(f"column {name!r} holds both text and numbers; CAST it to one")
        return columns


class Door:
    """One database of results, open to be read; ``close`` it, or use it in a ``with``."""

    def __init__(self, location: str | Path, limits: Limits = _LIMITS) -> None:
        self._asking = Asking(str(location))
        self._limits = limits

    def query(self, sql: str) -> Rows:
        """The rows; raises Refused for what only a writer would ask, TooMuch for a long answer.

        Other StorageErrors say that the database can't be read, or is closed.
        """
        answer = self._asking.ask(sql, self._limits)
        if answer.cut:
            raise TooMuch(
                f"the answer has more than {self._limits.rows} rows; add a LIMIT, or allow more:"
                " door.open(place, rows=...)"
            )
        return Rows(answer)

    def arrow(self, sql: str) -> Any:
        """The answer as a ``pyarrow.Table``."""
        return self.query(sql).arrow()

    def polars(self, sql: str) -> Any:
        """The answer as a ``polars.DataFrame``."""
        return self.query(sql).polars()

    def pandas(self, sql: str) -> Any:
        """The answer as a ``pandas.DataFrame``."""
        return self.query(sql).pandas()

    def close(self) -> None:
        """Let go of the database."""
        self._asking.close()

    def __enter__(self) -> "Door":
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()


def open(
    location: str | Path, *, seconds: float = _LIMITS.seconds, rows: int = _LIMITS.rows
) -> Door:
    """The database at a path or URL (``postgresql://USER@HOST/DATABASE?password_file=FILE``), or
    in a folder that ``heliograph export sqlite`` or ``export parquet`` wrote.

    ``seconds`` and ``rows`` bound each answer. Raises StorageError in one line when there is none,
    or it can't be read.
    """
    limits = Limits(
        seconds=seconds,
        rows=rows,
        answer_bytes=_LIMITS.answer_bytes,
        memory_bytes=_LIMITS.memory_bytes,
    )
    return Door(location, limits)


def _library(name: str) -> Any:
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        raise MissingLibrary(
            f"{name} is not installed; pip install {name}, or in the folder of Heliograph's source"
            " pip install '.[frames]' for all three"
        ) from error
