"""Steps come back as they went, or not at all."""

from pathlib import Path

import pytest

from storage.archive.checking import check_archive
from storage.errors import MissingInput, StorageError
from storage.restoring import Back, Restoring
from storage.store import Store
from tests.retired_looks import export, fill, judged_look, retire, steps_of

OLD, NEWER = judged_look(0), judged_look(1, country="XB")


@pytest.fixture
def place(tmp_path: Path) -> str:
    """Everything is retired."""
    location = str(tmp_path / "r.sqlite")
    fill(location, (OLD, NEWER))
    export(location, tmp_path / "archive")
    retire(location, tmp_path / "archive")
    return location


def restore(location: str, folder: Path, since: str = "") -> list[Back]:
    return list(Restoring(location, folder, since).days())


def test_what_went_comes_back_to_the_byte(place: str, tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    done = restore(place, archive, "2026-11-02")
    assert done == [Back(day="2026-11-02", measurements=1, steps=3, left=0)]
    assert steps_of(place, OLD.measurement) == 0
    assert len(restore(place, archive)) == 1
    with Store.open_to_read(place) as store:
        for look in (OLD.measurement, NEWER.measurement):
            assert store.measurement(look.id) == look
        assert store.retired.count() == 0
    left = export(place, archive)
    assert (left.format, [cell.retired for cell in left.cells]) == (1, [0, 0])
    assert check_archive(archive).faults == ()


def test_what_came_back_is_judged_by_the_rules_in_force(place: str, tmp_path: Path) -> None:
    with Store.open(place) as store:
        store.activate(2)
        assert store.judging.left(2) == 0
    restore(place, tmp_path / "archive", "2026-11-02")
    with Store.open_to_read(place) as store:
        assert store.judging.unjudged(2, 10) == [NEWER.measurement.id]


def test_an_archive_without_them_changes_nothing(place: str, tmp_path: Path) -> None:
    other = tmp_path / "other.sqlite"
    fill(str(other), [judged_look(5)])
    export(str(other), tmp_path / "else")
    with pytest.raises(StorageError, match="has no steps of 2026-11-01, XA"):
        restore(place, tmp_path / "else")
    with pytest.raises(MissingInput):
        restore(place, tmp_path / "none")
    assert steps_of(place, OLD.measurement) == 0


def test_a_file_that_is_gone_is_named_and_asked_for(place: str, tmp_path: Path) -> None:
    gone = next((tmp_path / "archive" / "steps").glob("**/*.parquet"))
    gone.unlink()
    with pytest.raises(StorageError, match=f"{gone.name}: is missing; put the file back"):
        restore(place, tmp_path / "archive")
