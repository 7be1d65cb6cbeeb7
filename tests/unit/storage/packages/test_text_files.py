"""Tables as text: no cell is a formula, and every line of JSON is what was stored."""

import csv
import hashlib
import io
import json
from collections.abc import Callable
from pathlib import Path

from storage.packages.shapes import Format
from storage.packages.tables import TABLES
from storage.packages.text_files import csv_lines, json_lines, sha256_of
from tests.lab.planted import HOSTILE

MEASUREMENTS = TABLES[0]


def row(**values: object) -> tuple[object, ...]:
    return tuple(values.get(name) for name in MEASUREMENTS.columns)


def cells(*rows: tuple[object, ...]) -> list[list[str]]:
    text = b"".join(csv_lines(MEASUREMENTS, rows)).decode()
    return list(csv.reader(io.StringIO(text, newline="")))


def test_no_text_is_a_formula_and_a_number_stays_one() -> None:
    header, one = cells(row(input="=1+1", asn=-5, seconds=0.5, reason=None, context='["a"]'))
    named = dict(zip(header, one, strict=True))

    assert tuple(header) == MEASUREMENTS.columns
    assert (named["input"], named["asn"], named["seconds"]) == ("'=1+1", "-5", "0.5")
    assert (named["reason"], named["context"]) == ("", '["a"]')


def test_hostile_texts_stay_in_their_cells(pack: Callable[..., Path]) -> None:
    text = (pack(Format.CSV) / "measurements.csv").read_bytes().decode()
    found = list(csv.DictReader(io.StringIO(text, newline="")))

    assert len(found) == len(HOSTILE) + 1
    assert not any(one["campaign"].startswith(tuple("=+-@\t\r\n＝")) for one in found)
    assert all(line.count("\x1b") == 0 for line in text.splitlines())


def test_json_is_exact_and_its_columns_are_values(pack: Callable[..., Path]) -> None:
    folder = pack(Format.JSONL)
    found, verdicts = (
        [json.loads(line) for line in (folder / f"{name}.jsonl").read_bytes().splitlines()]
        for name in ("measurements", "verdicts")
    )

    assert sorted(one["campaign"] for one in found) == sorted([*HOSTILE, "c1"])
    assert found[0]["context"] == ["shutdown", "tunnel"]
    assert found[0]["stack"]["system"] == "Linux"
    assert {tuple(one["techniques"]) for one in verdicts} == {("tls.reset", "dns.bogon"), ()}


def test_a_null_is_a_null() -> None:
    (line,) = json_lines(MEASUREMENTS, [row(input="a", stack=None)])

    assert json.loads(line)["stack"] is None
    assert list(json.loads(line)) == list(MEASUREMENTS.columns)


def test_a_digest_is_that_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"abc" * 100_000)

    assert sha256_of(tmp_path / "x") == hashlib.sha256(b"abc" * 100_000).hexdigest()
