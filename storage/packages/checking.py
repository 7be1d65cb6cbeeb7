"""Checking a package: every file as the manifest says, every row as the description says.

Whoever made the folder may be anybody: nothing in it is followed out of it, and it is only read.
"""

import re
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path

import msgspec

from storage.errors import MissingInput, StorageError
from storage.packages.checking_tables import TableCheck
from storage.packages.description import hash_of, newest_of, version_of
from storage.packages.shapes import (
    DATABASE,
    DESCRIPTION,
    MANIFEST,
    Counts,
    Description,
    Format,
    Resource,
)
from storage.packages.snapshot import counts_of
from storage.packages.tables import TABLES, schema_of
from storage.packages.text_files import sha256_of
from storage.schema import HEAD

MOST = 100
"""So many faults are told; the rest of a folder that has as many is not worth the reading."""

_LINE = re.compile(r"([0-9a-f]{64})  ([A-Za-z0-9][A-Za-z0-9._-]*)")
_LARGEST_TEXT = 16 * 1024 * 1024


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    """What was found: the description, where it can be read, and each fault in one line."""

    description: Description | None
    faults: tuple[str, ...]


def check_package(folder: Path) -> Checked:
    """Read the whole package; raises MissingInput where there is none."""
    if folder.is_file():
        raise MissingInput(f"{folder}: is a file; name the folder that an export wrote")
    if not folder.is_dir():
        raise MissingInput(f"{folder}: there is no such folder")
    if not (folder / MANIFEST).is_file() and not (folder / DESCRIPTION).is_file():
        raise MissingInput(f"{folder}: is no package; 'heliograph export' writes one")
    faults = list(_manifest_faults(folder))
    try:
        description = _description(folder)
    except StorageError as error:
        return Checked(description=None, faults=_each_once((*faults[:MOST], str(error))))
    faults += islice(_data_faults(folder, description), MOST)
    return Checked(description=description, faults=_each_once(faults)[:MOST])


def _each_once(faults: Iterable[str]) -> tuple[str, ...]:
    """What is missing, both lists miss."""
    return tuple(dict.fromkeys(faults))


def _manifest_faults(folder: Path) -> Iterator[str]:
    try:
        lines = _text(folder / MANIFEST).splitlines()
    except StorageError as error:
        yield str(error)
        return
    listed = set()
    for number, line in enumerate(lines, 1):
        found = _LINE.fullmatch(line)
        if found is None:
            yield f"{MANIFEST}: line {number} is no digest and name"
            continue
        digest, name = found.groups()
        listed.add(name)
        path = folder / name
        if path.is_symlink() or not path.is_file():
            yield f"{name}: is missing"
        elif sha256_of(path) != digest:
            yield f"{name}: was changed: its SHA-256 is not that of {MANIFEST}"
    there = {path.name for path in folder.iterdir()} - {MANIFEST}
    for name in sorted(there - listed):
        yield f"{name}: is not in {MANIFEST}"


def _text(path: Path) -> str:
    if path.is_symlink() or not path.is_file():
        raise StorageError(f"{path.name}: is missing")
    if path.stat().st_size > _LARGEST_TEXT:
        raise StorageError(f"{path.name}: is larger than it can be")
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise StorageError(f"{path.name}: is not UTF-8") from error


def _description(folder: Path) -> Description:
    try:
        return msgspec.json.decode(_text(folder / DESCRIPTION), type=Description)
    except msgspec.DecodeError as error:
        raise StorageError(f"{DESCRIPTION}: can't be read: {error}") from error


def _data_faults(folder: Path, description: Description) -> Iterator[str]:
    paths = [one.path for one in description.resources]
    form = _form(paths)
    if form is None:
        yield f"{DESCRIPTION}: its resources are not those of a package"
        return
    faults = [fault for one in description.resources for fault in _file_faults(folder, one)]
    yield from faults
    if version_of(description.resources, newest_of(description)) != description.version:
        yield f"{DESCRIPTION}: version {description.version} is not that of these data"
    if faults:
        return  # what can't be read, or was changed, is not compared
    if form is Format.SQLITE:
        yield from _database_faults(folder / DATABASE, description.counts)
    else:
        yield from _table_faults(folder, form, description)


def _form(paths: list[str]) -> Format | None:
    expected = {form: [f"{table.name}.{form}" for table in TABLES] for form in Format}
    expected[Format.SQLITE] = [DATABASE]
    return next((form for form, names in expected.items() if names == paths), None)


def _file_faults(folder: Path, resource: Resource) -> Iterator[str]:
    path = folder / resource.path
    if path.is_symlink() or not path.is_file():
        yield f"{resource.path}: is missing"
        return
    size = path.stat().st_size
    if size != resource.bytes:
        yield f"{resource.path}: has {size} bytes, {DESCRIPTION} says {resource.bytes}"
    elif hash_of(path) != resource.hash:
        yield f"{resource.path}: was changed: its SHA-256 is not that of {DESCRIPTION}"


def _table_faults(folder: Path, form: Format, description: Description) -> Iterator[str]:
    known: set[str] = set()
    for table, resource in zip(TABLES, description.resources, strict=True):
        said = (schema_of(table, public=description.public), schema_of(table))  # the older words
        if resource.schema not in said:
            yield f"{DESCRIPTION}: the columns of {table.name} are not those of this Heliograph"
            continue
        found = TableCheck(table, known)
        found.read(folder / resource.path, form)
        yield from found.faults
        counted = getattr(description.counts, table.name)
        if found.rows != counted:
            yield f"{resource.path}: has {found.rows} rows, {DESCRIPTION} says {counted}"


def _database_faults(path: Path, expected: Counts) -> Iterator[str]:
    """The file is opened as one that nobody changes, so that nothing is written beside it."""
    try:
        with closing(
            sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
        ) as connection:
            whole = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
            version = connection.execute("SELECT version_num FROM alembic_version").fetchone()
            if whole != "ok":
                yield f"{path.name}: is damaged: {' '.join(str(whole).split())}"
            elif version != (HEAD,):
                yield f"{path.name}: has not the schema of this Heliograph ({HEAD})"
            elif (found := counts_of(connection)) != expected:
                yield f"{path.name}: has {found}, {DESCRIPTION} says {expected}"
            elif connection.execute("PRAGMA foreign_key_check").fetchone() is not None:
                yield f"{path.name}: has steps or verdicts of measurements that are not there"
    except sqlite3.Error as error:
        yield f"{path.name}: can't be read: {error}"
