"""Writing a package: data, description, and what stands beside them, as one folder."""

import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path

import msgspec

from storage.packages.description import described, written
from storage.packages.documents import citation, manifest, readme, terms
from storage.packages.folder import write_folder
from storage.packages.shapes import (
    CITATION,
    DATABASE,
    DESCRIPTION,
    LICENSE,
    MANIFEST,
    README,
    Description,
    Format,
    Selection,
)
from storage.packages.snapshot import Judged, write_snapshot
from storage.packages.text_files import sha256_of, write_tables


class Empty(Exception):
    """There was nothing to write, and nothing was written."""


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be written."""

    out: Path
    form: Format
    public: bool
    ruleset: int | None
    """Whose verdicts these are."""
    selection: Selection = Selection()
    """What was asked for."""
    left_out: Mapping[str, int] = {}
    """Counted while what was found is read: whole when its last one was."""


def write_package(order: Order, found: Iterable[Judged]) -> Description:
    """Write a package of what was found; returns its description.

    The same measurements make the same bytes, wherever and whenever (with the same SQLite, for a
    database). Raises Empty, and StorageError.
    """
    made: list[Description] = []
    write_folder(order.out, lambda folder: made.append(_fill(folder, order, found)))
    return made[0]


def _fill(folder: Path, order: Order, found: Iterable[Judged]) -> Description:
    snapshot = folder / DATABASE
    counts = write_snapshot(snapshot, found, order.ruleset)
    if not counts.measurements:
        raise Empty
    newest, software = _told(snapshot)
    if order.form is not Format.SQLITE:
        write_tables(snapshot, folder, order.form)
        snapshot.unlink()
    description = described(
        folder,
        order.form,
        counts=counts,
        newest=newest,
        software=software,
        public=order.public,
    )
    left_out = dict(sorted(order.left_out.items()))
    selection = msgspec.structs.replace(order.selection, left_out=left_out)
    description = msgspec.structs.replace(description, selection=selection)
    for name, text in (
        (README, readme(description, order.form)),
        (CITATION, citation(description)),
        (LICENSE, terms(description)),
    ):
        (folder / name).write_text(text, encoding="utf-8")
    (folder / DESCRIPTION).write_bytes(written(description))
    digests = [(path.name, sha256_of(path)) for path in folder.iterdir()]
    (folder / MANIFEST).write_text(manifest(digests), encoding="utf-8")
    return description


def _told(snapshot: Path) -> tuple[str, list[str]]:
    """The day of the newest measurement, and the software that measured."""
    with closing(sqlite3.connect(snapshot)) as connection:
        newest = connection.execute("SELECT max(started) FROM api_v1_measurements").fetchone()[0]
        names = connection.execute(
            "SELECT DISTINCT software FROM api_v1_measurements WHERE software <> '' ORDER BY 1"
        ).fetchall()
    return str(newest)[:10], [str(name) for (name,) in names] or ["heliograph"]
