"""What an archive is: one description that names every file, and the names of those files."""

import hashlib
import re
from pathlib import Path
from typing import Annotated
from urllib.parse import quote

import msgspec
from sqlalchemy import Table

from storage.errors import MissingInput, StorageError
from storage.tables import measurements, steps, verdicts

DESCRIPTION = "archive.json"
"""The one file that says what belongs to the archive; whatever it does not name does not."""

README = "README.md"
FORMAT = 1
"""Raised when readers of before can't read what is written from then on."""

TABLES: tuple[Table, ...] = (measurements, steps, verdicts)
"""Those an archive holds, each in a folder of its name."""

DAY = re.compile(r"\d{4}-\d\d-\d\d")
_LONGEST_NAME = 120
_DIGITS = 32

_Count = Annotated[int, msgspec.Meta(ge=0)]
_Digest = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    """What a database holds of one day (UTC) and country."""

    day: Annotated[str, msgspec.Meta(pattern=r"^\d{4}-\d\d-\d\d$")]
    country: str
    """As the database keeps it."""
    measurements: _Count
    verdicts: _Count
    fingerprint: _Digest
    """SHA-256 of the keys of its measurements and verdicts; rows of a key never change."""


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One Parquet file: the rows of one table whose measurement is of this day and country."""

    table: str
    day: str
    country: str
    file: str
    """Below the folder of the archive, with slashes."""
    rows: _Count
    bytes: _Count
    sha256: _Digest


class Archive(msgspec.Struct, frozen=True, kw_only=True):
    """The description: cells in order of day and country, parts in that order and by table."""

    format: int = FORMAT
    ruleset: int | None = None
    """Whose verdicts ``api_v1_verdicts`` shows; None: of none."""
    cells: tuple[Cell, ...] = ()
    parts: tuple[Part, ...] = ()


def file_of(table: str, day: str, country: str, sha256: str) -> str:
    """The name of a part, the same for the same content."""
    return f"{table}/day={day}/country={_in_a_name(country)}/{sha256[:_DIGITS]}.parquet"


def is_of_a_part(name: str) -> bool:
    """Whether a file below the folder has a name that only parts have."""
    return _PART.fullmatch(name) is not None


def encoded(archive: Archive) -> bytes:
    """The description as it is written: the same archive makes the same bytes."""
    return msgspec.json.format(msgspec.json.encode(archive), indent=1) + b"\n"


def load(folder: Path) -> Archive:
    """The description of the archive in a folder; raises MissingInput and StorageError."""
    path = folder / DESCRIPTION
    try:
        content = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise MissingInput(
            f"{folder}: is no archive; 'heliograph export parquet' writes one"
        ) from error
    except OSError as error:
        raise StorageError(f"{path}: can't be read: {error.strerror}") from error
    return _checked(path, content)


def _checked(path: Path, content: bytes) -> Archive:
    """The description, when its parts are where parts are and nowhere else."""
    try:
        version = msgspec.json.decode(content, type=_Version).format
        if version != FORMAT:
            raise StorageError(
                f"{path}: is of format {version}, this heliograph reads {FORMAT}; upgrade it"
            )
        archive = msgspec.json.decode(content, type=Archive)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise StorageError(f"{path}: can't be read: {error}") from error
    known = {table.name for table in TABLES}
    for part in archive.parts:
        named = file_of(part.table, part.day, part.country, part.sha256)
        if part.table not in known or not DAY.fullmatch(part.day) or part.file != named:
            raise StorageError(f"{path}: names {part.file!r}, which is no file of an archive")
    return archive


class _Version(msgspec.Struct):
    format: int


def _in_a_name(country: str) -> str:
    """The country as part of a file's name: what a name can't hold is percent-encoded."""
    name = quote(country, safe="")
    if len(name) <= _LONGEST_NAME:
        return name
    return f"%{hashlib.sha256(country.encode()).hexdigest()}"  # no other name has such a %


_PART = re.compile(
    rf"({'|'.join(table.name for table in TABLES)})/day={DAY.pattern}"
    rf"/country=[A-Za-z0-9_.~%-]*/[0-9a-f]{{{_DIGITS}}}\.parquet"
)
