"""The command run as a user of this host would, and what it leaves behind."""

import os
import stat
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

COMMAND = (sys.executable, "-m", "heliograph")


def environment(home: Path) -> dict[str, str]:
    """Ours, with another home and without settings of the product."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("HELIOGRAPH", "XDG_"))}
    return {**kept, "HOME": str(home)}


def without_namespaces(home: Path) -> dict[str, str]:
    """An environment in which ``unshare`` is refused, as on hardened systems."""
    tools = home / "tools"
    tools.mkdir()
    refusing = tools / "unshare"
    refusing.write_text(
        "#!/bin/sh\necho 'unshare: unshare failed: Operation not permitted' >&2\nexit 1\n",
        encoding="utf-8",
    )
    refusing.chmod(refusing.stat().st_mode | stat.S_IXUSR)
    usual = environment(home)
    return {**usual, "PATH": f"{tools}:{usual['PATH']}"}


def heliograph(
    *arguments: str, env: dict[str, str], seconds: float = 120, before: Sequence[str] = ()
) -> "subprocess.CompletedProcess[str]":
    """The command to its end; ``before`` is put in front of it."""
    return subprocess.run(
        [*before, *COMMAND, *arguments],
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=seconds,
    )


def alive_in_session(session: int) -> list[str]:
    """Command lines of the living processes of a session, whichever namespaces they are in."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            told = (folder / "stat").read_text(encoding="ascii", errors="replace")
            state, _, _, of = told.rpartition(")")[2].split()[:4]
            if int(of) == session and state not in "ZX":
                line = (folder / "cmdline").read_text(encoding="utf-8", errors="replace")
                found.append(line.replace("\0", " "))
        except OSError:  # it ended while we looked
            continue
    return found
