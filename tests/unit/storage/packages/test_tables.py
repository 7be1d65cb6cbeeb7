"""The tables of a package are views of the contract, each column with type and meaning."""

import pytest

from storage.packages.public import ROUNDED
from storage.packages.tables import TABLES, Packed, schema_of


@pytest.mark.parametrize("table", TABLES, ids=lambda table: str(table.name))
def test_every_column_has_a_type_and_says_what_it_holds(table: Packed) -> None:
    fields = schema_of(table).fields

    assert [field.name for field in fields] == list(table.view.comments)
    assert [field.description for field in fields] == list(table.view.comments.values())
    known = {"string", "integer", "number", "datetime", "array", "object"}
    assert {field.type for field in fields} <= known


def test_types_are_those_of_the_comments() -> None:
    types = {field.name: field.type for table in TABLES for field in schema_of(table).fields}

    assert types["context"] == types["techniques"] == "array"
    assert types["confounders"] == types["stack"] == "object"
    assert types["measurement_started"] == "datetime"
    assert (types["asn"], types["confidence"], types["failure"]) == ("integer", "number", "string")


def test_steps_and_verdicts_refer_to_measurements() -> None:
    first, *others = map(schema_of, TABLES)

    assert first.foreign_keys == []
    assert first.primary_key == ["measurement_id"]
    assert all(each.foreign_keys[0].reference.resource == "measurements" for each in others)
    assert TABLES[1].key == ("measurement_id", "number")


def test_the_columns_of_a_key_are_required() -> None:
    for table in TABLES:
        required = [field.name for field in schema_of(table).fields if field.constraints]
        assert set(required) == set(table.key)


def test_of_a_public_package_what_is_rounded_says_so() -> None:
    said = {
        (table.name, field.name): (field.description, own.description)
        for table in TABLES
        for field, own in zip(
            schema_of(table, public=True).fields, schema_of(table).fields, strict=True
        )
    }
    assert {key for key, (public, own) in said.items() if public != own} == set(ROUNDED)
    public, own = said["steps", "bytes_sent"]
    assert public.startswith(own)
    assert "at most" in public
