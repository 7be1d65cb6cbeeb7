"""The tables and how they hang together, as a picture in Mermaid's text, made from the comments."""

from collections.abc import Iterator

from sqlalchemy import Column, ForeignKey, MetaData
from sqlalchemy.types import Float, Integer, TypeEngine

from storage.column_types import JsonText, UtcTime

_TYPES = ((JsonText, "json"), (UtcTime, "time"), (Float, "real"), (Integer, "integer"))


def picture(metadata: MetaData) -> str:
    """An entity relationship diagram; raises ValueError for a column without a comment."""
    tables = [metadata.tables[name] for name in sorted(metadata.tables)]
    keys = [key for table in tables for key in sorted(table.foreign_keys, key=_place)]
    lines = ["erDiagram", *map(_relation, keys)]
    for table in tables:
        lines += [f"    {table.name} {{", *map(_attribute, table.columns), "    }"]
    return "\n".join(lines) + "\n"


def _place(key: ForeignKey) -> tuple[str, str]:
    return (str(key.column.table.name), str(key.parent.name))


def _relation(key: ForeignKey) -> str:
    """One row of the table referred to has any number of the other's."""
    return f'    {key.column.table.name} ||--o{{ {key.parent.table.name} : "{key.parent.name}"'


def _attribute(column: Column[object]) -> str:
    if not column.comment:
        raise ValueError(f"{column} has no comment: say what it holds, and its unit")
    roles = ",".join(_roles(column))
    said = column.comment.replace('"', "'")
    words = (type_word(column.type), column.name, roles, f'"{said}"')
    return f"        {' '.join(filter(None, words))}"


def _roles(column: Column[object]) -> Iterator[str]:
    if column.primary_key:
        yield "PK"
    if column.foreign_keys:
        yield "FK"


def type_word(kind: TypeEngine[object]) -> str:
    """The type of a column in one word: json, time, real, integer or text."""
    return next((word for known, word in _TYPES if isinstance(kind, known)), "text")
