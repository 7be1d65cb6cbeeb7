"""The picture has every table, column and tie, and a column without a comment stops it."""

import re
from pathlib import Path

import pytest
from sqlalchemy import Column, ForeignKey, Integer, MetaData, Table

from storage.schema_picture import picture
from storage.tables import metadata

COMMITTED = Path(__file__).parents[3] / "docs" / "reference" / "schema.md"


def test_every_table_column_and_tie_is_drawn() -> None:
    drawn = picture(metadata)
    for table in metadata.tables.values():
        (body,) = re.findall(
            rf"^    {table.name} {{\n(.*?)^    }}", drawn, re.DOTALL | re.MULTILINE
        )
        assert len(body.splitlines()) == len(table.columns)
        for column in table.columns:
            assert f" {column.name} " in body
        for key in table.foreign_keys:
            tie = f'{key.column.table.name} ||--o{{ {table.name} : "{key.parent.name}"'
            assert tie in drawn


def test_every_line_is_one_that_mermaid_reads() -> None:
    entity = r"    \w+ \{"
    attribute = r'        \w+ \w+(?: (?:PK|FK|PK,FK))? "[^"\n]+"'
    relation = r'    \w+ \|\|--o\{ \w+ : "\w+"'
    first, *lines = picture(metadata).splitlines()

    assert first == "erDiagram"
    assert all(re.fullmatch(rf"{entity}|{attribute}|{relation}|    \}}", line) for line in lines)


def test_the_picture_is_on_the_page() -> None:
    assert f"```mermaid\n{picture(metadata)}```\n" in COMMITTED.read_text(encoding="utf-8")


def test_keys_are_marked_and_quotes_kept_out() -> None:
    own = MetaData()
    Table("a", own, Column("id", Integer, primary_key=True, comment='the "first"'))
    Table(
        "b",
        own,
        Column("a", ForeignKey("a.id"), primary_key=True, comment="of which a"),
        Column("n", Integer, comment="how many"),
    )

    assert picture(own) == (
        "erDiagram\n"
        '    a ||--o{ b : "a"\n'
        "    a {\n        integer id PK \"the 'first'\"\n    }\n"
        '    b {\n        integer a PK,FK "of which a"\n        integer n "how many"\n    }\n'
    )


def test_a_column_without_a_comment_stops_it() -> None:
    own = MetaData()
    Table("diary", own, Column("entry", Integer))

    with pytest.raises(ValueError, match=r"diary\.entry has no comment"):
        picture(own)
