"""``query`` as a person or a script meets it: formats, limits, one clear line and a code."""

import csv
import io
import json
import time

import pytest

from tests.lab.planted import HOSTILE
from tests.lab.test_commands import Desk, complaint

BUSY = (
    "WITH a AS (SELECT printf('%.1900000c', 'a') AS x)"
    " SELECT length(trim(x, printf('%.150000c', 'b') || 'a')) FROM a"
)
"""One call of one function that takes minutes: no engine looks at its clock meanwhile."""


@pytest.fixture(scope="module")
def desk(planted_desk: Desk) -> Desk:
    return planted_desk


def test_an_answer_is_lines_of_json_with_the_names_of_the_columns(desk: Desk) -> None:
    done = desk(
        "query", "--json", "-", stdin="SELECT host AS site, asn, reason FROM api_v1_verdicts"
    )
    found = [json.loads(line) for line in done.stdout.splitlines()]

    assert done.returncode == 0, done.stderr
    assert len(found) == len(HOSTILE)
    assert list(found[0]) == ["site", "asn", "reason"]
    assert (found[1]["asn"], found[1]["reason"]) == (64500, None)


def test_csv_holds_no_formula_and_numbers_stay_numbers(desk: Desk) -> None:
    done = desk("query", "--format", "csv", "SELECT input, -1 AS n FROM api_v1_measurements")
    rows = list(csv.reader(io.StringIO(done.stdout, newline="")))

    assert rows[0] == ["input", "n"]
    assert {row[1] for row in rows[1:]} == {"-1"}
    assert not any(row[0].startswith(tuple("=+-@\t\r\n＝")) for row in rows)


def test_a_table_shows_hostile_text_escaped_and_says_when_there_is_more(desk: Desk) -> None:
    done = desk(
        "query", "--rows", "12", "SELECT input, state FROM api_v1_verdicts ORDER BY started"
    )

    assert len(done.stdout.splitlines()) == 13
    assert "\x1b" not in done.stdout
    assert "the first 12 rows; there are more" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("DROP TABLE steps",), 2, "DROP is refused; a question only reads"),
        (("SELECT * FROM consents",), 2, "consents is refused; a question reads the views"),
        (("SELECT 1", "--format", "xml"), 2, "--format 'xml' is not one of table, csv, json"),
        (("SELECT 1", "--format", "csv", "--json"), 2, "not both"),
        (("SELECT 1", "--seconds", "nan"), 2, "--seconds nan is not more than 0"),
        (("SELECT 1 AS a, 2 AS a", "--json"), 2, "two columns are named 'a'"),
        (("SELECT hex(printf('%.1900000c', 'x'))",), 65, "longer than 2 MB"),
        (("SELECT 1", "--db", "nothing.sqlite"), 66, "there is no database yet"),
    ],
)
def test_what_can_not_be_answered_is_one_line_and_a_code(
    desk: Desk, arguments: tuple[str, ...], code: int, words: str
) -> None:
    done = desk("query", *arguments)

    assert done.returncode == code, done.stderr
    assert words in complaint(done)
    assert done.stdout == ""


def test_what_the_engine_does_not_interrupt_the_system_ends(desk: Desk) -> None:
    began = time.monotonic()
    done = desk("query", "--seconds", "0.1", BUSY)

    assert done.returncode == 65
    assert "takes longer than 0.1 s" in complaint(done)
    assert time.monotonic() - began < 15


def test_nothing_is_left_beside_the_database(desk: Desk) -> None:
    desk("query", "SELECT 1")

    assert [path.name for path in desk.folder.iterdir() if path.name.startswith("results")] == [
        "results.sqlite"
    ]
