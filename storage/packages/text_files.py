"""The tables of a snapshot as text: CSV for spreadsheets, JSON lines for programs."""

import csv
import hashlib
import io
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path

import msgspec

from heliograph.text import for_cell
from storage.packages.shapes import Format
from storage.packages.tables import TABLES, Packed

Row = tuple[object, ...]


def write_tables(snapshot: Path, folder: Path, form: Format) -> list[Path]:
    """Write each table of the snapshot as a file of its name; returns the files."""
    lines = {Format.CSV: csv_lines, Format.JSONL: json_lines}[form]
    written = []
    with closing(sqlite3.connect(snapshot)) as connection:
        for table in TABLES:
            path = folder / f"{table.name}.{form}"
            with path.open("wb") as file:
                file.writelines(lines(table, connection.execute(table.query)))
            written.append(path)
    return written


def csv_lines(table: Packed, rows: Iterable[Row]) -> Iterator[bytes]:
    """RFC 4180: a header, a line for each row; null is empty, no text is a formula."""
    yield _csv_line(table.columns)
    for row in rows:
        yield _csv_line(map(_cell, row))


def json_lines(table: Packed, rows: Iterable[Row]) -> Iterator[bytes]:
    """An object a line; columns of JSON are values, not text."""
    as_json = table.json_columns
    for row in rows:
        record = {
            name: msgspec.Raw(str(value).encode()) if is_json and value is not None else value
            for name, value, is_json in zip(table.columns, row, as_json, strict=True)
        }
        yield msgspec.json.encode(record) + b"\n"


def sha256_of(path: Path) -> str:
    """The digest of a file in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _csv_line(cells: Iterable[str]) -> bytes:
    written = io.StringIO()
    csv.writer(written).writerow(cells)
    return written.getvalue().encode()


def _cell(value: object) -> str:
    if isinstance(value, str):
        return for_cell(value)
    return "" if value is None else str(value)
