"""Steps leave the database for an archive that provably has them, and come to no harm there."""

from pathlib import Path

import msgspec
import pytest
from sqlalchemy import update

from storage.archive.checking import check_archive
from storage.archive.shapes import load
from storage.engine import open_engine, writing
from storage.errors import MissingInput, StorageError
from storage.retiring import Retiring
from storage.store import Store
from storage.tables import steps
from tests.retired_looks import RULES, export, fill, judged_look, retire, steps_of

OLD, OTHER, NEW = judged_look(0), judged_look(1, country="XB"), judged_look(2)


@pytest.fixture
def place(tmp_path: Path) -> str:
    location = str(tmp_path / "r.sqlite")
    fill(location, (OLD, OTHER, NEW))
    return location


@pytest.fixture
def archive(tmp_path: Path, place: str) -> Path:
    export(place, tmp_path / "archive")
    return tmp_path / "archive"


def test_steps_of_older_days_go_and_everything_else_stays(place: str, archive: Path) -> None:
    done = retire(place, archive, "2026-11-03")
    assert [(one.day, one.measurements, one.steps, one.kept, one.left) for one in done] == [
        ("2026-11-01", 1, 3, 0, 1),
        ("2026-11-02", 1, 3, 0, 0),
    ]
    assert [steps_of(place, one.measurement) for one in (OLD, OTHER, NEW)] == [0, 0, 3]
    with Store.open_to_read(place) as store:
        assert len(list(store.rows())) == 3
        assert store.verdicts(OLD.measurement.id) == [OLD.verdict]
        retirement = store.retired.find(OLD.measurement.id)
    assert retirement is not None
    assert (retirement.steps, retirement.archive) == (3, str(archive))
    assert retire(place, archive, "2026-11-03") == []


def test_what_the_archive_does_not_have_yet_stays(place: str, archive: Path) -> None:
    late = judged_look(0, number=5)
    fill(place, [late])
    (first, *_) = retire(place, archive)
    assert (first.measurements, first.kept) == (0, 2), "its day is another than the archive's"
    assert steps_of(place, late.measurement) == steps_of(place, OLD.measurement) == 3


def test_steps_that_differ_from_those_in_the_archive_stay(place: str, archive: Path) -> None:
    engine = open_engine(place)
    with writing(engine) as connection:
        its = steps.c.measurement_id == OLD.measurement.id
        connection.execute(update(steps).where(its, steps.c.number == 1).values(seconds=9.0))
    engine.dispose()
    (first, *_) = retire(place, archive)
    assert (first.measurements, first.kept) == (0, 1)


def test_a_damaged_archive_gets_nothing(place: str, archive: Path) -> None:
    file = next((archive / "steps").glob("day=2026-11-01/*/*.parquet"))
    content = bytearray(file.read_bytes())
    content[20] ^= 1
    file.write_bytes(content)
    with pytest.raises(StorageError, match="was changed"):
        retire(place, archive)
    assert steps_of(place, OLD.measurement) == 3


def test_where_there_is_no_archive_none_is_made(place: str, tmp_path: Path) -> None:
    with pytest.raises(MissingInput):
        retire(place, tmp_path / "none")
    assert not (tmp_path / "none").exists()


def test_rules_that_are_not_in_force_still_need_the_steps(place: str, archive: Path) -> None:
    other = msgspec.structs.replace(RULES, version=2)
    with pytest.raises(StorageError, match="analyse --activate"):
        list(Retiring(place, archive, "2026-12-01", other).days())


def test_late_looks_of_a_retired_day_leave_the_steps_that_the_archive_alone_has(
    place: str, archive: Path
) -> None:
    before = {part.file for part in load(archive).parts if part.table == "steps"}
    retire(place, archive)
    export(place, archive)
    assert {part.file for part in load(archive).parts if part.table == "steps"} == before
    fill(place, [judged_look(0, number=7)])
    export(place, archive)
    cell = load(archive).cells[0]
    assert (cell.measurements, cell.retired, cell.steps) == (2, 1, 6)
    assert check_archive(archive).faults == ()


def test_another_archive_is_refused_while_steps_are_in_the_first_alone(
    place: str, archive: Path, tmp_path: Path
) -> None:
    retire(place, archive)
    with pytest.raises(StorageError, match="in an archive alone, and this one lacks them"):
        export(place, tmp_path / "other")
    assert not (tmp_path / "other").exists()


def test_the_room_of_what_went_is_given_back(place: str, archive: Path) -> None:
    fill(place, [judged_look(0, number=9, steps=2000)])
    export(place, archive)
    retire(place, archive)
    large = Path(place).stat().st_size
    assert Retiring(place, archive, "2026-12-01", RULES).give_back()
    assert Path(place).stat().st_size < large / 2
