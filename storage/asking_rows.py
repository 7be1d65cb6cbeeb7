"""Rows as an engine gives them, made an answer: plain values, and no more than was granted.

What one engine calls a boolean, a decimal or a date is on another a number or a text; an answer
has numbers, texts and nulls, so that one question has one answer.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from math import isfinite

import msgspec

from storage.question import Answer, Limits, No, Value, too_large

_WIDEST = range(-(2**63), 2**63)
"""Whole numbers that every engine, and every frame of columns, holds."""


class TooWide(ValueError):
    """A whole number of the answer has more than 64 bits."""


def collect(
    columns: tuple[str, ...], found: Iterable[Sequence[object]], limits: Limits
) -> Answer | No:
    """The answer made of the rows found; no row is asked for beyond the one that says "more"."""
    rows: list[tuple[Value, ...]] = []
    room = limits.answer_bytes
    for one in found:
        if len(rows) == limits.rows:
            return Answer(columns=columns, rows=rows, cut=True)
        try:
            row = tuple(value(cell) for cell in one)
        except TooWide as error:
            return No(why=str(error))
        room -= sum(len(cell) for cell in row if isinstance(cell, str))
        if room < 0:
            return too_large(limits)
        rows.append(row)
    return Answer(columns=columns, rows=rows)


def value(cell: object) -> Value:
    """One cell: truth as 1 or 0, decimals as numbers, all else as text; raises TooWide."""
    if cell is None or isinstance(cell, str | float):
        return cell
    if isinstance(cell, int):
        return _whole(int(cell))
    if isinstance(cell, Decimal):
        return _number(cell)
    if isinstance(cell, bytes | bytearray | memoryview):
        return bytes(cell).hex()
    if isinstance(cell, list | tuple | dict):
        return msgspec.json.encode(cell, enc_hook=str).decode()
    return str(cell)


def _whole(number: int) -> int:
    if number not in _WIDEST:
        raise TooWide("a number of the answer has more than 64 bits; CAST it to text")
    return number


def _number(number: Decimal) -> int | float:
    """Without digits after the point it is whole, as where there are no decimals at all."""
    exponent = number.as_tuple().exponent
    if isfinite(number) and isinstance(exponent, int) and exponent >= 0:
        return _whole(int(number))
    return float(number)
