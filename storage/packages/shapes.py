"""What a package is made of: the names of its files, and its description (Data Package 2.0).

https://datapackage.org/standard/data-package/ says what the keys mean; what we add of our own are
``counts``, ``public`` and ``selection``.
"""

from enum import StrEnum

import msgspec

DATABASE = "heliograph.sqlite"
DESCRIPTION = "datapackage.json"
MANIFEST = "MANIFEST.sha256"
README = "README.md"
CITATION = "CITATION.cff"
LICENSE = "LICENSE-DATA"

PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
RESOURCE_PROFILE = "https://datapackage.org/profiles/2.0/dataresource.json"
SCHEMA_PROFILE = "https://datapackage.org/profiles/2.0/tableschema.json"


class Format(StrEnum):
    """In which form the data are."""

    CSV = "csv"
    JSONL = "jsonl"
    SQLITE = "sqlite"


class License(msgspec.Struct, frozen=True, kw_only=True):
    """On what terms the data may be used."""

    name: str = "CC-BY-4.0"
    path: str = "https://creativecommons.org/licenses/by/4.0/"
    title: str = "Creative Commons Attribution 4.0 International"


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """Where the data come from."""

    title: str


class Constraints(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What holds for every value of a field."""

    required: bool = False


class Field(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One column."""

    name: str
    type: str
    description: str
    constraints: Constraints | None = None


class Reference(msgspec.Struct, frozen=True, kw_only=True):
    """The other end of a foreign key."""

    resource: str
    fields: list[str]


class ForeignKey(msgspec.Struct, frozen=True, kw_only=True):
    """Columns that name a row of another resource."""

    fields: list[str]
    reference: Reference


class Schema(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """The columns of a table, and what ties it to others."""

    profile: str = msgspec.field(name="$schema")
    fields: list[Field]
    primary_key: list[str]
    foreign_keys: list[ForeignKey] = []
    missing_values: list[str] = msgspec.field(default_factory=lambda: [""])


class Resource(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One file of data."""

    profile: str = msgspec.field(name="$schema")
    name: str
    path: str
    type: str | None = None
    """``table`` where a schema goes with it."""
    title: str
    format: str
    mediatype: str
    encoding: str | None = None
    bytes: int
    hash: str
    """``sha256:`` and the digest in hexadecimal."""
    schema: Schema | str | None = None
    """The columns, or the file of the folder that describes them."""


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """Rows of each table."""

    measurements: int
    steps: int
    verdicts: int


class Selection(msgspec.Struct, frozen=True, kw_only=True):
    """Which of the stored measurements these are."""

    filters: str = ""
    """In words; empty where there was no filter."""
    newest: int | None = None
    """The limit: at most so many, the newest; null for none."""
    sample: str | None = None
    """The share of what the filters let through, chosen by a hash of the ids; null for all."""
    left_out: dict[str, int] = {}
    """How many of those that match are not here, by reason."""


class Description(msgspec.Struct, frozen=True, kw_only=True):
    """The file ``datapackage.json``."""

    profile: str = msgspec.field(name="$schema")
    name: str
    title: str
    description: str
    version: str
    """The day of the newest measurement, and the beginning of a hash of the data."""
    licenses: list[License]
    sources: list[Source]
    keywords: list[str]
    counts: Counts
    public: bool
    """Whether what could tell of the vantage was taken out (docs/guide/packages.md)."""
    selection: Selection = Selection()
    resources: list[Resource]
