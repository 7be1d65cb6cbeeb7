"""The ``db restore`` command: steps that were left to an archive back into the database.

Afterwards they are judged by the rules of this version, and the archive is one place of two.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import msgspec

from heliograph.cli.daily import each_day
from heliograph.cli.exits import ExitCode, Stop
from heliograph.cli.output import print_json, say
from heliograph.cli.place import database
from heliograph.cli.signals import Ending
from heliograph.text import counted
from scheduler.rejudging import Rejudging
from storage.archive.writing import Archiving
from storage.restoring import Back, Restoring
from storage.store import Store


@dataclass(frozen=True, slots=True)
class Wish:
    """What the user asked for."""

    archive: Path
    since: str | None
    db: str | None
    json: bool


class Restored(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="restored"):
    """What came of it."""

    archive: str
    measurements: int
    """Whose steps are in the database again."""
    steps: int
    judged: int
    """Verdicts that were added by the rules of this version."""


def restore(wish: Wish) -> None:
    """Bring steps back; raises Stop and the errors of storage."""
    location, since = database(wish.db), "" if wish.since is None else _day(wish.since)
    Store.open_to_read(location).close()  # where there is no database, none is made
    Store.open(location).close()
    with Ending() as ending:
        done = each_day(
            ending, Restoring(location, wish.archive, since).days(), "restoring", "done"
        )
        with Store.open(location) as store:
            work = Rejudging(store)
            if done:
                ending.each(work.batches())
                ending.settle()
        if done:
            ending.each(Archiving(location, wish.archive).days())
            ending.settle()
    _tell(wish, done, work.judged)


def _day(text: str) -> str:
    with suppress(ValueError):
        return date.fromisoformat(text).isoformat()
    raise Stop(ExitCode.USAGE, f"--since {text!r} is no day; write it like 2026-01-01")


def _tell(wish: Wish, done: list[Back], judged: int) -> None:
    told = Restored(
        archive=str(wish.archive.resolve()),
        measurements=sum(day.measurements for day in done),
        steps=sum(day.steps for day in done),
        judged=judged,
    )
    if wish.json:
        print_json(told)
        return
    looks = counted(told.measurements, "measurement")
    say(f"{counted(told.steps, 'step')} of {looks} are in the database again")
    if judged:
        say(f"{counted(judged, 'measurement')} judged by the rules of this version")
