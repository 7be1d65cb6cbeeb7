"""The library is asked for when it is needed, and its tables are ours."""

import re

import pytest

from heliograph.extras import install
from storage.archive import library
from storage.archive.library import connect, create, quoted
from storage.errors import StorageError
from storage.tables import steps


def test_where_it_is_missing_the_line_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(library, "find_spec", lambda name: None)
    with pytest.raises(StorageError, match=re.escape(install("archive"))):
        connect()


def test_a_table_has_our_columns_and_holds_whole_numbers_of_64_bits() -> None:
    with connect() as connection:
        create(connection, steps, "made")
        found = connection.execute("DESCRIBE made").fetchall()
    kinds = {row[0]: row[1] for row in found}
    assert list(kinds) == list(steps.c.keys())
    assert (kinds["hop"], kinds["seconds"], kinds["failure"]) == ("BIGINT", "DOUBLE", "VARCHAR")


def test_a_quote_stays_in_its_literal() -> None:
    hostile = "it's '' \\' a; DROP"
    with connect() as connection:
        assert connection.execute(f"SELECT {quoted(hostile)}").fetchone() == (hostile,)
