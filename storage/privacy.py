"""What is stored about whom: every column with its meaning and use, made from the schema."""

from collections.abc import Iterator

import msgspec

import storage.tables_nights  # noqa: F401 - what nights write is stored as well
from storage.tables import metadata
from storage.uses import use_of


class StoredField(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="stored"):
    """One column: what it holds, what for, for how long, and whether sharing a result shows it."""

    table: str
    field: str
    meaning: str
    purpose: str
    retention: str
    public: bool


def stored_fields() -> Iterator[StoredField]:
    """Every column of every table; raises ValueError for one that does not say its use."""
    for table in metadata.sorted_tables:
        for column in table.columns:
            use = use_of(column)
            yield StoredField(
                table=str(table.name),
                field=str(column.name),
                meaning=column.comment or "",
                purpose=use.purpose,
                retention=use.retention,
                public=use.public,
            )
