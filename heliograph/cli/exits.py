"""Exit codes, and the one place where errors become a line and a code (docs/design.md, 4)."""

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import IntEnum

import typer

from heliograph.config import ConfigError
from heliograph.text import for_terminal


class ExitCode(IntEnum):
    """What the command's exit status means."""

    DONE = 0
    USAGE = 2
    BAD_INPUT = 65
    INPUT_MISSING = 66
    OFFLINE = 68
    OUR_BUG = 70
    CANNOT_WRITE = 73
    QUEUED = 75
    NOT_ALLOWED = 77
    CONFIGURATION = 78
    INTERRUPTED = 130
    TERMINATED = 143


_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS})
"""A place that takes no more, whichever it is; what a store meets has errors of its own."""


class Stop(Exception):
    """End the command with this message and code; nothing more is to be said."""

    def __init__(self, code: ExitCode, message: str) -> None:
        super().__init__(message)
        self.code = code


class Terminated(BaseException):
    """SIGTERM arrived."""


@contextmanager
def boundary() -> Iterator[None]:
    """Turn every error of a command into one line on stderr and the documented code."""
    try:
        yield
        sys.stdout.flush()  # what can't be written is found out here, not when Python has ended
    except KeyboardInterrupt:
        fail(ExitCode.INTERRUPTED, "interrupted; what was finished is stored")
    except Terminated:
        fail(ExitCode.TERMINATED, "terminated; what was finished is stored")
    except (typer.Exit, typer.Abort, typer.BadParameter):
        raise
    except Exception as error:  # noqa: BLE001 - the last place: whatever is left is our bug
        _fail_with(error)


def fail(code: ExitCode, message: str) -> None:
    """Say one line on stderr and leave."""
    try:
        sys.stdout.flush()
    except OSError:
        mute()
    with suppress(OSError):  # nobody listens there
        typer.echo(f"heliograph: {for_terminal(message)}", err=True)
    raise typer.Exit(code) from None


def mute() -> None:
    """Let go of a stdout that takes no more, so that nothing is said of it a second time."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def is_full(error: BaseException) -> bool:
    """Whether something could not be written for want of room."""
    return isinstance(error, OSError) and error.errno in _FULL


def told_full(error: OSError) -> str:
    """The same in words: what could not be written, and why."""
    return f"can't write {error.filename or 'the output'}: {error.strerror}"


def _fail_with(error: Exception) -> None:
    while isinstance(error, ExceptionGroup):  # what ended one of several tasks
        error = error.exceptions[0]
    if isinstance(error, BrokenPipeError):  # the reader of our output left: nothing to say
        mute()
        raise typer.Exit(ExitCode.DONE) from None
    if isinstance(error, OSError) and is_full(error):
        mute()
        fail(ExitCode.CANNOT_WRITE, told_full(error))
    code = _code_of(error)
    if code is not ExitCode.OUR_BUG or isinstance(error, Stop):
        fail(code, str(error))
    _print_traceback()
    told = f"{type(error).__name__}: {error}"
    fail(code, f"a bug of ours: {told}; please report the lines above")


def _code_of(error: Exception) -> ExitCode:
    """Codes of errors whose rooms are not loaded until they are needed."""
    from heliograph.network import TableError
    from heliograph.url import BadTarget
    from probes.registry import DuplicateProbe
    from storage.errors import CannotWrite, MissingDatabase, MissingInput, StorageError

    known: tuple[tuple[type[Exception], ExitCode], ...] = (
        (ConfigError, ExitCode.CONFIGURATION),
        (BadTarget, ExitCode.BAD_INPUT),
        (TableError, ExitCode.CONFIGURATION),
        (DuplicateProbe, ExitCode.CONFIGURATION),
        (CannotWrite, ExitCode.CANNOT_WRITE),
        (MissingDatabase, ExitCode.INPUT_MISSING),
        (MissingInput, ExitCode.INPUT_MISSING),
        (StorageError, ExitCode.BAD_INPUT),
    )
    if isinstance(error, Stop):
        return error.code
    return next((code for kind, code in known if isinstance(error, kind)), ExitCode.OUR_BUG)


def _print_traceback() -> None:
    import traceback

    typer.echo(traceback.format_exc(), err=True)
