"""A description has the keys of Data Package 2.0, spelled as the standard spells them."""

import json

import msgspec

from storage.packages.shapes import Field, ForeignKey, License, Reference, Resource, Schema

SCHEMA = Schema(
    profile="p",
    fields=[Field(name="a", type="string", description="b")],
    primary_key=["a"],
    foreign_keys=[ForeignKey(fields=["a"], reference=Reference(resource="r", fields=["a"]))],
)


def test_a_schema_is_spelled_as_the_standard_spells_it() -> None:
    assert json.loads(msgspec.json.encode(SCHEMA)) == {
        "$schema": "p",
        "fields": [{"name": "a", "type": "string", "description": "b"}],
        "primaryKey": ["a"],
        "foreignKeys": [{"fields": ["a"], "reference": {"resource": "r", "fields": ["a"]}}],
        "missingValues": [""],
    }


def test_a_file_that_is_no_table_has_no_schema() -> None:
    plain = Resource(
        profile="p", name="n", path="f", title="t", format="x", mediatype="m", bytes=1, hash="h"
    )

    assert {"type", "schema", "encoding"}.isdisjoint(json.loads(msgspec.json.encode(plain)))


def test_the_terms_are_named_and_can_be_read() -> None:
    assert License().name == "CC-BY-4.0"
    assert License().path == "https://creativecommons.org/licenses/by/4.0/"
