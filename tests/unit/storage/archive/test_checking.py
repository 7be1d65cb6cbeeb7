"""What is wrong with an archive is told, file by file."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from storage.archive.checking import check_archive
from storage.archive.parts import PartWriter
from storage.archive.prints import archived_steps
from storage.archive.shapes import DESCRIPTION, Archive, encoded
from storage.errors import MissingInput
from storage.tables import steps
from tests.retired_looks import export as export_all
from tests.retired_looks import fill, judged_look, retire


@pytest.fixture
def made(tmp_path: Path, save: Callable[..., str], export: Callable[[], Archive]) -> Path:
    save(1)
    save(2, "2026-11-24", "XB")
    export()
    return tmp_path / "archive"


def faults(folder: Path) -> tuple[str, ...]:
    return check_archive(folder).faults


def described(folder: Path, **changed: object) -> None:
    archive = check_archive(folder).archive
    assert archive is not None
    (folder / DESCRIPTION).write_bytes(encoded(msgspec.structs.replace(archive, **changed)))


def test_a_whole_archive_has_no_faults(made: Path) -> None:
    assert faults(made) == ()


def test_a_changed_a_longer_and_a_missing_file_are_each_a_fault(made: Path) -> None:
    one, two, three = sorted(made.rglob("*.parquet"))[:3]
    content = bytearray(one.read_bytes())
    content[10] ^= 1
    one.write_bytes(content)
    two.write_bytes(two.read_bytes() + b"x")
    three.unlink()
    found = faults(made)
    assert len(found) == 3
    assert any("was changed" in fault for fault in found)
    assert any("the archive says" in fault for fault in found)
    assert any("is missing" in fault for fault in found)


def test_a_file_left_out_of_the_description_is_missed(made: Path) -> None:
    archive = check_archive(made).archive
    assert archive is not None
    looks = [part for part in archive.parts if part.table != "measurements"]
    described(made, parts=tuple(looks))
    found = faults(made)
    assert "measurements of 2026-11-23, XA: 0 rows in files, 1 in all" in found
    assert any(fault.startswith("steps: there is no measurement") for fault in found)


def test_a_count_that_is_wrong_is_told(made: Path) -> None:
    archive = check_archive(made).archive
    assert archive is not None
    first, *others = archive.parts
    described(made, parts=(msgspec.structs.replace(first, rows=5), *others))
    assert any("has 1 rows, the archive says 5" in fault for fault in faults(made))


def test_a_file_given_to_another_country_is_told(made: Path) -> None:
    archive = check_archive(made).archive
    assert archive is not None
    first = archive.parts[0]
    moved = first.file.replace("country=XA", "country=XC")
    (made / moved).parent.mkdir()
    (made / first.file).rename(made / moved)
    part = msgspec.structs.replace(first, country="XC", file=moved)
    described(made, parts=(part, *archive.parts[1:]))
    assert any("of another day or country" in fault for fault in faults(made))


def test_a_description_that_can_not_be_read_is_the_one_fault(made: Path) -> None:
    (made / DESCRIPTION).write_bytes(b"{}}")
    assert len(faults(made)) == 1


def test_where_there_is_no_archive_that_is_said(tmp_path: Path) -> None:
    with pytest.raises(MissingInput):
        check_archive(tmp_path / "none")


def test_steps_that_are_not_there_are_missed(made: Path) -> None:
    archive = check_archive(made).archive
    assert archive is not None
    described(made, parts=tuple(part for part in archive.parts if part.table != "steps"))
    assert "steps of 2026-11-23, XA: 0 rows in files, 2 in all" in faults(made)


def test_an_archive_that_did_not_count_steps_is_read_and_completed(
    made: Path, export: Callable[[], Archive]
) -> None:
    archive = check_archive(made).archive
    assert archive is not None
    bare = tuple(msgspec.structs.replace(cell, steps=None) for cell in archive.cells)
    described(made, cells=bare)
    assert faults(made) == ()
    assert [cell.steps for cell in export().cells] == [2, 2]
    assert check_archive(made).archive == archive


def test_steps_that_were_retired_are_missed_one_by_one(tmp_path: Path) -> None:
    place, folder = str(tmp_path / "r.sqlite"), tmp_path / "retired"
    fill(place, [judged_look(0), judged_look(0, number=1)])
    export_all(place, folder)
    retire(place, folder)
    export_all(place, folder)
    archive = check_archive(folder).archive
    assert archive is not None
    (part,) = (part for part in archive.parts if part.table == "steps")
    (tmp_path / "beside").mkdir()
    with closing(PartWriter(folder, tmp_path / "beside")) as writer:
        rows = list(archived_steps(folder, part))[1:]
        fewer = writer.write(steps, part.day, part.country, rows)
    parts = tuple(fewer if one is part else one for one in archive.parts)
    cells = tuple(msgspec.structs.replace(cell, steps=fewer.rows) for cell in archive.cells)
    described(folder, parts=parts, cells=cells)
    assert [fault.partition(" has ")[2] for fault in faults(folder)] == [
        "2, and was left here with 3"
    ]
