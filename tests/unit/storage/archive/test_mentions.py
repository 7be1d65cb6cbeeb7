"""Whoever is named in steps that an archive alone holds is found there."""

from pathlib import Path

import pytest

from heliograph.model import Measurement
from storage.archive.mentions import mentioning, name_of, texts_of
from storage.errors import MissingInput, StorageError
from storage.forgetting import What
from storage.store import Store
from storage.tables import steps
from tests.retired_looks import export, fill, judged_look, retire

ONE, BARE, NEW = judged_look(0), judged_look(0, number=1, steps=1), judged_look(2)


@pytest.fixture
def place(tmp_path: Path) -> str:
    """The first day is retired; ``BARE`` names nobody."""
    location = str(tmp_path / "r.sqlite")
    fill(location, [ONE, BARE, NEW])
    export(location, tmp_path / "archive")
    retire(location, tmp_path / "archive", "2026-11-02")
    export(location, tmp_path / "archive")
    return location


def ids(*looks: Measurement) -> set[str]:
    return {look.id for look in looks}


@pytest.mark.parametrize(
    ("host", "found"),
    [("mentioned.example", {ONE.measurement.id}), ("tioned.example", set()), ("a.example", set())],
)
def test_only_a_whole_name_in_retired_steps_counts(
    place: str, tmp_path: Path, host: str, found: set[str]
) -> None:
    assert mentioning(tmp_path / "archive", host) == found


def test_what_it_finds_is_forgotten_with_what_the_database_finds(
    place: str, tmp_path: Path
) -> None:
    what, archive = What(host="mentioned.example"), tmp_path / "archive"
    with Store.open(place) as store:
        assert set(store.forgetting.find(what).ids) == ids(NEW.measurement)
        named = mentioning(archive, "mentioned.example")
        assert set(store.forgetting.find(what, named).ids) == ids(ONE.measurement, NEW.measurement)
        assert store.forgetting.forget(what, named) == 2
    left = export(place, archive, removing=True)
    assert [(cell.measurements, cell.retired, cell.steps) for cell in left.cells] == [(1, 1, 1)]
    assert mentioning(archive, "mentioned.example") == set()


def test_what_can_not_be_searched_is_told(place: str, tmp_path: Path) -> None:
    file = next((tmp_path / "archive" / "steps").glob("day=2026-11-01/*/*.parquet"))
    size = file.stat().st_size
    file.write_bytes(b"x" * size)
    with pytest.raises(StorageError, match="can't be read"):
        mentioning(tmp_path / "archive", "mentioned.example")
    file.unlink()
    with pytest.raises(StorageError, match="is missing"):
        mentioning(tmp_path / "archive", "mentioned.example")
    with pytest.raises(MissingInput):
        mentioning(tmp_path / "none", "mentioned.example")


def test_texts_are_told_from_numbers_and_a_name_from_its_like() -> None:
    assert {"host", "detail", "address"} < {column.name for column in texts_of(steps)}
    assert not {"number", "seconds"} & {column.name for column in texts_of(steps)}
    assert name_of("a.example").search("see A.example.")
    assert not name_of("a.example").search("ba.example")
