"""What an archive is: one description that names every file, and the names of those files."""

import hashlib
import re
from pathlib import Path
from typing import Annotated
from urllib.parse import quote

import msgspec
from sqlalchemy import Table

from storage.errors import MissingInput, StorageError
from storage.tables import measurements, retired, steps, verdicts
from storage.tables_nights import cells, days, events, findings, freshness, series

DESCRIPTION = "archive.json"
"""The one file that says what belongs to the archive; whatever it does not name does not."""

COPY = "archive.json.copy"
"""The same once more, to put in its place should it be lost or damaged."""

README = "README.md"
FORMAT = 1
"""Of an archive whose database has every step as well."""
RETIRED_FORMAT = 2
"""Of one that holds steps alone: who does not know of that would show looks without a verdict."""
PUBLIC_FORMAT = 3
"""Of one for everybody: who does not know of that would take masked looks for their own."""

TABLES: tuple[Table, ...] = (measurements, steps, verdicts, retired)
"""Those an archive holds, each in a folder of its name."""

PUBLIC_TABLES: tuple[Table, ...] = (measurements, steps, verdicts)
"""Those of an archive for everybody; nights are of networks, and are not told."""

NIGHT = "night"
"""The folder of what nights came to."""

NIGHT_TABLES: tuple[Table, ...] = (cells, days, series, findings, events, freshness)
"""Those a night leaves; an archive has them as the last night before its export left them."""

DAY = re.compile(r"\d{4}-\d\d-\d\d")
_MEND = f"copy {COPY}, which is beside it, over it, and 'heliograph verify' the folder"
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
    retired: _Count = 0
    """How many of the measurements have their steps in an archive alone."""
    steps: _Count | None = None
    """As written; None where that was not noted, which the next export does."""

    def is_of_the_same(self, other: "Cell | None") -> bool:
        """Whether it was made of the same rows, steps noted or not."""
        return other is not None and msgspec.structs.replace(self, steps=other.steps) == other


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


class NightPart(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One Parquet file of a table that nights write: its cells of one month, or all its rows."""

    table: str
    month: Annotated[str, msgspec.Meta(pattern=r"^\d{4}-\d\d$")] | None = None
    """Of cells alone, ``2026-11``, UTC."""
    made_of: _Digest | None = None
    """Of cells alone: SHA-256 of how its days were built, to know whether they are others now."""
    file: str
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
    night: tuple[NightPart, ...] = ()
    """Of each table that has rows; none before the first night."""

    @property
    def is_public(self) -> bool:
        """Whether it is for everybody, and so tells less than was seen."""
        return self.format == PUBLIC_FORMAT

    @property
    def files(self) -> tuple[Part | NightPart, ...]:
        """Every file that belongs to it, but for the description."""
        return (*self.parts, *self.night)


def file_of(table: str, day: str, country: str, sha256: str) -> str:
    """The name of a part, the same for the same content."""
    return f"{table}/day={day}/country={_in_a_name(country)}/{sha256[:_DIGITS]}.parquet"


def file_of_night(table: str, month: str | None, sha256: str) -> str:
    """The name of a part of a night's table, the same for the same content."""
    of = "" if month is None else f"month={month}/"
    return f"{NIGHT}/{table}/{of}{sha256[:_DIGITS]}.parquet"


def is_of_a_part(name: str) -> bool:
    """Whether a file below the folder has a name that only parts have."""
    return (_PART.fullmatch(name) or _NIGHT_PART.fullmatch(name)) is not None


def encoded(archive: Archive) -> bytes:
    """The description as it is written: the same archive makes the same bytes."""
    return msgspec.json.format(msgspec.json.encode(archive), indent=1) + b"\n"


def is_of_an_archive(folder: Path) -> bool:
    """Whether an archive is in a folder, or what is left of one."""
    return any((folder / name).is_file() for name in (DESCRIPTION, COPY)) or any(
        next((folder / table.name).glob("day=*/country=*/*.parquet"), None) for table in TABLES
    )


def load(folder: Path) -> Archive:
    """The description of the archive in a folder; raises MissingInput and StorageError."""
    path = folder / DESCRIPTION
    try:
        content = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError) as error:
        if is_of_an_archive(folder):
            mend = _MEND if (folder / COPY).is_file() else "put it back from a copy of the folder"
            raise StorageError(f"{path}: is missing; {mend}") from error
        raise MissingInput(
            f"{folder}: is no archive; 'heliograph export parquet' writes one"
        ) from error
    except OSError as error:
        raise StorageError(f"{path}: can't be read: {error.strerror}") from error
    return _checked(path, content)


def load_own(folder: Path) -> Archive:
    """The same of an archive that holds what was seen; raises StorageError for a public one."""
    archive = load(folder)
    if archive.is_public:
        raise StorageError(
            f"{folder}: is a public archive, in which what was seen is masked: it is no copy of a"
            " database, and can be nobody's only one; name another folder"
        )
    return archive


def _checked(path: Path, content: bytes) -> Archive:
    """The description, when its parts are where parts are and nowhere else."""
    try:
        version = msgspec.json.decode(content, type=_Version).format
        if not FORMAT <= version <= PUBLIC_FORMAT:
            raise StorageError(
                f"{path}: is of format {version}, this heliograph reads {FORMAT} to"
                f" {PUBLIC_FORMAT}; upgrade it"
            )
        archive = msgspec.json.decode(content, type=Archive)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        mend = f"; {_MEND}" if (path.parent / COPY).is_file() else ""
        raise StorageError(f"{path}: can't be read: {error}{mend}") from error
    known = {table.name for table in (PUBLIC_TABLES if archive.is_public else TABLES)}
    for part in archive.parts:
        named = file_of(part.table, part.day, part.country, part.sha256)
        if part.table not in known or not DAY.fullmatch(part.day) or part.file != named:
            raise StorageError(f"{path}: names {part.file!r}, which is no file of an archive")
    nightly = set() if archive.is_public else {table.name for table in NIGHT_TABLES}
    for one in archive.night:
        monthly = one.table == cells.name
        named = file_of_night(one.table, one.month, one.sha256)
        if one.table not in nightly or monthly is (one.month is None) or one.file != named:
            raise StorageError(f"{path}: names {one.file!r}, which is no file of an archive")
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
_NIGHT_PART = re.compile(
    rf"{NIGHT}/({'|'.join(table.name for table in NIGHT_TABLES)})/(month=\d{{4}}-\d\d/)?"
    rf"[0-9a-f]{{{_DIGITS}}}\.parquet"
)
