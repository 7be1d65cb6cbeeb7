"""The ``forget`` command: measurements out of the database, and their bytes out of its files."""

from dataclasses import dataclass
from datetime import UTC, datetime

from heliograph.cli.consent_ask import confirm
from heliograph.cli.exits import ExitCode, Stop
from heliograph.cli.output import print_json, say
from heliograph.cli.place import database
from heliograph.cli.underway import end_runs, is_run_under_way
from heliograph.text import counted, for_terminal
from heliograph.url import BadTarget, parse_target
from storage.forgetting import Found, What
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


def forget(wish: Wish) -> None:
    """Delete what was asked for, after a question; raises Stop and the errors of storage."""
    what = _what(wish)
    location = database(wish.db)
    Store.open_to_read(location).close()  # where there is no database, none is made
    with Store.open(location) as store:
        found = store.forgetting.find(what)
        if not wish.everything and is_run_under_way(location):
            say(
                "a run is under way, and may store more of what is forgotten here; 'heliograph"
                " pause' ends it"
            )
        if found.ids and not wish.yes:
            confirm(_question(found, what), "nothing was deleted")
        if wish.everything:
            end_runs(location, "nothing was deleted")
        count = store.forgetting.forget(what)
    if wish.json:
        print_json({"kind": "forgotten", "measurements": count})
    else:
        say(
            f"{counted(count, 'measurement')} deleted, with steps, verdicts and places in runs; the"
            " files of the database were written anew. Backups, and copies you gave away, are out"
            " of reach."
        )


def _what(wish: Wish) -> What:
    if wish.everything and (wish.before or wish.host):
        raise Stop(ExitCode.USAGE, "--all takes everything; leave out --before and --host")
    if not (wish.everything or wish.before or wish.host):
        raise Stop(ExitCode.USAGE, "say what to forget: --host HOST, --before DATE, or --all")
    return What(
        before=None if wish.before is None else _moment(wish.before),
        host=None if wish.host is None else _host(wish.host),
    )


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise Stop(
            ExitCode.USAGE, f"--before {text!r} is no date; write it like 2026-11-23"
        ) from error
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _host(text: str) -> str:
    try:
        return parse_target(text).host
    except BadTarget as error:
        raise Stop(ExitCode.USAGE, f"--host {error}") from error


def _question(found: Found, what: What) -> str:
    own = len(found.ids) - found.mentions
    parts = [f"{counted(len(found.ids), 'measurement')} will be deleted for good"]
    if what.host is not None:
        parts.append(f"{own} of {what.host}, {found.mentions} of other sites that mention it")
    return for_terminal(": ".join(parts))
