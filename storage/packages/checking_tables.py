"""Checking a table of a package that is text: its columns, each value, and what it refers to."""

import csv
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TextIO

import msgspec

from storage.packages.shapes import Field, Format
from storage.packages.tables import Packed, schema_of

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_FAULTS = 20
"""So many are told of one file."""

Row = dict[str, object]


class Unreadable(Exception):
    """The file can't be read on from here; the message says where and why."""


class TableCheck:
    """One pass over a table; ``known`` gathers ids of measurements, which others must refer to."""

    def __init__(self, table: Packed, known: set[str]) -> None:
        self.rows = 0
        self.faults: list[str] = []
        self._table = table
        schema = schema_of(table)
        self._fields = schema.fields
        self._is_first = not schema.foreign_keys
        self._known = known
        self._keys: set[tuple[object, ...]] = set()

    def read(self, path: Path, form: Format) -> None:
        """Look at every row."""
        rows_of = {Format.CSV: _csv_rows, Format.JSONL: _json_rows}[form]
        try:
            with path.open(encoding="utf-8", newline="") as file:
                for number, row in rows_of(file, self._table):
                    self.rows += 1
                    why = self._fault(row)
                    if why and len(self.faults) < _FAULTS:
                        self.faults.append(f"{path.name}: line {number}: {why}")
        except (Unreadable, UnicodeDecodeError, csv.Error) as error:
            self.faults.append(f"{path.name}: can't be read: {error}")

    def _fault(self, row: Row) -> str:
        for field in self._fields:
            why = _value_fault(field, row[field.name])
            if why:
                return why
        key = tuple(row[name] for name in self._table.key)
        if key in self._keys:
            return f"{' '.join(map(str, key))} is there twice"
        self._keys.add(key)
        measurement = str(row["measurement_id"])
        if self._is_first:
            self._known.add(measurement)
        return "" if measurement in self._known else f"there is no measurement {measurement}"


def _value_fault(field: Field, value: object) -> str:
    if value is None:
        return "" if field.constraints is None else f"{field.name} is empty"
    return "" if _FITS[field.type](value) else f"{field.name} is no {field.type}"


def _csv_rows(file: TextIO, table: Packed) -> Iterator[tuple[int, Row]]:
    reader = csv.reader(file)
    if next(reader, None) != list(table.columns):
        raise Unreadable("its columns are not those of the description")
    types = {field.name: field.type for field in schema_of(table).fields}
    for cells in reader:
        if len(cells) != len(table.columns):
            raise Unreadable(f"line {reader.line_num} has {len(cells)} cells")
        named = zip(table.columns, cells, strict=True)
        yield reader.line_num, {name: _parsed(types[name], cell) for name, cell in named}


def _parsed(kind: str, cell: str) -> object:
    """What a cell stands for; itself where it does not fit, which is then told of."""
    if not cell:
        return None
    if kind in {"string", "datetime"}:
        return cell
    try:
        return msgspec.json.decode(cell)
    except (msgspec.DecodeError, RecursionError):
        return cell


def _json_rows(file: TextIO, table: Packed) -> Iterator[tuple[int, Row]]:
    for number, line in enumerate(file, 1):
        try:
            row = msgspec.json.decode(line, type=dict[str, object])
        except (msgspec.DecodeError, RecursionError) as error:
            raise Unreadable(f"line {number} is no JSON object") from error
        if tuple(row) != table.columns:
            raise Unreadable(f"line {number} has not the columns of the description")
        yield number, row


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_moment(value: object) -> bool:
    return isinstance(value, str) and _MOMENT.fullmatch(value) is not None


_FITS: dict[str, Callable[[object], bool]] = {
    "string": lambda value: isinstance(value, str),
    "integer": _is_whole,
    "number": lambda value: _is_whole(value) or isinstance(value, float),
    "datetime": _is_moment,
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
}
"""What a value of each type is."""
