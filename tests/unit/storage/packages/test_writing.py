"""A package has all its files, and the same looks make the same bytes in any order."""

from collections.abc import Callable
from pathlib import Path

import pytest

from heliograph.model import Measurement, Verdict
from storage.packages.shapes import Format
from storage.packages.writing import Empty, Order, write_package
from tests.unit.storage.packages.conftest import description_of

Judged = tuple[Measurement, Verdict | None]
BESIDE = ["CITATION.cff", "LICENSE-DATA", "MANIFEST.sha256", "README.md", "datapackage.json"]
DATA = {
    Format.CSV: ["measurements.csv", "steps.csv", "verdicts.csv"],
    Format.JSONL: ["measurements.jsonl", "steps.jsonl", "verdicts.jsonl"],
    Format.SQLITE: ["heliograph.sqlite"],
}


@pytest.mark.parametrize("form", Format)
def test_the_same_looks_make_the_same_bytes(
    pack: Callable[..., Path], looks: list[Judged], form: Format
) -> None:
    one, other = pack(form, "one"), pack(form, "other", looks[::-1])

    assert sorted(path.name for path in one.iterdir()) == sorted(DATA[form] + BESIDE)
    for path in one.iterdir():
        assert path.read_bytes() == (other / path.name).read_bytes(), path.name


def test_the_description_returned_is_the_one_written(tmp_path: Path, looks: list[Judged]) -> None:
    order = Order(out=tmp_path / "out", form=Format.CSV, public=True, ruleset=1)

    assert write_package(order, looks) == description_of(tmp_path / "out")
    assert description_of(tmp_path / "out").public


def test_the_software_that_measured_is_named(pack: Callable[..., Path]) -> None:
    (source,) = description_of(pack(Format.CSV)).sources

    assert source.title == "measured with heliograph 0.1.0"


def test_nothing_makes_no_folder(tmp_path: Path) -> None:
    with pytest.raises(Empty):
        write_package(Order(out=tmp_path / "o", form=Format.CSV, public=False, ruleset=1), [])
    assert list(tmp_path.iterdir()) == []
