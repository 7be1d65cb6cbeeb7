"""Runs under way in other processes, and how a command that needs them over ends them."""

import time
from datetime import timedelta
from pathlib import Path

from heliograph.cli import pause
from heliograph.cli.exits import ExitCode, Stop
from heliograph.cli.output import say
from heliograph.cli.place import on_server
from storage.engine import open_engine
from storage.locks import Locks
from storage.server_locks import ServerLocks

SECONDS = 10.0
"""So long a run may take to end: it looks for a pause each second, and gives looks two more."""

_EVERY = 0.2
"""Seconds between two looks: a lock can't be waited for with an end to the waiting."""


def is_run_under_way(location: str) -> bool:
    """Whether another process is making a run into this database."""
    if on_server(location):
        return _is_on_server(location)
    path = _lock(location)
    if path is None or not path.exists():
        return False
    locks = Locks(path)
    try:
        return locks.held_elsewhere()
    finally:
        locks.close()


def end_runs(location: str, by: pause.By, undone: str, *, seconds: float = SECONDS) -> bool:
    """End the run under way for a command, and say so; False when there is none.

    Raises Stop, saying what is ``undone``, when it goes on all the same.
    """
    if not is_run_under_way(location):
        return False
    say("a run is under way; it is ended first")
    with pause.meanwhile(location, timedelta(seconds=10 * seconds), by):
        deadline = time.monotonic() + seconds
        while is_run_under_way(location):
            if time.monotonic() > deadline:
                raise Stop(
                    ExitCode.CANNOT_WRITE,
                    f"{undone}: a run under way does not end; stop it where it was started"
                    " (Ctrl-C), and give this command again",
                )
            time.sleep(_EVERY)
    return True


def _is_on_server(location: str) -> bool:
    engine = open_engine(location, read_only=True)
    locks = ServerLocks(engine)
    try:
        return locks.held_elsewhere()
    finally:
        locks.close()
        engine.dispose()


def _lock(location: str) -> Path | None:
    file = pause.file_of(location)
    return None if file is None else file.with_name(f"{file.name.removesuffix(pause.SUFFIX)}-lock")
