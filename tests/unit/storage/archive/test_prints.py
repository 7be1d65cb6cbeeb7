"""The same steps have the same print wherever they are kept, and others have another."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from storage.archive.content import Print, rows_of
from storage.archive.parts import PartWriter
from storage.archive.prints import archived_steps, prints_of
from storage.archive.shapes import Archive, Part
from storage.engine import open_engine, reading
from storage.errors import StorageError
from storage.tables import steps

ROW = ("a", 0, *[None] * (len(steps.columns) - 2))


def file_of_steps(archive: Archive) -> Part:
    return next(part for part in archive.parts if part.table == "steps")


def test_a_database_and_a_file_give_the_same_prints(
    tmp_path: Path, place: Path, save: Callable[..., str], export: Callable[[], Archive]
) -> None:
    ids = [save(1), save(2)]
    part = file_of_steps(export())
    archived = dict(prints_of(archived_steps(tmp_path / "archive", part)))
    engine = open_engine(str(place))
    with reading(engine) as connection:
        ((country, rows),) = [
            (country, list(rows)) for country, rows in rows_of(connection, steps, "2026-11-23")
        ]
    engine.dispose()
    assert (country, dict(prints_of(rows))) == ("XA", archived)
    assert list(archived) == ids
    assert {one.steps for one in archived.values()} == {2}


def test_every_value_and_the_number_of_steps_show() -> None:
    rows = [[ROW]] + [[(*ROW[:at], "x", *ROW[at + 1 :])] for at in range(2, len(ROW))]
    rows.append([ROW, ("a", 1, *ROW[2:])])
    found = [dict(prints_of(some))["a"] for some in rows]
    assert len(set(found)) == len(rows)
    assert isinstance(found[0], Print)


def test_rows_out_of_order_and_files_that_can_not_be_read_are_refused(tmp_path: Path) -> None:
    whole = ["a", 0, "k", "test", None, 1, *[None] * 6, 0.0, 0.0, 0, 0, None, "{}"]
    rows = [tuple(whole), tuple(whole)]
    (tmp_path / "beside").mkdir()
    with closing(PartWriter(tmp_path, tmp_path / "beside")) as writer:
        part = writer.write(steps, "2026-11-23", "XA", rows)
    with pytest.raises(StorageError, match="not in order"):
        list(archived_steps(tmp_path, part))
    missing = msgspec.structs.replace(part, file="none.parquet")
    with pytest.raises(StorageError, match=r"none\.parquet: is missing; put the file back"):
        list(archived_steps(tmp_path, missing))
    (tmp_path / "none.parquet").write_bytes(b"no such thing")
    with pytest.raises(StorageError, match="can't be read"):
        list(archived_steps(tmp_path, missing))
