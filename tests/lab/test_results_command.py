"""Stored results are found by what a person remembers of them, and no spreadsheet runs them."""

import csv
import io
import json
import shutil
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heliograph.cli.table import COLUMNS, cell
from heliograph.text import for_terminal
from tests.lab.planted import HOSTILE
from tests.lab.test_commands import Desk, complaint

FORMULA_STARTS = tuple("=+-@\t\r\n＝＋－＠")


@pytest.fixture(scope="module")
def desk(planted_desk: Desk) -> Desk:
    return planted_desk


def listed(desk: Desk, *filters: str) -> list[str]:
    done = desk("results", "--json", *filters)
    assert done.returncode == 0, done.stderr
    return [json.loads(line)["started"][:10] for line in done.stdout.splitlines()]


@pytest.mark.parametrize(
    ("filters", "days"),
    [
        (("--since", "2026-11-14"), [15, 14]),
        (("--since", "2026-11-15T12:00"), [15]),
        (("--since", "2026-11-15T13:00+01:00"), [15]),
        (("--since", "2026-11-15T12:00:01Z"), []),
        (("--state", "BLOCKED", "--since", "2026-11-10"), [15, 13, 11]),
        (("--technique", "TLS.reset", "--limit", "1"), [15]),
        (("--technique", "dns"), []),
        (("--host", "Site3.example"), [4]),
        (("--host", "https://site3.example/page"), [4]),
        (("--host", "site3.example", "--host", "site5.example"), [6, 4]),
        (("--technique", "dns", "--technique", "tls", "--limit", "1"), [15]),
        (("--probe", "tcp"), []),
        (("--category", "news"), [1]),
        (("--category", "GAME"), []),
    ],
)
def test_filters_leave_what_was_asked_for(
    desk: Desk, filters: tuple[str, ...], days: list[int]
) -> None:
    assert listed(desk, *filters) == [f"2026-11-{day:02}" for day in days]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--since", "yesterday"), "--since 'yesterday' can't be read; a day (2026-11-23)"),
        (("--category", "stuff"), "--category 'stuff' is not one of ALDR"),
        (("--state", "bad"), "--state 'bad' is not one of ok"),
        (("--host", "example"), "--host example: example is not a name on the public internet"),
        (("--host", ""), "--host "),
        (("--json", "--csv"), "--json or --csv, not both"),
    ],
)
def test_what_can_not_be_understood_is_named(
    desk: Desk, arguments: tuple[str, ...], words: str
) -> None:
    done = desk("results", *arguments)

    assert done.returncode == 2
    assert words in complaint(done)


def test_what_a_limit_leaves_out_is_said_and_nothing_where_nothing_is(desk: Desk) -> None:
    for shape in ((), ("--json",), ("--csv",)):
        cut = desk("results", *shape, "--limit", "2")
        assert "the newest 2; older ones are left out" in cut.stderr
        whole = desk("results", *shape, "--limit", str(len(HOSTILE)))
        assert "left out" not in whole.stderr


def test_commands_that_are_named_are_about_the_same_database(desk: Desk) -> None:
    other = desk.folder / "other.sqlite"
    shutil.copy(desk.db, other)
    assert desk("results").stderr.rstrip().endswith(": heliograph show ID")
    told = desk("results", "--db", str(other)).stderr
    assert told.rstrip().endswith(f": heliograph show ID --db {other}")


def test_csv_goes_round_and_no_cell_calculates_or_moves_anything(desk: Desk) -> None:
    done = desk("results", "--csv")
    table = list(csv.DictReader(io.StringIO(done.stdout), strict=True))
    rows = [json.loads(line) for line in desk("results", "--json").stdout.splitlines()]

    assert tuple(table[0]) == COLUMNS
    assert len(table) == len(rows) == len(HOSTILE)
    for read, row in zip(table, rows, strict=True):
        assert read["measurement_id"] == row["measurement_id"]
        assert read["input"].removeprefix("'") == for_terminal(row["input"]).removeprefix("'")
        assert read["techniques"] == ", ".join(row["techniques"])
        assert not any(text.startswith(FORMULA_STARTS) for text in read.values())
    assert not set(done.stdout) & set("\t\x1b\x07\u202e")


def test_csv_is_rfc_4180(desk: Desk) -> None:
    raw = subprocess.run(
        [sys.executable, "-m", "heliograph", "results", "--csv"],
        env=desk.environment(),
        capture_output=True,
        check=True,
    ).stdout

    assert raw.count(b"\r\n") == raw.count(b"\n") == raw.count(b"\r") == len(HOSTILE) + 1
    assert raw.startswith(b"measurement_id,started,input,")
    assert b'"a ""quoted"", cell"' in raw
    assert "＝1" in raw.decode("utf-8")


def test_csv_of_nothing_is_a_header(desk: Desk) -> None:
    assert desk("results", "--csv", "--host", "none.example").stdout.count("\n") == 1


@given(st.text())
def test_any_text_is_a_harmless_cell_that_shows_it(text: str) -> None:
    written = cell(text)

    assert not written.startswith(FORMULA_STARTS)
    assert written.removeprefix("'") == for_terminal(text).removeprefix("'")
    assert written.isprintable() or not any(ord(c) < 32 for c in written)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, ""),
        (0.5, "0.5"),
        (7, "7"),
        (("a", "=b"), "a, =b"),
        (("=b", "a"), "'=b, a"),
        ({"x": "ruled_out", "y": "possible"}, "x=ruled_out, y=possible"),
        ((), ""),
    ],
)
def test_every_kind_of_value_has_its_cell(value: object, expected: str) -> None:
    assert cell(value) == expected


def test_show_tells_what_a_measurement_used(desk: Desk) -> None:
    identity = json.loads(desk("results", "--json").stdout.splitlines()[0])["measurement_id"]

    assert "data used    2.0 kB (sent 400 bytes, received 1.6 kB)" in desk("show", identity).stdout
