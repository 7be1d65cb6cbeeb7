"""What only some commands need, asked for before they begin: a line instead of a traceback."""

from importlib.util import find_spec

from heliograph.cli.exits import ExitCode, Stop
from heliograph.extras import COLLECTOR, install


def require_collector(who: str) -> None:
    """Raise Stop where what a control is served with is not installed; ``who`` needs it."""
    lacking = next((name for name in COLLECTOR if find_spec(name) is None), None)
    if lacking is not None:
        raise Stop(
            ExitCode.CONFIGURATION,
            f"{who} needs the package {lacking}, which comes with the extra 'collector':"
            f" {install('collector')}",
        )


def require_for_the_lab() -> None:
    """The same for the rehearsal internet: the control in it is the real one."""
    require_collector("the lab's control server")
