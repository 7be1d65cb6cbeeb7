"""A database with steps on several days, and what retires them: for tests on every engine."""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from heliograph.model import Measurement, Step, StepKind
from storage.archive.shapes import Archive
from storage.archive.writing import Archiving
from storage.imports import Judged
from storage.retired import Rules
from storage.retiring import Gone, Retiring
from storage.store import Store
from tests.made_looks import Look

RULES = Rules(version=1)
NUL = "lone \ud800, none \x00, and a back\\slash"


def judged_look(
    day: int, number: int = 0, country: str = "XA", steps: int = 3, ruleset: int = 1
) -> Judged:
    """A look with steps, judged; ``day`` is counted from the first of November."""
    one = Look(day=day, number=number, country=country).judged()
    assert one.verdict is not None
    its = tuple(
        Step(
            kind=StepKind.TLS_HANDSHAKE,
            failure=None,
            host="mentioned.example" if at else NUL,
            started=at / 3,
            bytes_received=2**40 + at,
        )
        for at in range(steps)
    )
    return Judged(
        msgspec.structs.replace(one.measurement, steps=its),
        msgspec.structs.replace(one.verdict, ruleset_version=ruleset),
    )


def fill(location: str, looks: Sequence[Judged], ruleset: int = 1) -> None:
    """Store them, with a ruleset in force."""
    with Store.open(location) as store:
        store.imports.keep(looks)
        store.activate(ruleset)


def export(location: str, folder: Path, *, removing: bool = False) -> Archive:
    """Bring the archive up to date."""
    work = Archiving(location, folder, removing=removing)
    list(work.days())
    return work.archive


def retire(location: str, folder: Path, before: str = "2026-12-01") -> list[Gone]:
    """Take the steps of days before one out of the database."""
    return list(Retiring(location, folder, before, RULES).days())


def steps_of(location: str, one: Measurement) -> int:
    """How many steps the database has of a measurement."""
    with Store.open_to_read(location) as store:
        found = store.measurement(one.id)
    assert found is not None
    return len(found.steps)
