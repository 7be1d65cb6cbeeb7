"""Values that engines would spoil come back as they went in."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Column, MetaData, Table, create_engine, insert, select
from sqlalchemy.dialects.sqlite import dialect

from storage.column_types import ESCAPED, HostileText, JsonText, UtcTime, escape, rfc3339, unescape
from storage.errors import StorageError

ANY_TEXT = st.text(st.characters(codec=None) | st.sampled_from("\x00\ud800\udfff\\\x1a"))


@given(ANY_TEXT)
def test_any_text_survives_and_is_storable(text: str) -> None:
    kept = escape(text)
    assert "\x00" not in kept
    kept.encode()
    assert unescape(kept) == text


@pytest.mark.parametrize("text", ["", "plain", "münchen ✓", "back\\slash", "\ufffe", "a\x1a"])
def test_storable_text_is_kept_as_it_is(text: str) -> None:
    assert escape(text) == text


def test_poison_is_kept_in_a_form_that_the_page_describes() -> None:
    assert escape("a\x00\\\ud800") == ESCAPED + "a\\0000\\005c\\d800"


@pytest.mark.parametrize("text", ["\ud800", "é\udcff", ESCAPED, ESCAPED + "\\0041"])
def test_each_kind_of_poison_alone_survives(text: str) -> None:
    assert escape(text).startswith(ESCAPED)
    assert escape(text).encode()
    assert unescape(escape(text)) == text


def test_a_moment_is_written_in_utc_to_the_second() -> None:
    here = timezone(timedelta(hours=3, minutes=30))
    assert rfc3339(datetime(2026, 1, 1, 2, 0, 0, 999999, tzinfo=here)) == "2025-12-31T22:30:00Z"


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        rfc3339(datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None))


def test_the_types_round_trip_through_a_database_null_included() -> None:
    rows = Table(
        "t", MetaData(), Column("a", HostileText), Column("b", UtcTime), Column("c", JsonText)
    )
    values: list[dict[str, object]] = [
        {"a": "\x00\ud800", "b": datetime(2026, 1, 1, tzinfo=UTC), "c": {"k": ["\x00\ud800", 1]}},
        {"a": None, "b": None, "c": None},
    ]
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        rows.create(connection)
        connection.execute(insert(rows), values)
        assert [dict(row) for row in connection.execute(select(rows)).mappings()] == values
        assert connection.exec_driver_sql("SELECT b FROM t").scalar() == "2026-01-01T00:00:00Z"
    engine.dispose()


def test_json_text_is_ascii_so_that_no_engine_rewrites_it() -> None:
    rows = Table("t", MetaData(), Column("c", JsonText))
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        rows.create(connection)
        connection.execute(insert(rows), {"c": ["é", "\ud800"]})
        assert connection.exec_driver_sql("SELECT c FROM t").scalar() == '["\\u00e9","\\ud800"]'
    engine.dispose()


@pytest.mark.parametrize(("kind", "held"), [(UtcTime(), "zz"), (UtcTime(), 7), (JsonText(), "{]")])
def test_what_no_heliograph_wrote_is_told_in_one_line(kind: UtcTime | JsonText, held: Any) -> None:
    with pytest.raises(StorageError, match="damaged, or was altered"):
        kind.process_result_value(held, dialect())
