"""What makes a public archive a package: its description, columns, terms, and a list of digests.

All of it follows from the files that belong to the archive, so it is checked by being made again.
"""

import hashlib
import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import msgspec
from sqlalchemy import Table

from storage.archive.documents import public_readme
from storage.archive.folder import put
from storage.archive.reading import open_as
from storage.archive.shapes import COPY, DESCRIPTION, PUBLIC_TABLES, Archive, Part, encoded
from storage.packages.description import description_of, written
from storage.packages.documents import citation, manifest, terms
from storage.packages.shapes import (
    CITATION,
    LICENSE,
    MANIFEST,
    README,
    RESOURCE_PROFILE,
    SCHEMA_PROFILE,
    Constraints,
    Counts,
    Field,
    Resource,
    Schema,
)
from storage.packages.shapes import DESCRIPTION as PACKAGE
from storage.packages.tables import described, type_of

UNFINISHED = (
    f"{MANIFEST}: is missing; an export was interrupted, or somebody took it away: the same export"
    " writes it"
)
_NAMES = (CITATION, LICENSE, README, PACKAGE)
_MEDIA = "application/vnd.apache.parquet"


def put_package(folder: Path, archive: Archive) -> None:
    """Write what stands beside the files of a public archive, where it is not there already.

    The list of digests comes last: where it stands, all else is there.
    """
    beside = _beside(folder, archive)
    for name in (*map(_schema_file, PUBLIC_TABLES), *_NAMES, MANIFEST):
        if name in beside:
            put(folder, name, beside[name])
        else:  # there is nothing to describe any more
            (folder / name).unlink(missing_ok=True)


def withdraw_package(folder: Path) -> None:
    """Take the list of digests away, before other files than those it lists become the archive."""
    (folder / MANIFEST).unlink(missing_ok=True)


def package_faults(folder: Path, archive: Archive) -> Iterator[str]:
    """What does not stand beside the files as it follows from them, a line each.

    Raises StorageError where the files can't be read.
    """
    beside = _beside(folder, archive)
    if MANIFEST in beside and not os.path.lexists(folder / MANIFEST):
        yield UNFINISHED
        return
    for name, content in beside.items():
        path = folder / name
        if path.is_symlink() or not path.is_file():
            yield f"{name}: is missing"
        elif path.stat().st_size != len(content) or path.read_bytes() != content:
            yield f"{name}: is not what belongs to these files"


def _beside(folder: Path, archive: Archive) -> dict[str, bytes]:
    """Each file by its name; none for an archive of nothing."""
    if not archive.cells:
        return {}
    schemas = [(table, _schema_of(table)) for table in PUBLIC_TABLES]
    description = description_of(
        [_resource(part) for part in archive.parts],
        counts=_counts(archive),
        newest=max(cell.day for cell in archive.cells),
        software=_software(folder, archive),
        public=True,
    )
    files = {
        PACKAGE: written(description),
        CITATION: citation(description).encode(),
        LICENSE: terms(description).encode(),
        README: public_readme(description, schemas).encode(),
        **{_schema_file(table): _in_json(schema) for table, schema in schemas},
    }
    own = {**files, DESCRIPTION: encoded(archive), COPY: encoded(archive)}
    digests = [(hashlib.sha256(content).hexdigest(), name) for name, content in own.items()]
    digests += [(part.sha256, part.file) for part in archive.parts]
    return {**files, MANIFEST: manifest((name, digest) for digest, name in digests).encode()}


def _counts(archive: Archive) -> Counts:
    return Counts(
        measurements=sum(cell.measurements for cell in archive.cells),
        steps=sum(cell.steps or 0 for cell in archive.cells),
        verdicts=sum(cell.verdicts for cell in archive.cells),
    )


def _software(folder: Path, archive: Archive) -> list[str]:
    wanted = "SELECT DISTINCT software FROM measurements WHERE software <> '' ORDER BY 1"
    with closing(open_as(folder, archive)) as connection:
        names = [str(name) for (name,) in connection.execute(wanted).fetchall()]
    return names or ["heliograph"]


def _resource(part: Part) -> Resource:
    return Resource(
        profile=RESOURCE_PROFILE,
        name=f"{part.table}-{part.day}-{part.sha256[:16]}",
        path=part.file,
        type="table",
        title=f"{part.table} of {part.day}, {part.country}",
        format="parquet",
        mediatype=_MEDIA,
        bytes=part.bytes,
        hash=f"sha256:{part.sha256}",
        schema=_schema_file(next(table for table in PUBLIC_TABLES if table.name == part.table)),
    )


def _schema_file(table: Table) -> str:
    return f"{table.name}.schema.json"


def _schema_of(table: Table) -> Schema:
    """The columns of a table as a Table Schema 2.0."""
    return Schema(
        profile=SCHEMA_PROFILE,
        fields=[
            Field(
                name=str(column.name),  # the library has a kind of text of its own
                type=type_of(column.type, column.comment or ""),
                description=described(table.name, column.name, column.comment or "", public=True),
                constraints=None if column.nullable else Constraints(required=True),
            )
            for column in table.columns
        ],
        primary_key=[str(column.name) for column in table.primary_key.columns],
    )


def _in_json(schema: Schema) -> bytes:
    return msgspec.json.format(msgspec.json.encode(schema), indent=2) + b"\n"
