"""Lists of targets: bytes in, entries and bad lines out; plain text or Citizen Lab's CSV format.

A list may come from a stranger: whatever it holds, reading it ends, raises only ListError, and an
entry that could harm whoever measures it is refused with the reason.
"""

import csv
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import msgspec

from heliograph.categories import CATEGORIES
from heliograph.model import Target
from heliograph.plugin import Expectation
from heliograph.text import decode
from heliograph.url import BadTarget, parse_target

MOST_BYTES = 16 * 1024 * 1024
MOST_LINES = 200_000
_NOTE_CHARACTERS = 1000
_LINES_OF_A_ROW = 20
_NEEDED = ("url", "category_code")
_HEADER = "url,category_code,category_description,date_added,source,notes"
_CODES = ", ".join(CATEGORIES)


class ListError(ValueError):
    """The list as a whole can't be used; the message says why and what mends it."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.line = line


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One target of a list, with what the list says of it."""

    target: Target
    category: str | None = None
    """A code of heliograph.categories; None in a plain list."""
    note: str = ""
    expectation: Expectation | None = None
    """What the target's page should hold; in lists of pages alone (heliograph.posts)."""
    line: int


class BadLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line that is no entry: what stands there, what is wrong and what mends it."""

    line: int
    text: str
    problem: str
    mend: str

    @property
    def message(self) -> str:
        """Problem and mend in one line."""
        return f"{self.problem}; {self.mend}"


class TargetList(msgspec.Struct, frozen=True, kw_only=True):
    """What a list holds: each target once, in the order given."""

    entries: tuple[Entry, ...] = ()
    bad: tuple[BadLine, ...] = ()
    repeated: int = 0
    """Lines that name a target for the second time."""


class _Row(NamedTuple):
    line: int
    url: str
    category: str | None = None
    note: str = ""


def read_list(data: bytes) -> TargetList:
    """The entries of a list in either format; raises ListError when it can't be used at all."""
    lines = lines_of(data)
    start = next((at for at, line in enumerate(lines) if not is_passed_over(line)), len(lines))
    columns = _columns(lines[start], start + 1) if start < len(lines) else None
    rows = _plain(lines) if columns is None else _table(lines, start + 1, columns)
    entries: dict[str, Entry] = {}
    bad: list[BadLine] = []
    repeated = 0
    for row in rows:
        found = row if isinstance(row, BadLine) else _entry(row)
        if isinstance(found, BadLine):
            bad.append(found)
        elif found.target.url in entries:
            repeated += 1
        else:
            entries[found.target.url] = found
    return TargetList(entries=tuple(entries.values()), bad=tuple(bad), repeated=repeated)


def lines_of(data: bytes) -> list[str]:
    """A list's lines, whatever ends them; raises ListError for too many."""
    if len(data) > MOST_BYTES:
        raise ListError(f"more than {MOST_BYTES >> 20} MiB; split the list")
    wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    text = decode(data, "utf-16" if wide else None).removeprefix("\ufeff")
    lines = text.replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n").split("\n")
    if len(lines) > MOST_LINES:
        raise ListError(f"more than {MOST_LINES} lines; split the list")
    return lines


def is_passed_over(line: str) -> bool:
    """An empty line, or a comment."""
    text = line.strip()
    return not text or text.startswith("#")


def _columns(line: str, number: int) -> dict[str, int] | None:
    """Where each column stands when this is the first line of a table; None when it is a URL."""
    names = _names(line, ",")
    if names.isdisjoint(_NEEDED):
        if not _names(line, "[;\t]").isdisjoint(_NEEDED):
            raise ListError("the columns are not separated by commas; save it with commas", number)
        return None
    missing = [name for name in _NEEDED if name not in names]
    if missing:
        raise ListError(
            f"the first line has no column {missing[0]}; it must be like {_HEADER}", number
        )
    cells = cells_of(line)
    if cells is None:
        raise ListError(f"the first line can't be read; it must be like {_HEADER}", number)
    return {name.strip().lower(): at for at, name in reversed(list(enumerate(cells)))}


def _names(line: str, separator: str) -> set[str]:
    if "/" in line:  # an address, whatever stands between its commas
        return set()
    return {cell.strip(' "').lower() for cell in re.split(separator, line)}


def _plain(lines: Sequence[str]) -> Iterator[_Row | BadLine]:
    for number, line in enumerate(lines, start=1):
        if not is_passed_over(line):
            yield _Row(number, line.strip())


def _table(lines: Sequence[str], start: int, columns: dict[str, int]) -> Iterator[_Row | BadLine]:
    for line, cells in records(lines, start):
        yield cells if isinstance(cells, BadLine) else _row(cells, line, columns)


def records(lines: Sequence[str], start: int) -> Iterator[tuple[int, list[str] | BadLine]]:
    """The rows of a table from a line on, each with the number of its line, counted from 1."""
    at = start
    while at < len(lines):
        if is_passed_over(lines[at]):
            at += 1
            continue
        cells, used = record_at(lines, at)
        yield at + 1, unreadable(lines[at], at + 1) if cells is None else cells
        at += used


def record_at(lines: Sequence[str], at: int) -> tuple[list[str] | None, int]:
    """The cells of one row and how many lines it takes; None when its quotes do not match.

    A quote that is never closed spoils its own line alone, not all that follow.
    """
    quotes = 0
    for used, line in enumerate(lines[at : at + _LINES_OF_A_ROW], start=1):
        quotes += line.count('"')
        if quotes % 2 == 0:
            cells = cells_of("\n".join(lines[at : at + used]))
            return cells, 1 if cells is None else used
    return None, 1


def cells_of(text: str) -> list[str] | None:
    """The cells of one row; None when its quotes do not match."""
    try:
        return next(csv.reader([text], strict=True), [])
    except csv.Error:
        return None


def unreadable(line: str, number: int) -> BadLine:
    """What is said of a row whose quotes do not match."""
    return BadLine(
        line=number,
        text=line,
        problem="can't be read as a row of a table",
        mend="put a cell with commas into quotation marks, and double those inside it",
    )


def _row(cells: list[str], line: int, columns: dict[str, int]) -> _Row | BadLine:
    if len(cells) <= max(columns[name] for name in _NEEDED):
        return BadLine(
            line=line,
            text=",".join(cells),
            problem=f"has {len(cells)} of {len(columns)} columns",
            mend=f"write {_HEADER}",
        )
    notes = columns.get("notes", len(cells))
    return _Row(
        line,
        cells[columns["url"]].strip(),
        cells[columns["category_code"]].strip().upper(),
        " ".join(cells[notes].split()) if notes < len(cells) else "",
    )


def _entry(row: _Row) -> Entry | BadLine:
    try:
        target = parse_target(row.url)
    except BadTarget as error:
        problem, _, mend = str(error).rpartition("; ")
        return BadLine(
            line=row.line,
            text=row.url,
            problem=problem or mend,
            mend=mend if problem else "mend the URL or leave the line out",
        )
    if row.category is not None and row.category not in CATEGORIES:
        return BadLine(
            line=row.line,
            text=row.url,
            problem=f"category_code {row.category[:20]!r} is not known",
            mend=f"use one of {_CODES}",
        )
    return Entry(
        target=target, category=row.category, note=row.note[:_NOTE_CHARACTERS], line=row.line
    )
