"""The ``export parquet`` command: the database as an archive, brought up to date day by day."""

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from heliograph.cli.consent_ask import confirm
from heliograph.cli.output import print_json, say
from heliograph.cli.place import database
from heliograph.cli.progress import Progress
from heliograph.cli.signals import Ending
from heliograph.text import counted
from storage.archive.writing import Archiving, Done

_WHOSE = (
    "everything is in it, exact times and networks: it is for you alone;"
    " 'heliograph export csv FOLDER --public' writes what may be given to everybody"
)


@dataclass(frozen=True, slots=True)
class Wish:
    """What the user asked for."""

    db: str | None
    out: Path
    remove: bool
    json: bool
    yes: bool = False


class Archived(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="archive"):
    """An archive that was brought up to date."""

    path: str
    days_written: int
    rows_written: int
    measurements: int
    """In the whole archive."""
    files: int
    bytes: int


def archive(wish: Wish) -> None:
    """Write what has changed; a signal ends it after the day under way, and is raised then."""
    done: list[Done] = []
    with Ending() as ending:
        work = Archiving(database(wish.db), wish.out, removing=wish.remove)
        if wish.remove and not wish.yes and (count := work.alone()):
            confirm(
                f"{counted(count, 'measurement')} of {wish.out} have their steps there and nowhere"
                " else, and this database does not know them: they were forgotten, or it is another"
                " database. Their steps will be lost",
                "nothing was taken out",
            )
        ending.each(_told(work.days(), done))
        if ending.asked is not None and done and done[-1].left:
            days = counted(done[-1].left, "day")
            say(f"{counted(len(done), 'day')} written, {days} left: the same command goes on")
        ending.settle()
    _tell(wish, work, done)


def _told(days: Generator[Done], done: list[Done]) -> Iterator[None]:
    progress: Progress | None = None
    try:
        for one in days:
            done.append(one)
            if progress is None:
                progress = Progress(one.left + 1, "archiving").__enter__()
            progress.advance_by(1, one.day)
            yield
    finally:
        days.close()  # describes what was done when left half way
        if progress is not None:
            progress.__exit__()


def _tell(wish: Wish, work: Archiving, done: list[Done]) -> None:
    files, path = work.archive.files, wish.out.resolve()
    told = Archived(
        path=str(path),
        days_written=len(done),
        rows_written=sum(day.rows for day in done),
        measurements=sum(cell.measurements for cell in work.archive.cells),
        files=len(files),
        bytes=sum(part.bytes for part in files),
    )
    if wish.json:
        print_json(told)
        return
    size = f"{counted(told.measurements, 'measurement')} in {counted(told.files, 'file')}"
    say(f"{path}: {counted(told.days_written, 'day')} written; {size} now")
    say(_WHOSE)
