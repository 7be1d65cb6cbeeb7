"""How an answer is written out."""

from pathlib import Path

import pytest

from heliograph.cli.query import Wish, ask
from tests.lab.planted import plant


def test_lines_of_csv_end_as_rfc_4180_says(
    tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    plant(tmp_path / "r.sqlite")
    sql = "SELECT 1 AS n, '=1' AS text UNION ALL SELECT 2, 'a,b'"
    ask(Wish(sql, "csv", 10.0, 10, str(tmp_path / "r.sqlite"), json=False))

    assert capfdbinary.readouterr().out == b'n,text\r\n1,\'=1\r\n2,"a,b"\r\n'


def test_infinity_is_a_word_in_json_and_never_the_null_of_what_is_not_there(
    tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    plant(tmp_path / "r.sqlite")
    sql = "SELECT 1e999 AS a, -1e999 AS b, NULL AS c, 1.5 AS d"
    ask(Wish(sql, "json", 10.0, 10, str(tmp_path / "r.sqlite"), json=False))

    assert capfdbinary.readouterr().out == b'{"a":"inf","b":"-inf","c":null,"d":1.5}\n'
