"""Looks of several kinds with their verdicts, and packages of them."""

import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from heliograph.ids import with_id
from heliograph.model import Measurement, Outcome, Verdict
from storage.packages.shapes import Description, Format
from storage.packages.writing import Order, write_package
from tests.lab.planted import HOSTILE

Judged = tuple[Measurement, Verdict | None]


@pytest.fixture
def looks(measurement: Measurement, verdict: Verdict) -> list[Judged]:
    """Hostile texts where a network's texts are kept, one look an hour, the last one broken."""
    made: list[Judged] = []
    for number, text in enumerate(HOSTILE):
        started = datetime(2026, 11, 23, number, 0, 0, tzinfo=UTC)
        one = with_id(
            msgspec.structs.replace(
                measurement, started=started, campaign=text, reason=None, source=None
            )
        )
        judged = msgspec.structs.replace(verdict, measurement_id=one.id, explanation=text)
        made.append((one, judged))
    broken = msgspec.structs.replace(measurement, outcome=Outcome.BROKEN, steps=(), source=None)
    return [*made, (with_id(broken), None)]


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, set[Format]]:
    """Where packages of all the looks are kept, and which are there already."""
    return tmp_path_factory.mktemp("made"), set()


@pytest.fixture
def pack(
    tmp_path: Path, looks: list[Judged], made: tuple[Path, set[Format]]
) -> Callable[..., Path]:
    """Writes a package and returns its folder; one of all the looks is a copy, to save time."""
    kept, there = made

    def packed(form: Format, name: str | None = None, found: list[Judged] | None = None) -> Path:
        out = tmp_path / (name or form)
        if found is not None:
            write_package(Order(out=out, form=form, public=False, ruleset=1), found)
            return out
        if form not in there:
            write_package(Order(out=kept / form, form=form, public=False, ruleset=1), looks)
            there.add(form)
        shutil.copytree(kept / form, out)
        return out

    return packed


def description_of(folder: Path) -> Description:
    """What is written in a folder's description."""
    return msgspec.json.decode((folder / "datapackage.json").read_bytes(), type=Description)
