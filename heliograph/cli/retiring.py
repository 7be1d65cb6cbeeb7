"""The ``db retire`` command: old steps out of the database, once an archive is known to have them.

First all is judged by the rules of this version, and the archive is brought up to date; in the end
the archive is told which steps it alone holds.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import msgspec

from analysis.rules import RULESET_VERSION
from analysis.single import JUDGED
from heliograph.cli.consent_ask import confirm
from heliograph.cli.daily import each_day
from heliograph.cli.exits import ExitCode, Stop
from heliograph.cli.output import print_json, say
from heliograph.cli.place import database, now, on_server
from heliograph.cli.progress import Progress
from heliograph.cli.signals import Ending
from heliograph.text import counted
from scheduler.rejudging import Rejudging, is_behind
from storage.archive.folder import require_kind
from storage.archive.writing import Archiving
from storage.retired import Rules
from storage.retiring import Gone, Retiring
from storage.store import Store

_UNTOUCHED = "nothing was deleted"


@dataclass(frozen=True, slots=True)
class Wish:
    """What the user asked for."""

    before: str
    archive: Path
    yes: bool
    db: str | None
    json: bool


class Retired(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="retired"):
    """What came of it."""

    archive: str
    before: str
    measurements: int
    """Whose steps are in the archive alone, since now."""
    steps: int
    kept: int
    """Measurements before that day whose steps stay in the database."""
    compacted: bool
    """The room is given back to the system; always true on PostgreSQL, which uses it itself."""


def retire(wish: Wish) -> None:
    """Take the steps of days before one out of the database; raises Stop and errors of storage."""
    before, location = _day(wish.before), database(wish.db)
    require_kind(wish.archive, public=False)  # before anything is asked
    Store.open_to_read(location).close()  # where there is no database, none is made
    with Store.open(location) as store:
        unruled = _judged(store)
        midnight = datetime(before.year, before.month, before.day, tzinfo=UTC)
        count, earlier = store.retired.still_here(midnight), store.retired.count()
    if count and not wish.yes:
        confirm(_question(wish, count), _UNTOUCHED)
    done: list[Gone] = []
    work = Retiring(
        location,
        wish.archive,
        before.isoformat(),
        Rules(version=RULESET_VERSION, of_others=JUDGED, unruled=unruled),
    )
    with Ending() as ending:
        if count or earlier:
            _archive(location, wish.archive, ending)
        if count:
            done = each_day(ending, work.days(), "retiring", "done")
            _archive(location, wish.archive, ending)
    _tell(wish, location, done, earlier, compacted=work.give_back())


def _day(text: str) -> date:
    """Raises Stop for what is no day, and for one that has yet to come: today's looks go on."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        words = f"--before {text!r} is no day; write it like 2026-01-01"
        raise Stop(ExitCode.USAGE, words) from None
    if day > now().date():
        raise Stop(ExitCode.USAGE, f"--before {text} is in the future; {_UNTOUCHED}")
    return day


def _judged(store: Store) -> frozenset[str]:
    """Judge what is left to do, and name what no rule is about."""
    work = Rejudging(store)
    with Progress(work.left, "judging") as progress:
        for count in work.batches():
            progress.advance_by(count, "judging")
    if is_behind(store):
        raise Stop(
            ExitCode.BAD_INPUT,
            "the rules of this version are not in force, and judge by steps; 'heliograph analyse"
            f" --activate' comes first; {_UNTOUCHED}",
        )
    return work.unruled


def _archive(location: str, folder: Path, ending: Ending) -> None:
    ending.each(Archiving(location, folder).days())
    ending.settle()


def _question(wish: Wish, count: int) -> str:
    return (
        f"the steps of {counted(count, 'measurement')} before {wish.before} will be in"
        f" {wish.archive} alone: who loses that folder loses the evidence, so keep a copy of it"
        " elsewhere. Measurements and verdicts stay in the database"
    )


def _tell(wish: Wish, location: str, done: list[Gone], earlier: int, *, compacted: bool) -> None:
    told = Retired(
        archive=str(wish.archive.resolve()),
        before=wish.before,
        measurements=sum(day.measurements for day in done),
        steps=sum(day.steps for day in done),
        kept=sum(day.kept for day in done),
        compacted=compacted,
    )
    if wish.json:
        print_json(told)
        return
    looks = counted(told.measurements, "measurement")
    say(
        f"{counted(told.steps, 'step')} of {looks} went out of the database: they are in"
        f" {told.archive} alone"
        + (f", beside those of {counted(earlier, 'measurement')} that went before" * bool(earlier))
    )
    if told.kept:
        say(
            f"the steps of {counted(told.kept, 'measurement')} stay in the database: they came"
            " meanwhile, or this version can't judge them"
        )
    if on_server(location):
        say("the server writes new rows where they were")
    elif not compacted:
        say(
            "another program has the database open, so its file is as large as before: the same"
            " command gives the room back when that has ended"
        )
