"""A question in SQL, what it may cost, and its answer: values that two processes exchange."""

import msgspec

MEGABYTE = 1024 * 1024

Value = int | float | str | None
"""One cell; a blob, of which the views have none, is its hexadecimal digits."""


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What one question may cost."""

    seconds: float = 1.0
    rows: int = 1000
    """So many rows are answered; whether there are more is said, and the rest is left alone."""
    answer_bytes: int = 32 * MEGABYTE
    """Of all texts of an answer together."""
    memory_bytes: int = 512 * MEGABYTE
    """Of the process that reads, all in all."""


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What the process that reads is told."""

    engine: str
    place: str
    """Where the engine finds the data; for SQLite, a URI that opens it to be read."""
    sql: str
    limits: Limits
    views: dict[str, dict[str, list[str]]]
    """Each view, and the columns of the tables beneath it that it shows."""


class Answer(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The rows of an answer; ``cut`` when there were more than allowed."""

    columns: tuple[str, ...]
    rows: list[tuple[Value, ...]]
    cut: bool = False


class No(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Why there is no answer, in one line."""

    why: str
    too_much: bool = False
    of_file: bool = False
    """It is the database that can't be read, whatever is asked."""


def too_slow(limits: Limits) -> No:
    """The answer would take longer than was granted."""
    why = f"the answer takes longer than {limits.seconds:g} s; ask for less, or allow more seconds"
    return No(why=why, too_much=True)


def too_large(limits: Limits) -> No:
    """The answer, or the way to it, needs more room than was granted."""
    why = (
        f"the answer needs more than {limits.answer_bytes // MEGABYTE} MB, or"
        f" {limits.memory_bytes // MEGABYTE} MB to work it out; ask for fewer columns or rows"
    )
    return No(why=why, too_much=True)
