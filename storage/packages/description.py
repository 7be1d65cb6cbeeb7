"""The description of a package (Data Package 2.0), made from the comments beside the views."""

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from storage.packages.shapes import (
    DATABASE,
    PROFILE,
    RESOURCE_PROFILE,
    Counts,
    Description,
    Format,
    License,
    Resource,
    Source,
)
from storage.packages.tables import TABLES, schema_of
from storage.packages.text_files import sha256_of

_HASH = "sha256:"
_VERSION_DIGITS = 16
_MEDIA = {Format.CSV: "text/csv", Format.JSONL: "application/jsonl"}


def described(
    folder: Path,
    form: Format,
    *,
    counts: Counts,
    newest: str,
    software: Sequence[str],
    public: bool,
) -> Description:
    """The description of the data files in a folder; ``newest`` is the day of the last look."""
    resources = (
        [_database(folder)] if form is Format.SQLITE else list(_tables(folder, form, public=public))
    )
    return description_of(resources, counts=counts, newest=newest, software=software, public=public)


def description_of(
    resources: list[Resource],
    *,
    counts: Counts,
    newest: str,
    software: Sequence[str],
    public: bool,
) -> Description:
    """The same for files that are described already."""
    return Description(
        profile=PROFILE,
        name="heliograph-measurements",
        title="Measurements of internet censorship, made with Heliograph",
        description=_said(counts, public=public),
        version=version_of(resources, newest),
        licenses=[License()],
        sources=[Source(title=f"measured with {name}") for name in software],
        keywords=["censorship", "internet measurement", "dns", "tls", "http"],
        counts=counts,
        public=public,
        resources=resources,
    )


def version_of(resources: Iterable[Resource], newest: str) -> str:
    """The day of the newest measurement, and the beginning of a hash over the files of data."""
    listed = "".join(f"{one.hash} {one.path}\n" for one in resources)
    return f"{newest}-{hashlib.sha256(listed.encode()).hexdigest()[:_VERSION_DIGITS]}"


def newest_of(description: Description) -> str:
    """The day in the version."""
    return description.version.rpartition("-")[0]


def written(description: Description) -> bytes:
    """The file ``datapackage.json``: the same bytes for the same description."""
    plain = msgspec.json.encode(description)
    return msgspec.json.format(plain, indent=2) + b"\n"


def hash_of(path: Path) -> str:
    """The digest of a file as a description writes it."""
    return _HASH + sha256_of(path)


def _said(counts: Counts, *, public: bool) -> str:
    told = (
        f"{counts.measurements} measurements, {counts.steps} steps, {counts.verdicts} rows of"
        " verdicts. A verdict is what one ruleset makes of one measurement; its steps are the"
        " evidence."
    )
    return told + (" What could tell of the vantage was taken out." if public else "")


def _tables(folder: Path, form: Format, *, public: bool) -> Iterable[Resource]:
    for table in TABLES:
        path = folder / f"{table.name}.{form}"
        yield Resource(
            profile=RESOURCE_PROFILE,
            name=table.name,
            path=path.name,
            type="table",
            title=table.view.purpose,
            format=form,
            mediatype=_MEDIA[form],
            encoding="utf-8",
            bytes=path.stat().st_size,
            hash=hash_of(path),
            schema=schema_of(table, public=public),
        )


def _database(folder: Path) -> Resource:
    path = folder / DATABASE
    return Resource(
        profile=RESOURCE_PROFILE,
        name="heliograph",
        path=path.name,
        title="A database with the views api_v1_*; heliograph, and any SQLite, opens it.",
        format="sqlite",
        mediatype="application/vnd.sqlite3",
        bytes=path.stat().st_size,
        hash=hash_of(path),
    )
