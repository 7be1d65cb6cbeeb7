"""What stands beside a public archive follows from its files, and from nothing else."""

import json
from pathlib import Path

import pytest

from heliograph.model import Measurement, Verdict
from storage.archive import publishing
from storage.archive.folder import BESIDE
from storage.archive.publishing import (
    UNFINISHED,
    package_faults,
    put_package,
    withdraw_package,
)
from storage.archive.shapes import PUBLIC_FORMAT, Archive, load
from storage.archive.writing import Archiving
from storage.packages.public import published, published_verdict
from storage.packages.snapshot import write_snapshot


@pytest.fixture
def folder(tmp_path: Path, measurement: Measurement, verdict: Verdict) -> Path:
    """A public archive of one look."""
    told = published(measurement)
    write_snapshot(tmp_path / "s.sqlite", [(told, published_verdict(verdict, told.id))], 1)
    list(Archiving(str(tmp_path / "s.sqlite"), tmp_path / "a", public=True).days())
    return tmp_path / "a"


def test_every_file_is_described_by_columns_that_are_there(folder: Path) -> None:
    described = json.loads((folder / "datapackage.json").read_bytes())
    assert [one["name"].partition("-")[0] for one in described["resources"]] == [
        "measurements",
        "steps",
        "verdicts",
    ]
    for one in described["resources"]:
        columns = json.loads((folder / one["schema"]).read_bytes())
        assert all(field["description"] for field in columns["fields"])
    assert "What was taken out" in (folder / "README.md").read_text(encoding="utf-8")
    assert described["public"] is True


@pytest.mark.parametrize("name", ["MANIFEST.sha256", "CITATION.cff", "steps.schema.json"])
def test_what_is_changed_or_gone_is_told_and_put_back(folder: Path, name: str) -> None:
    before = (folder / name).read_bytes()
    (folder / name).write_bytes(b"x")
    assert list(package_faults(folder, load(folder))) == [
        f"{name}: is not what belongs to these files"
    ]
    (folder / name).unlink()
    (fault,) = package_faults(folder, load(folder))
    assert fault.startswith(f"{name}: is missing")
    (folder / BESIDE).mkdir()
    put_package(folder, load(folder))
    assert (folder / name).read_bytes() == before


def test_without_its_list_of_digests_a_package_says_no_more_than_that_it_is_unfinished(
    folder: Path,
) -> None:
    withdraw_package(folder)
    (folder / "CITATION.cff").unlink()
    (folder / "README.md").write_bytes(b"of another state")

    assert list(package_faults(folder, load(folder))) == [UNFINISHED]


def test_the_list_of_digests_is_written_when_all_else_is_there(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[str] = []
    monkeypatch.setattr(publishing, "put", lambda _folder, name, _content: written.append(name))
    put_package(folder, load(folder))

    assert written[-1] == "MANIFEST.sha256"
    assert {"datapackage.json", "CITATION.cff", "steps.schema.json"} < set(written)


def test_an_archive_of_nothing_has_nothing_to_describe(folder: Path) -> None:
    put_package(folder, Archive(format=PUBLIC_FORMAT))
    assert not (folder / "MANIFEST.sha256").exists()
    assert list(package_faults(folder, Archive(format=PUBLIC_FORMAT))) == []
