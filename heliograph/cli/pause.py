"""The commands ``pause`` and ``resume``: a file beside the database that keeps runs from sending.

Its mere presence counts, whatever is in it, so that ``touch`` makes one where no command can be
run; only a moment that has passed, written as ``pause`` writes it, ends it by itself. A command
that needs runs over makes one, too, for as long as it works, and writes its name into it.
"""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path

from heliograph.cli.exits import ExitCode, Stop
from heliograph.cli.output import print_json, say
from heliograph.cli.place import beside_server, database, database_file, hint, now, on_server
from scheduler.allowance import EarlyEnd
from scheduler.halting import CONSENT_OVER, DATABASE_GONE, FORGOTTEN, PAUSED, UNINSTALLED

SUFFIX = "-paused"
_LENGTH = re.compile(r"([1-9][0-9]{0,3}) ?([smhd])")
_LONGEST = "9999d"
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_FOR_EVER = "until resumed"
_MOMENT = "until %Y-%m-%dT%H:%M:%SZ"
_BY = " by "
_CHARACTERS = 64


class By(StrEnum):
    """The commands that end a run before they do their work."""

    WITHDRAW = "consent withdraw"
    FORGET = "forget --all"
    UNINSTALL = "uninstall"
    LEAVE = "uninstall without --with-db"
    """The database stays: somebody chose its place."""


_ENDS = {
    By.WITHDRAW: EarlyEnd(
        CONSENT_OVER,
        "ended by 'heliograph consent withdraw'",
        then="the same command asks for your consent first",
    ),
    By.FORGET: EarlyEnd(
        FORGOTTEN,
        "ended by 'heliograph forget --all'",
        keeps=False,
        then="the same command begins anew",
    ),
    By.UNINSTALL: EarlyEnd(UNINSTALLED, "ended by 'heliograph uninstall'", keeps=False, then=""),
    By.LEAVE: EarlyEnd(
        UNINSTALLED, "ended by 'heliograph uninstall', which leaves this database where it is"
    ),
}
_GONE = EarlyEnd(
    DATABASE_GONE, "the database was removed, so nothing can be kept", keeps=False, then=""
)


@dataclass(frozen=True, slots=True)
class Pause:
    """A pause that is in force, and its end; None when only ``resume`` ends it."""

    until: datetime | None
    by: By | None = None
    """The command that it is for; None for a pause that somebody wanted."""
    location: str | None = field(default=None, compare=False)
    """The database that it keeps runs from."""

    @property
    def words(self) -> str:
        """What a person is told."""
        if self.by is not None:
            return f"'heliograph {self.by}' is at work; give this command again when it has ended"
        until = "" if self.until is None else f" until {self.until:%Y-%m-%d %H:%M} UTC"
        return f"paused{until}; to end that: {hint('resume', self.location)}"


def in_force(location: str) -> Pause | None:
    """The pause of runs that keep results there; what can't be read is one, too."""
    file = file_of(location)
    if file is None:
        return None
    try:
        with file.open(encoding="ascii", errors="replace") as opened:
            told = opened.read(_CHARACTERS).strip()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError:
        return Pause(None, location=location)
    moment, _, command = told.partition(_BY)
    by = next((by for by in By if by == command), None)
    until = _moment(moment if by is not None else told)
    return Pause(until, by, location) if until is None or until > now() else None


def halting(location: str) -> EarlyEnd | None:
    """The end of a run under way, once there is a pause, or nothing to store results in."""
    pause = in_force(location)
    if pause is not None and pause.by is not None:
        return _ENDS[pause.by]
    kept = database_file(location)
    if kept is not None and not kept.exists():
        return _GONE
    return None if pause is None else EarlyEnd(PAUSED, pause.words)


def pause(db: str | None, length: str | None, *, json: bool) -> None:
    """Let no run start, and end one under way; raises Stop."""
    file = _require_file(db)
    until = None if length is None else now().replace(microsecond=0) + _length(length)
    _write(file, _FOR_EVER if until is None else until.strftime(_MOMENT))
    made = in_force(database(db))
    if made is None:
        raise Stop(ExitCode.CANNOT_WRITE, f"{file}: nothing is paused: it was not written")
    if json:
        moment = None if made.until is None else f"{made.until:%Y-%m-%dT%H:%M:%SZ}"
        print_json({"kind": "paused", "until": moment, "file": str(file)})
    else:
        say(
            f"{made.words[:1].upper()}{made.words[1:]}. No run into this database starts, and one"
            f" under way stops within seconds: {str(file).removesuffix(SUFFIX)}"
        )


def resume(db: str | None, *, json: bool) -> None:
    """Let runs start again; raises Stop."""
    file = _require_file(db)
    try:
        file.unlink()
        ended = True
    except (FileNotFoundError, NotADirectoryError):
        ended = False
    except OSError as error:
        raise Stop(ExitCode.CANNOT_WRITE, f"{file}: can't be removed: {error.strerror}") from error
    if json:
        print_json({"kind": "resumed", "was_paused": ended, "file": str(file)})
    elif ended:
        say(
            "Resumed. Runs may start again; one that the pause stopped goes on when you give its"
            " command again, within 24 hours of its start."
        )
    else:
        say("Nothing is paused.")


@contextmanager
def meanwhile(location: str, length: timedelta, by: By) -> Iterator[None]:
    """Pause until this is left, at most for so long; a pause that somebody made stays as it is.

    A run that it ends says ``by`` which command.
    """
    file = file_of(location)
    if file is None or in_force(location) is not None:
        yield
        return
    ours = f"{(now() + length).strftime(_MOMENT)}{_BY}{by}"
    _write(file, ours)
    try:
        yield
    finally:
        with suppress(OSError):
            if file.read_text(encoding="ascii", errors="replace").strip() == ours:
                file.unlink()


def file_of(location: str) -> Path | None:
    """The file that pauses runs into this database; None for one in memory.

    It stands beside a database file, and in the user's own folder for the database of a server:
    there it pauses this user's runs from this host, and nobody else's.
    """
    file = beside_server(location) if on_server(location) else database_file(location)
    return None if file is None else file.with_name(f"{file.name}{SUFFIX}")


def _require_file(db: str | None) -> Path:
    location = database(db)
    file = file_of(location)
    if file is None:
        raise Stop(
            ExitCode.BAD_INPUT, "only runs into a database that is kept can be paused; name it"
        )
    return file


def _length(text: str) -> timedelta:
    found = _LENGTH.fullmatch(text.strip().lower())
    if found is None:
        raise Stop(
            ExitCode.USAGE,
            f"--for {text!r} is no length of time; write 30m, 2h or 1d ({_LONGEST} at most), or"
            " leave --for out to pause until 'heliograph resume'",
        )
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


def _moment(told: str) -> datetime | None:
    try:
        return datetime.strptime(told, _MOMENT).replace(tzinfo=UTC)
    except ValueError:
        return None


def _write(file: Path, text: str) -> None:
    """Make the file for us alone; on a full disk it is empty, and counts all the same."""
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        opened = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise Stop(ExitCode.CANNOT_WRITE, f"{file}: can't be written: {error.strerror}") from error
    with suppress(OSError), os.fdopen(opened, "w", encoding="ascii") as written:
        written.write(f"{text}\n")
