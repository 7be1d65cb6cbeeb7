"""Whether this is a moment to measure: not on a battery, not on a network paid by volume.

What can't be found out counts as no obstacle.
"""

import subprocess
from collections.abc import Sequence
from pathlib import Path
from shutil import which

from heliograph.cli.place import environment
from heliograph.limits import LimitsConfig

SUPPLIES = Path("/sys/class/power_supply")
_SECONDS = 2.0
_MANAGER = "org.freedesktop.NetworkManager"
_BUSCTL = ("--system", "get-property", _MANAGER, "/org/freedesktop/NetworkManager", _MANAGER)
ASKING: tuple[tuple[str, ...], ...] = (
    ("busctl", *_BUSCTL, "Metered"),
    ("nmcli", "--terse", "--fields", "METERED", "general", "status"),
)
"""Commands that ask NetworkManager, the first that is installed is run."""
# NMMetered: 1 yes, 3 guessed yes; busctl prints the number, nmcli the word.
_METERED = frozenset({"u 1", "u 3", "yes", "yes (guessed)"})


def obstacle(limits: LimitsConfig) -> str | None:
    """Why a run should wait, in the user's words; None when it need not."""
    if not limits.on_battery and on_battery(SUPPLIES):
        return "this computer runs on its battery (limits.on_battery = false)"
    if not limits.on_metered and on_metered(ASKING, environment().get("PATH")):
        return "this network is paid by volume (limits.on_metered = false)"
    return None


def on_battery(supplies: Path) -> bool:
    """Whether a battery is there and no mains adapter is plugged in."""
    try:
        kinds = [(_read(place / "type"), place) for place in supplies.iterdir()]
    except OSError:
        return False
    mains = [_read(place / "online") for kind, place in kinds if kind in {"Mains", "USB"}]
    # A mouse has a battery, too; it says that it is no part of the computer's own supply.
    batteries = [
        place for kind, place in kinds if kind == "Battery" and _read(place / "scope") != "Device"
    ]
    return bool(batteries) and bool(mains) and "1" not in mains


def on_metered(commands: Sequence[Sequence[str]], path: str | None) -> bool:
    """Whether NetworkManager says or guesses that the network is metered, within two seconds."""
    for name, *arguments in commands:
        program = which(name, path=path)
        if program is not None:
            return _answer([program, *arguments]) in _METERED
    return False


def _answer(command: Sequence[str]) -> str:
    try:
        done = subprocess.run(  # noqa: S603 - fixed words, the program found on PATH
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return ""
