"""Exit codes, and the one place where errors become a line and a code (docs/design.md, 4)."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
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
    except BrokenPipeError:
        sys.stderr.close()  # the reader of our output left: nothing to say, nobody to tell
        raise typer.Exit(ExitCode.DONE) from None
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
    typer.echo(f"heliograph: {for_terminal(message)}", err=True)
    raise typer.Exit(code) from None


def _fail_with(error: Exception) -> None:
    while isinstance(error, ExceptionGroup):  # what ended one of several tasks
        error = error.exceptions[0]
    code = _code_of(error)
    if code is not ExitCode.OUR_BUG:
        fail(code, str(error))
    _print_traceback()
    told = f"{type(error).__name__}: {error}"
    fail(code, f"a bug of ours: {told}; please report the lines above")


def _code_of(error: Exception) -> ExitCode:
    """Codes of errors whose rooms are not loaded until they are needed."""
    from heliograph.network import TableError
    from heliograph.url import BadTarget
    from probes.registry import DuplicateProbe
    from storage.errors import CannotWrite, MissingDatabase, StorageError

    known: tuple[tuple[type[Exception], ExitCode], ...] = (
        (ConfigError, ExitCode.CONFIGURATION),
        (BadTarget, ExitCode.BAD_INPUT),
        (TableError, ExitCode.CONFIGURATION),
        (DuplicateProbe, ExitCode.CONFIGURATION),
        (CannotWrite, ExitCode.CANNOT_WRITE),
        (MissingDatabase, ExitCode.INPUT_MISSING),
        (StorageError, ExitCode.BAD_INPUT),
    )
    if isinstance(error, Stop):
        return error.code
    return next((code for kind, code in known if isinstance(error, kind)), ExitCode.OUR_BUG)


def _print_traceback() -> None:
    import traceback

    typer.echo(traceback.format_exc(), err=True)
