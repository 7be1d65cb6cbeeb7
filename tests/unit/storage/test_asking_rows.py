"""What engines give becomes numbers, texts and nulls, within what was granted."""

import math
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest

from storage.asking_rows import TooWide, collect, value
from storage.question import Answer, Limits, No


@pytest.mark.parametrize(
    ("cell", "kept"),
    [
        (None, None),
        ("ü", "ü"),
        (2.5, 2.5),
        (True, 1),
        (False, 0),
        (-(2**63), -(2**63)),
        (Decimal("7"), 7),
        (Decimal("7E+2"), 700),
        (Decimal("7.0"), 7.0),
        (Decimal("0.1"), 0.1),
        (Decimal("Infinity"), math.inf),
        (b"\x00\xff", "00ff"),
        (memoryview(b"a"), "61"),
        ([1, {"a": Decimal("1.5")}], '[1,{"a":"1.5"}]'),
        (date(2026, 11, 1), "2026-11-01"),
        (datetime(2026, 11, 1, tzinfo=UTC), "2026-11-01 00:00:00+00:00"),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
    ],
)
def test_a_cell_is_a_number_a_text_or_nothing(cell: object, kept: object) -> None:
    found = value(cell)

    assert (found, type(found)) == (kept, type(kept))


@pytest.mark.parametrize("wide", [2**63, -(2**63) - 1, Decimal(2**63)])
def test_a_number_no_frame_holds_is_told(wide: object) -> None:
    with pytest.raises(TooWide, match="more than 64 bits"):
        value(wide)
    assert collect(("n",), [(wide,)], Limits()) == No(
        why="a number of the answer has more than 64 bits; CAST it to text"
    )


def test_no_more_rows_are_asked_for_than_say_that_there_are_more() -> None:
    asked: list[int] = []

    def endless() -> Iterator[tuple[int]]:
        while True:
            asked.append(1)
            yield (len(asked),)

    cut = collect(("n",), endless(), Limits(rows=2))

    assert cut == Answer(columns=("n",), rows=[(1,), (2,)], cut=True)
    assert len(asked) == 3
    assert collect(("n",), [(1,), (2,)], Limits(rows=2)) == Answer(
        columns=("n",), rows=[(1,), (2,)]
    )


def test_all_texts_together_are_no_longer_than_granted() -> None:
    rows = [("xxxx", 1), ("xxxx", 2)]

    assert isinstance(collect(("t", "n"), rows, Limits(answer_bytes=8)), Answer)
    reply = collect(("t", "n"), rows, Limits(answer_bytes=7))
    assert isinstance(reply, No)
    assert reply.too_much
