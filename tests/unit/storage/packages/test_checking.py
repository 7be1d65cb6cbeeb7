"""A package that was tampered with in any way has a fault that says what and where."""

import hashlib
import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from storage.errors import MissingInput
from storage.packages.checking import check_package
from storage.packages.shapes import Format


def left(folder: Path) -> None:
    """Whoever tampers may think of nothing else."""


def sealed(folder: Path) -> None:
    """Whoever tampers may write the manifest anew."""
    paths = sorted(path for path in folder.iterdir() if path.name != "MANIFEST.sha256")
    lines = [f"{hashlib.sha256(p.read_bytes()).hexdigest()}  {p.name}\n" for p in paths]
    (folder / "MANIFEST.sha256").write_text("".join(lines), encoding="utf-8")


def redescribed(folder: Path) -> None:
    """And the sizes and digests in the description."""
    path = folder / "datapackage.json"
    told = json.loads(path.read_bytes())
    for resource in told["resources"]:
        data = (folder / resource["path"]).read_bytes()
        resource["bytes"] = len(data)
        resource["hash"] = f"sha256:{hashlib.sha256(data).hexdigest()}"
    path.write_text(json.dumps(told), encoding="utf-8")
    sealed(folder)


def edited(folder: Path, name: str, before: str, after: str) -> None:
    path = folder / name
    data = path.read_bytes()
    assert before.encode() in data
    path.write_bytes(data.replace(before.encode(), after.encode(), 1))


@pytest.mark.parametrize("form", Format)
def test_a_package_as_it_was_written_has_no_fault(pack: Callable[..., Path], form: Format) -> None:
    folder = pack(form)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    found = check_package(folder)

    assert found.faults == ()
    assert found.description is not None
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


CHANGES: dict[Callable[[Path], None], list[tuple[str, str, str, str]]] = {
    left: [
        ("README.md", "Read it", "Reed it", "README.md: was changed: its SHA-256"),
        ("MANIFEST.sha256", "  README", "  ../README", "MANIFEST.sha256: line 3 is no digest"),
        ("MANIFEST.sha256", "  README", "  x", "README.md: is not in MANIFEST.sha256"),
        ("verdicts.csv", "blocked", "allowed", "verdicts.csv: was changed"),
    ],
    sealed: [
        ("verdicts.csv", "blocked", "blokked", "verdicts.csv: was changed: its SHA-256"),
        ("verdicts.csv", "blocked", "down", "verdicts.csv: has "),
        ("datapackage.json", '"steps": 30', '"steps": 31', "steps.csv: has 30 rows, datapackage"),
        ("datapackage.json", "lower-case", "upper-case", "datapackage.json: the columns of m"),
        ("datapackage.json", '"counts"', '"count"', "datapackage.json: can't be read: Object"),
        ("datapackage.json", ': "steps.csv"', ': "../x"', "datapackage.json: its resources"),
        ("datapackage.json", "{", "[", "datapackage.json: can't be read"),
    ],
    redescribed: [("verdicts.csv", "blocked", "down", "datapackage.json: version 2026-11-23-")],
}  # fmt: skip
"""By what was written anew afterwards: file, text, the text in its place, and what is told."""


@pytest.mark.parametrize(
    ("anew", "name", "before", "after", "fault"),
    [(anew, *change) for anew, changes in CHANGES.items() for change in changes],
)
def test_a_change_is_told_whatever_was_written_anew(
    pack: Callable[..., Path],
    anew: Callable[[Path], None],
    name: str,
    before: str,
    after: str,
    fault: str,
) -> None:
    folder = pack(Format.CSV)
    edited(folder, name, before, after)
    anew(folder)

    require(folder, fault)


def test_files_that_are_missing_or_too_many_are_told(pack: Callable[..., Path]) -> None:
    folder = pack(Format.CSV)
    (folder / "CITATION.cff").unlink()
    (folder / "extra").write_text("x", encoding="utf-8")
    require(folder, "CITATION.cff: is missing")
    require(folder, "extra: is not in MANIFEST.sha256")
    (folder / "MANIFEST.sha256").unlink()
    require(folder, "MANIFEST.sha256: is missing")


def require(folder: Path, fault: str) -> None:
    """Such a fault is told, in one line."""
    found = check_package(folder).faults

    assert any(each.startswith(fault) for each in found), found
    assert all("\n" not in each for each in found)


def test_a_link_is_no_file_of_a_package(pack: Callable[..., Path], tmp_path: Path) -> None:
    folder = pack(Format.CSV)
    shutil.move(folder / "steps.csv", tmp_path / "steps.csv")
    (folder / "steps.csv").symlink_to(tmp_path / "steps.csv")

    assert "steps.csv: is missing" in check_package(folder).faults


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        ("DELETE FROM steps WHERE number = 1", "has Counts(measurements=16, steps=15"),
        ("UPDATE steps SET measurement_id = 'x' || rowid", "has Counts(measurements=16, steps=0"),
        ("UPDATE alembic_version SET version_num = '0042'", "has not the schema"),
        ("DROP VIEW api_v1_steps", "can't be read: no such table: api_v1_steps"),
    ],
)
def test_a_database_that_was_changed_is_told(
    pack: Callable[..., Path], statement: str, why: str
) -> None:
    folder = pack(Format.SQLITE)
    with closing(sqlite3.connect(folder / "heliograph.sqlite")) as connection:
        connection.execute(statement)
        connection.commit()
    redescribed(folder)
    found = check_package(folder).faults

    assert any(why in fault for fault in found), found


def test_what_is_no_package_is_told(tmp_path: Path) -> None:
    with pytest.raises(MissingInput, match="no such folder"):
        check_package(tmp_path / "nowhere")
    with pytest.raises(MissingInput, match="is no package"):
        check_package(tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(MissingInput, match="is a file; name the folder"):
        check_package(tmp_path / "file")


def test_a_file_that_is_missing_is_told_once(pack: Callable[..., Path]) -> None:
    folder = pack(Format.JSONL)
    (folder / "steps.jsonl").unlink()

    assert check_package(folder).faults == ("steps.jsonl: is missing",)


def test_what_both_lists_miss_is_one_fault(pack: Callable[..., Path]) -> None:
    folder = pack(Format.CSV)
    (folder / "datapackage.json").unlink()

    assert check_package(folder).faults == ("datapackage.json: is missing",)
