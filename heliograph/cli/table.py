"""Results as a table for spreadsheets: CSV (RFC 4180) in which no cell is a formula."""

import csv
import io
import sys
from collections.abc import Iterable

import msgspec

from heliograph.model import VerdictRow
from heliograph.text import for_cell

COLUMNS = VerdictRow.__struct_fields__


def print_csv(rows: Iterable[VerdictRow]) -> None:
    """The rows on stdout, with a header; a line ends with CR and LF, text is UTF-8."""
    for line in lines(rows):
        sys.stdout.buffer.write(line.encode())
    sys.stdout.buffer.flush()


def lines(rows: Iterable[VerdictRow]) -> Iterable[str]:
    """The header, and a line for each row; no cell holds a line break or control character."""
    yield _line(COLUMNS)
    for row in rows:
        yield _line(cell(getattr(row, name)) for name in COLUMNS)


def cell(value: object) -> str:
    """A value as a cell that can be seen and calculates nothing.

    Several values are joined by commas, pairs written ``name=value``, and nothing is empty.
    """
    return for_cell(_text(value))


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, tuple):
        return ", ".join(_text(one) for one in value)
    if isinstance(value, dict):
        return ", ".join(f"{name}={_text(one)}" for name, one in value.items())
    return str(msgspec.to_builtins(value))


def _line(cells: Iterable[str]) -> str:
    written = io.StringIO()
    csv.writer(written).writerow(cells)
    return written.getvalue()
