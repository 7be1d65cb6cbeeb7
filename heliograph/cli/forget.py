"""The ``forget`` command: measurements out of the database, and their bytes out of its files."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from shlex import quote

from heliograph.cli.consent_ask import confirm
from heliograph.cli.exits import ExitCode, Stop
from heliograph.cli.filters import host_of
from heliograph.cli.output import print_json, say
from heliograph.cli.pause import By
from heliograph.cli.place import database, database_file, on_server
from heliograph.cli.underway import end_runs, is_run_under_way
from heliograph.text import counted, for_terminal
from storage.archive.mentions import mentioning
from storage.archive.writing import Archiving
from storage.forgetting import Found, What
from storage.nights import INCOMPLETE
from storage.orphans import orphans
from storage.store import Store


@dataclass(frozen=True, slots=True)
class Wish:
    """What the user asked for."""

    before: str | None
    host: str | None
    everything: bool
    yes: bool
    db: str | None
    json: bool
    archive: Path | None = None
    """One that was made of the database: forgotten there as well."""


_IN_FILE = "the files of the database were written anew."
_ON_SERVER = (
    "the server's files and its log may hold their bytes until it writes over them: VACUUM FULL and"
    " the next checkpoints see to that."
)


def forget(wish: Wish) -> None:
    """Delete what was asked for, after a question; raises Stop and the errors of storage."""
    what = _what(wish)
    location = database(wish.db)
    file = database_file(location)
    if file is not None and (left := orphans(file)):
        _forget_orphans(wish, location, file, left)
        return
    Store.open_to_read(location).close()  # where there is no database, none is made
    with Store.open(location) as store:
        named = _mentioning(store, wish.archive, what)
        found = store.forgetting.find(what, named)
        if not wish.everything and is_run_under_way(location):
            say(
                "a run is under way, and may store more of what is forgotten here; 'heliograph"
                " pause' ends it"
            )
        if found.ids and not wish.yes:
            confirm(_question(found, what), "nothing was deleted")
        if wish.everything:
            end_runs(location, By.FORGET, "nothing was deleted")
        elsewhere = _Elsewhere(
            held=len(store.retired.among(found.ids)), archive=store.retired.archive()
        )
        count = store.forgetting.forget(what, named)
        night = store.nights.last()
        elsewhere.night = night is not None and night["state"] == INCOMPLETE
        if what.host is not None:
            elsewhere.unsearched = store.retired.count(what.before)
    if wish.archive is not None:
        for _ in Archiving(location, wish.archive, removing=True).days():
            pass
        elsewhere = _Elsewhere(night=elsewhere.night)
    _tell(wish, location, count, elsewhere)


@dataclass(slots=True)
class _Elsewhere:
    """What an archive alone holds, and was not looked at."""

    held: int = 0
    """Of what was deleted: steps of so many measurements are in an archive still."""
    unsearched: int = 0
    """So many others have steps there, which may mention the host."""
    archive: str | None = None
    night: bool = False
    """What nights made of the days is gone with it."""


def _mentioning(store: Store, archive: Path | None, what: What) -> set[str]:
    """Those that mention the host in an archive alone; raises Stop for one of another database."""
    if archive is None:
        return set()
    missing = store.looks.missing_of(archive)
    if missing:
        raise Stop(
            ExitCode.BAD_INPUT,
            f"{archive}: nothing was deleted: this database lacks {counted(missing, 'measurement')}"
            " of it, so it may be another's; 'heliograph export parquet --remove' takes out what"
            " was forgotten before",
        )
    return set() if what.host is None else mentioning(archive, what.host)


def _tell(wish: Wish, location: str, count: int, elsewhere: _Elsewhere) -> None:
    if wish.json:
        more = {"in_an_archive": elsewhere.held, "not_searched": elsewhere.unsearched}
        known = {name: number for name, number in more.items() if number}
        print_json({"kind": "forgotten", "measurements": count, **known})
        return
    say(
        f"{counted(count, 'measurement')} deleted, with steps, verdicts and places in runs; "
        + (_ON_SERVER if on_server(location) else _IN_FILE)
        + ("" if wish.archive is None else " The archive was written anew without them.")
        + " Backups, and copies you gave away, are out of reach."
    )
    if elsewhere.night:
        say(
            "their days in api_v1_daily, and all findings, went with them; 'heliograph nightly'"
            " makes them anew"
        )
    folder = "FOLDER" if elsewhere.archive is None else for_terminal(quote(elsewhere.archive))
    if elsewhere.held:
        say(
            f"an archive still holds {elsewhere.held} of them: 'heliograph export parquet {folder}"
            " --remove' takes them out"
        )
    if elsewhere.unsearched:
        say(
            f"{counted(elsewhere.unsearched, 'measurement')} could not be searched whole: an"
            " archive alone has the steps. Give the same with"
            f" --archive {folder} to look there as well"
        )


def _what(wish: Wish) -> What:
    if wish.everything and (wish.before or wish.host):
        raise Stop(ExitCode.USAGE, "--all takes everything; leave out --before and --host")
    if not (wish.everything or wish.before or wish.host):
        raise Stop(ExitCode.USAGE, "say what to forget: --host HOST, --before DATE, or --all")
    return What(
        before=None if wish.before is None else _moment(wish.before),
        host=None if wish.host is None else host_of(wish.host),
    )


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise Stop(
            ExitCode.USAGE, f"--before {text!r} is no date; write it like 2026-11-23"
        ) from error
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _forget_orphans(wish: Wish, location: str, file: Path, left: Sequence[Path]) -> None:
    """What stands beside a database that somebody removed: its log names targets all the same."""
    listed = "\n".join(f"  {path}" for path in left)
    if not wish.everything:
        raise Stop(
            ExitCode.INPUT_MISSING,
            f"{file}: there is no database any more, and files of it are still there"
            f" ({', '.join(path.name for path in left)}); 'heliograph forget --all' deletes them",
        )
    if not wish.yes:
        confirm(
            f"{file} is gone, and files of it are still there:\n{listed}", "nothing was deleted"
        )
    end_runs(location, By.FORGET, "nothing was deleted")
    try:
        for path in orphans(file):  # a run that has ended took its own along
            path.unlink(missing_ok=True)
    except OSError as error:
        why = f"{error.filename}: can't be removed: {error.strerror}"
        raise Stop(ExitCode.CANNOT_WRITE, why) from error
    if wish.json:
        files = [str(path) for path in left]
        print_json({"kind": "forgotten", "measurements": 0, "files": files})
    else:
        say(f"{file} was removed before; what was left beside it is deleted, too:\n{listed}")


def _question(found: Found, what: What) -> str:
    own = len(found.ids) - found.mentions
    parts = [f"{counted(len(found.ids), 'measurement')} will be deleted for good"]
    if what.host is not None:
        parts.append(f"{own} of {what.host}, {found.mentions} of other sites that mention it")
    return for_terminal(": ".join(parts))
