"""The list of what is stored has every column, and a new one without a mark stops it."""

import pytest
from sqlalchemy import Column, Integer, MetaData, Table

from storage import privacy
from storage.privacy import stored_fields
from storage.tables import metadata


def test_every_column_is_listed_with_all_that_is_asked() -> None:
    fields = list(stored_fields())

    assert {(field.table, field.field) for field in fields} == {
        (table.name, column.name) for table in metadata.tables.values() for column in table.columns
    }
    assert all(field.meaning and field.purpose and field.retention for field in fields)
    assert {field.public for field in fields} == {True, False}
    assert (
        {type(field.field) for field in fields} == {type(field.table) for field in fields} == {str}
    )


def test_a_new_column_without_a_mark_stops_it(monkeypatch: pytest.MonkeyPatch) -> None:
    newer = MetaData()
    Table("diary", newer, Column("entry", Integer, comment="what was thought"))
    monkeypatch.setattr(privacy, "metadata", newer)

    with pytest.raises(ValueError, match=r"diary\.entry does not say what it is kept for"):
        list(stored_fields())
