"""A database on disk that tests fill, and archives of it."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import msgspec
import pytest

from heliograph.model import Measurement, Vantage, Verdict
from storage.archive.shapes import Archive
from storage.archive.writing import Archiving
from storage.store import Store

Saved = Callable[..., str]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """The file of a new database, ruleset 1 active."""
    path = tmp_path / "r.sqlite"
    with Store.open(str(path)) as store:
        store.activate(1)
    return path


@pytest.fixture
def save(place: Path, measurement: Measurement, verdict: Verdict) -> Saved:
    """Saves a look of a day and country, judged, and returns its id."""

    def saved(number: int, day: str = "2026-11-23", country: str = "XA") -> str:
        look = msgspec.structs.replace(
            measurement,
            id=f"0199aaaa-0000-8000-8000-{number:012}",
            vantage=Vantage(country=country, asn=64500, source="configured"),
            started=datetime.fromisoformat(f"{day}T12:00:00Z"),
        )
        judged = msgspec.structs.replace(verdict, measurement_id=look.id)
        with Store.open(str(place)) as store:
            store.save(look, judged, None)
        return look.id

    return saved


def exported(place: Path, folder: Path, *, removing: bool = False) -> Archive:
    """The archive of the database, brought up to date."""
    work = Archiving(str(place), folder, removing=removing)
    for _ in work.days():
        pass
    return work.archive


@pytest.fixture
def export(place: Path, tmp_path: Path) -> Callable[[], Archive]:
    """Brings the archive at ``tmp_path / "archive"`` up to date."""
    return lambda: exported(place, tmp_path / "archive")
