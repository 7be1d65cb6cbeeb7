"""The ``export parquet`` command: the database as an archive, brought up to date day by day."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec

from heliograph.cli.consent_ask import confirm
from heliograph.cli.daily import each_day
from heliograph.cli.exits import ExitCode, Stop
from heliograph.cli.giving import in_words, nothing
from heliograph.cli.output import print_json, say
from heliograph.cli.packaging import NAMED_AS_THEY_ARE, told_to_all
from heliograph.cli.place import database
from heliograph.cli.signals import Ending
from heliograph.text import counted
from storage.archive.folder import require_kind
from storage.archive.shapes import is_of_an_archive
from storage.archive.writing import Archiving, Done
from storage.packages.folder import scratch
from storage.packages.shapes import DATABASE
from storage.packages.snapshot import write_snapshot
from storage.queries import RowQuery
from storage.store import Store

_WHOSE = (
    "everything is in it, exact times and networks: it is for you alone;"
    " --public writes what may be given to everybody, into a folder of its own"
)


@dataclass(frozen=True, slots=True)
class Wish:
    """What the user asked for."""

    db: str | None
    out: Path
    remove: bool
    json: bool
    yes: bool = False
    public: bool = False


class Archived(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="archive"):
    """An archive that was brought up to date."""

    path: str
    days_written: int
    rows_written: int
    measurements: int
    """In the whole archive."""
    files: int
    bytes: int
    public: bool
    left_out: dict[str, int]
    """How many measurements are not told to everybody, and why."""


def archive(wish: Wish) -> None:
    """Write what has changed; a signal ends it after the day under way, and is raised then."""
    location = database(wish.db)
    require_kind(wish.out, public=wish.public)
    with Ending() as ending, _source(wish, location) as source:
        work = Archiving(source.location, wish.out, removing=wish.remove, public=wish.public)
        if wish.remove and not wish.yes and (count := work.alone()):
            confirm(
                f"{counted(count, 'measurement')} of {wish.out} have their steps there and nowhere"
                " else, and this database does not know them: they were forgotten, or it is another"
                " database. Their steps will be lost",
                "nothing was taken out",
            )
        done = each_day(ending, work.days(), "archiving", "written")
    _tell(wish, work, done, source.left_out)


@dataclass(frozen=True, slots=True)
class _Source:
    """The database that is archived, and how many looks are not in it, and why."""

    location: str
    left_out: Counter[str]


@contextmanager
def _source(wish: Wish, location: str) -> Iterator[_Source]:
    """The database itself; for everybody, one of what may be told of it, gone afterwards.

    What of a day may be told does not follow from its rows alone (this computer's addresses, the
    rules in force), and to note what it was made of would tell of what was masked. So all of it
    is made anew each time, and only days that came out as others are written.
    """
    if not wish.public:
        yield _Source(location, Counter())
        return
    left_out: Counter[str] = Counter()
    with Store.open_to_read(location) as store, scratch(wish.out) as beside:
        path = beside / DATABASE
        looks = told_to_all(store, RowQuery(limit=None), left_out)
        counts = write_snapshot(path, looks, store.current_ruleset())
        if not counts.measurements and not is_of_an_archive(wish.out):
            raise Stop(ExitCode.INPUT_MISSING, nothing(left_out))
        yield _Source(str(path), left_out)


def _tell(wish: Wish, work: Archiving, done: list[Done], left_out: Counter[str]) -> None:
    files, path = work.archive.files, wish.out.resolve()
    told = Archived(
        path=str(path),
        days_written=len(done),
        rows_written=sum(day.rows for day in done),
        measurements=sum(cell.measurements for cell in work.archive.cells),
        files=len(files),
        bytes=sum(part.bytes for part in files),
        public=wish.public,
        left_out=dict(left_out),
    )
    if wish.json:
        print_json(told)
        return
    size = f"{counted(told.measurements, 'measurement')} in {counted(told.files, 'file')}"
    say(f"{path}: {counted(told.days_written, 'day')} written; {size} now")
    if left_out:
        say(f"left out: {in_words(left_out)}")
    say(NAMED_AS_THEY_ARE if wish.public else _WHOSE)
