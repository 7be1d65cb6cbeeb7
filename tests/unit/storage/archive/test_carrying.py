"""Steps that an archive alone has are carried along whole, or nothing is written."""

from pathlib import Path

import pytest

from storage.archive.carrying import Carrying, merged
from storage.archive.shapes import DESCRIPTION, encoded, load
from storage.engine import open_engine, writing
from storage.errors import StorageError
from storage.tables import retired
from tests.retired_looks import export, fill, judged_look, retire


@pytest.fixture
def place(tmp_path: Path) -> str:
    """Everything of two days is retired."""
    location = str(tmp_path / "r.sqlite")
    fill(location, [judged_look(0), judged_look(1), judged_look(1, country="XB")])
    export(location, tmp_path / "archive")
    retire(location, tmp_path / "archive")
    return location


def test_both_come_in_the_order_of_their_key() -> None:
    own, carried = [("a", 0), ("c", 0), ("c", 10)], [("b", 2), ("b", 10)]
    assert list(merged(iter(own), iter(carried))) == [*own[:1], *carried, *own[1:]]


def test_a_file_that_is_missing_is_told_before_anything_is_written(
    place: str, tmp_path: Path
) -> None:
    archive = tmp_path / "archive"
    next((archive / "steps").glob("day=2026-11-02/*/*.parquet")).unlink()
    before = (archive / DESCRIPTION).read_bytes()
    with pytest.raises(StorageError, match=r"nothing was written.*2026-11-02") as told:
        export(place, archive)
    assert "\n" not in str(told.value)
    assert (archive / DESCRIPTION).read_bytes() == before


def test_other_steps_than_those_that_went_are_refused(place: str, tmp_path: Path) -> None:
    engine = open_engine(place)
    with writing(engine) as connection:
        connection.execute(retired.update().values(sha256="00" * 32))
    engine.dispose()
    with pytest.raises(StorageError, match="lacks steps of measurement"):
        export(place, tmp_path / "archive")


def test_what_is_no_part_of_an_archive_holds_nothing(place: str, tmp_path: Path) -> None:
    export(place, tmp_path / "archive")
    archive = load(tmp_path / "archive")
    cells = {(cell.day, cell.country): cell for cell in archive.cells}
    Carrying(tmp_path / "archive", archive).require(cells)
    Carrying(tmp_path / "archive", archive).require({("2026-11-09", "XA"): None})
    with pytest.raises(StorageError, match="3 measurements"):
        Carrying(tmp_path / "none", archive).require(cells)
    assert encoded(archive).startswith(b'{\n "format": 2')
