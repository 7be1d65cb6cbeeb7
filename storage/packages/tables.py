"""The tables of a package: views of the contract, with their columns, types and comments."""

from dataclasses import dataclass

from sqlalchemy.types import Float, Integer, TypeEngine

from storage.column_types import JsonText, UtcTime
from storage.packages.public import ROUNDED
from storage.packages.shapes import (
    SCHEMA_PROFILE,
    Constraints,
    Field,
    ForeignKey,
    Reference,
    Schema,
)
from storage.views import MEASUREMENTS, PREFIX, STEPS, VERDICTS, View


@dataclass(frozen=True, slots=True)
class Packed:
    """A table of a package, the view it comes from, and what names a row of it."""

    view: View
    key: tuple[str, ...]

    @property
    def name(self) -> str:
        """Its name in the package."""
        return self.view.name.removeprefix(PREFIX)

    @property
    def columns(self) -> tuple[str, ...]:
        """Its columns, in order."""
        return tuple(self.view.comments)

    @property
    def json_columns(self) -> tuple[bool, ...]:
        """For each column, whether it holds JSON as text."""
        return tuple(isinstance(column.type, JsonText) for column in self.view.rows.c)

    @property
    def query(self) -> str:
        """The statement that reads it in the order of a package."""
        names = ", ".join(self.columns)
        return f"SELECT {names} FROM {self.view.name} ORDER BY {', '.join(self.key)}"  # noqa: S608


TABLES = (
    Packed(MEASUREMENTS, ("measurement_id",)),
    Packed(STEPS, ("measurement_id", "number")),
    Packed(VERDICTS, ("measurement_id",)),
)


def schema_of(table: Packed, *, public: bool = False) -> Schema:
    """The columns of a table as a Table Schema 2.0; of a ``public`` package, what is rounded."""
    first = TABLES[0]
    refers = Reference(resource=first.name, fields=list(first.key))
    return Schema(
        profile=SCHEMA_PROFILE,
        fields=[
            Field(
                name=name,
                type=type_of(column.type, comment),
                description=described(table.name, name, comment, public=public),
                constraints=Constraints(required=True) if name in table.key else None,
            )
            for (name, comment), column in zip(
                table.view.comments.items(), table.view.rows.c, strict=True
            )
        ],
        primary_key=list(table.key),
        foreign_keys=[]
        if table is first
        else [ForeignKey(fields=list(first.key), reference=refers)],
    )


def described(table: str, column: str, comment: str, *, public: bool) -> str:
    """What a description says of a column."""
    rounded = ROUNDED.get((table, column)) if public else None
    return comment if rounded is None else f"{comment}; {rounded}"


def type_of(kind: TypeEngine[object], comment: str) -> str:
    """What a Table Schema calls the values of a column."""
    if isinstance(kind, JsonText):
        return "array" if comment.startswith("JSON array") else "object"
    if isinstance(kind, UtcTime):
        return "datetime"
    known = ((Float, "number"), (Integer, "integer"))
    return next((word for one, word in known if isinstance(kind, one)), "string")
