"""Every column says what it is kept for, and what is public is what the views show."""

import pytest
from sqlalchemy import Column, Integer, MetaData, Table

from storage.tables import measurements, metadata, steps, verdicts
from storage.uses import METHOD, Use, always, maybe, use_of

COLUMNS = [column for table in metadata.sorted_tables for column in table.columns]
SHOWN = {measurements, steps, verdicts}


def test_every_column_has_a_purpose_and_a_retention() -> None:
    for column in COLUMNS:
        use = use_of(column)

        assert use.purpose.startswith("to "), column
        assert use.retention.startswith("until "), column


def test_public_is_what_the_views_show_and_nothing_else() -> None:
    for column in COLUMNS:
        assert use_of(column).public == (column.table in SHOWN), column


def test_a_column_without_a_mark_is_refused() -> None:
    with pytest.raises(ValueError, match="does not say what it is kept for"):
        use_of(Column("new", Integer))


def test_marked_columns_keep_their_comment_and_nullness() -> None:
    made = Table(
        "made",
        MetaData(),
        always("a", Integer(), "one", METHOD),
        maybe("b", Integer(), "two", METHOD),
    )

    found = [(c.nullable, c.comment, use_of(c)) for c in made.columns]
    assert found == [(False, "one", METHOD), (True, "two", METHOD)]


def test_what_is_not_public_says_so() -> None:
    assert not Use("to try", public=False).public
