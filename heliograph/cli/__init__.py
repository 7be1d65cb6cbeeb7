"""The commands: the only place that reads the environment and knows all the rooms."""

import io
import os
import sys

_ROOMS = ("analysis", "probes", "scheduler", "storage")


def main() -> None:
    """Entry point of the ``heliograph`` command."""
    _stand_in_for_closed()
    _spare_the_terminal()
    stranger = _stranger()
    if stranger is not None:
        print(f"heliograph: {stranger}", file=sys.stderr)
        sys.exit(70)
    from heliograph.cli.app import app

    try:
        app()
    except OSError as error:  # of the help, which is printed outside any command
        from heliograph.cli.exits import ExitCode, is_full, mute, told_full

        if not is_full(error):
            raise
        mute()
        print(f"heliograph: {told_full(error)}", file=sys.stderr)
        sys.exit(ExitCode.CANNOT_WRITE)


def _stand_in_for_closed() -> None:
    """Where a standard stream was closed (``>&-``), nothing is read and what is said is dropped.

    Else the next file opened would take its number, and be written to in its place.
    """
    for number, (name, mode) in enumerate((("stdin", "r"), ("stdout", "w"), ("stderr", "w"))):
        if getattr(sys, name) is not None:
            continue
        nowhere = os.open(os.devnull, os.O_RDWR)
        if nowhere != number:
            os.dup2(nowhere, number)
            os.close(nowhere)
        setattr(sys, name, os.fdopen(number, mode, encoding="utf-8", closefd=False))


def _spare_the_terminal() -> None:
    """What a terminal's character set lacks is written as an escape, and stops nothing."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _stranger() -> str | None:
    """Our rooms have plain names; say so when another package's are in their place."""
    from importlib.util import find_spec
    from pathlib import Path

    home = Path(__file__).resolve().parents[2]
    for room in _ROOMS:
        spec = find_spec(room)
        origin = None if spec is None or spec.origin is None else Path(spec.origin).resolve()
        if origin is None or origin.parents[1] != home:
            return (
                f"the package {room!r} found at {origin} is not Heliograph's; install Heliograph"
                " in an environment of its own (pipx install ., in the folder of its source)"
            )
    return None
