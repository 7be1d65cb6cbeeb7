"""Each thing that can be wrong with a row is told with its line."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from storage.packages.checking_tables import TableCheck
from storage.packages.shapes import Format
from storage.packages.tables import TABLES

STEPS = TABLES[1]


@pytest.fixture
def lines(pack: Callable[..., Path]) -> list[dict[str, object]]:
    text = (pack(Format.JSONL) / "steps.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def checked(
    folder: Path, lines: list[dict[str, object]], known: set[str] | None = None
) -> TableCheck:
    path = folder / "steps.jsonl"
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines), encoding="utf-8")
    check = TableCheck(
        STEPS, {str(line["measurement_id"]) for line in lines} if known is None else known
    )
    check.read(path, Format.JSONL)
    return check


def test_a_whole_table_has_no_fault(tmp_path: Path, lines: list[dict[str, object]]) -> None:
    found = checked(tmp_path, lines)

    assert (found.rows, found.faults) == (30, [])


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"hop": "one"}, "hop is no integer"),
        ({"hop": True}, "hop is no integer"),
        ({"hop": 1.5}, "hop is no integer"),
        ({"seconds": "1"}, "seconds is no number"),
        ({"kind": 7}, "kind is no string"),
        ({"measurement_started": "2026-11-23"}, "measurement_started is no datetime"),
        ({"measurement_id": None}, "measurement_id is empty"),
        ({"measurement_id": "nobody's"}, "there is no measurement nobody's"),
    ],
)
def test_a_value_that_does_not_fit_is_told_with_its_line(
    tmp_path: Path, lines: list[dict[str, object]], changed: dict[str, object], why: str
) -> None:
    known = {str(line["measurement_id"]) for line in lines}
    found = checked(tmp_path, [lines[0], {**lines[1], **changed}, lines[2]], known)

    assert found.faults == [f"steps.jsonl: line 2: {why}"]
    assert found.rows == 3


def test_a_row_that_is_there_twice_is_told(tmp_path: Path, lines: list[dict[str, object]]) -> None:
    (fault,) = checked(tmp_path, [*lines, lines[0]]).faults

    assert fault.endswith("0 is there twice")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (b"[1]\n", "line 1 is no JSON object"),
        (b"{}\n", "line 1 has not the columns"),
        (b'{"a": \xff}\n', "can't be read"),
        (b"[" * 100_000 + b"\n", "line 1 is no JSON object"),
    ],
)
def test_what_is_no_table_is_told(tmp_path: Path, text: bytes, why: str) -> None:
    (tmp_path / "x.jsonl").write_bytes(text)
    check = TableCheck(STEPS, set())
    check.read(tmp_path / "x.jsonl", Format.JSONL)

    (fault,) = check.faults
    assert why in fault


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda text: text.replace("number", "nummer", 1), "its columns are not those"),
        (lambda text: f"{text}one,two\r\n", "has 2 cells"),
        (lambda text: "", "its columns are not those"),
        (lambda text: text.replace(",8589934592,", ",many,", 1), "bytes_received is no integer"),
    ],
)
def test_csv_is_looked_at_as_closely(
    pack: Callable[..., Path], change: Callable[[str], str], why: str
) -> None:
    path = pack(Format.CSV) / "steps.csv"
    text = path.read_bytes().decode()
    known = {line.split(",")[0] for line in text.splitlines()[1:]}
    path.write_bytes(change(text).encode())
    check = TableCheck(STEPS, known)
    check.read(path, Format.CSV)

    (fault,) = check.faults
    assert why in fault


def test_of_many_faults_some_are_told(tmp_path: Path, lines: list[dict[str, object]]) -> None:
    assert len(checked(tmp_path, [{**line, "hop": "x"} for line in lines]).faults) == 20
