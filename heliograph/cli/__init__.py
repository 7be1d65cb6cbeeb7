"""The commands: the only place that reads the environment and knows all the rooms."""

import sys

_ROOMS = ("analysis", "probes", "scheduler", "storage")


def main() -> None:
    """Entry point of the ``heliograph`` command."""
    stranger = _stranger()
    if stranger is not None:
        print(f"heliograph: {stranger}", file=sys.stderr)
        sys.exit(70)
    from heliograph.cli.app import app

    app()


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
                " in an environment of its own (pipx install heliograph)"
            )
    return None
