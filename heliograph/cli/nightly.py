"""The ``nightly`` command: one night now, or one every day."""

import re
from collections.abc import Generator, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from datetime import time
from pathlib import Path

import msgspec

from heliograph.cli.exits import ExitCode, Stop
from heliograph.cli.output import print_json, say
from heliograph.cli.place import database, now
from heliograph.cli.signals import Ending
from heliograph.text import counted, for_terminal
from scheduler.nightly import Made, NightWork
from storage.errors import OlderDatabase, StorageError
from storage.looks import Looks
from storage.store import Store

_LONGEST = 500
"""Characters of an error that are kept."""
_AT = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What was asked for."""

    db: str | None
    days: int
    archive: str | None
    workers: int
    json: bool


def make(wish: Wish) -> None:
    """Make one night, and say what came of it; whatever ends it early is noted, and raised."""
    with suppress(OlderDatabase), Store.open_to_read(database(wish.db)):
        pass  # where there is none, none is made: the name may be a slip
    with Ending() as ending:
        with closing(_night(wish)) as night:
            ending.each(night)
        ending.settle()


def keep_making(wish: Wish, at: time) -> None:
    """Make a night every day at a time of day (UTC), and one now if the last is missing.

    One that fails is told, and the next is tried all the same. Ends as signals say.
    """
    from scheduler.nightly_daemon import Daily

    with Store.open(database(wish.db)) as store:
        last = store.nights.last()
    daily = Daily(at, lambda: _try(wish), now)
    done = None if last is None else last["published"]
    say(f"a night every day at {at:%H:%M} UTC; the next {daily.next_after(done):%Y-%m-%d %H:%M}")
    with Ending() as ending:
        with closing(daily.turns(done)) as turns:
            ending.each(turns)
        ending.settle()


def time_of_day(text: str) -> time:
    """What ``--at`` says; raises Stop for what is no time."""
    found = _AT.fullmatch(text)
    if found is None:
        raise Stop(ExitCode.USAGE, f"--at {text!r} is no time of day; write it as 01:30, in UTC")
    return time(int(found[1]), int(found[2]))


def why_of(error: BaseException) -> str:
    """What a night came to nothing for: a sentence, or of a bug of ours its kind, too."""
    if isinstance(error, StorageError) and str(error):
        return str(error)
    return f"{type(error).__name__}: {error}".removesuffix(": ")


def _try(wish: Wish) -> Generator[None]:
    try:
        yield from _night(wish)
    except StorageError as error:
        say(f"heliograph: this night came to nothing: {for_terminal(str(error))}")


def _night(wish: Wish) -> Generator[None]:
    """The steps of a night; closed before its end, it notes that, and leaves what was shown."""
    begun = now()
    with Store.open(database(wish.db)) as store, store.nights.alone():
        try:
            with _looks(store, wish) as looks:
                work = NightWork(store, looks, now, wish.days)
                for line in work.steps():
                    say(line)
                    yield
        except GeneratorExit:
            store.nights.fail(begun, now(), "a signal ended it")
            say("the night was ended before it was over; what was shown before is shown still")
            raise
        except BaseException as error:
            with suppress(StorageError):
                store.nights.fail(begun, now(), why_of(error)[:_LONGEST])
            raise
        if wish.archive is not None:
            _put(store, Path(wish.archive))
    assert work.made is not None
    _tell(work.made, work.unreadable, json=wish.json)


def _put(store: Store, archive: Path) -> None:
    """Show the night over the archive, too; where that can't be, it was made all the same."""
    try:
        store.nights.put_into(archive)
    except StorageError as error:
        say(f"heliograph: the archive shows no new night: {for_terminal(str(error))}")


@contextmanager
def _looks(store: Store, wish: Wish) -> Iterator[Looks]:
    if wish.archive is not None:
        from storage.looks_archive import ArchivedLooks

        with closing(ArchivedLooks(Path(wish.archive), store.looks, wish.workers)) as archived:
            yield archived
    elif wish.workers > 1:
        from scheduler.nightly_workers import DividedLooks

        with closing(DividedLooks(store.looks, database(wish.db), wish.workers)) as divided:
            yield divided
    else:
        yield store.looks


def _tell(made: Made, unreadable: Mapping[str, str], *, json: bool) -> None:
    if unreadable:
        why = next(iter(unreadable.values()))
        count = counted(len(unreadable), "measurement")
        say(f"heliograph: {count} can't be judged by this version, and count nowhere: {why}")
    if json:
        print_json(made)
    say(
        f"{made.first_day} to {made.last_day}: {counted(made.days_built, 'day')} counted anew,"
        f" {counted(made.cells, 'cell')} with looks in all, {counted(made.findings, 'finding')}"
        f" ({made.seconds:.1f} s)"
    )
