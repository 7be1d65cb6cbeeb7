"""A volunteer at a terminal: the real command behind a pseudo-terminal, and a folder to be in."""

import fcntl
import os
import pty
import select
import subprocess
import sys
import termios
import time
from pathlib import Path

# Nothing listens on the discard port, so every look ends at once, on loopback.
CONFIG = """\
[vantage]
country = "{country}"
asn = 64500
[network]
resolver = "udp://127.0.0.1:9"
trusted_resolvers = []
control_names = []
"""
LIST = """\
url,category_code,category_description,date_added,source,notes
https://bet.example/,GMB,Gambling,2026-01-01,us,
https://news.example/,NEWS,News,2026-01-01,us,
"""
RIGHT = ("b", "c", "a")


class Home:
    """One volunteer's home folder, with nothing of ours in it but what the command makes."""

    def __init__(self, folder: Path, country: str = "IN") -> None:
        self.folder = folder
        self.config = folder / "elsewhere.toml"
        self.config.write_text(CONFIG.format(country=country), encoding="utf-8")
        self.list = folder / "list.csv"
        self.list.write_text(LIST, encoding="utf-8")
        self.data = folder / "data" / "heliograph"
        self.db = self.data / "heliograph.sqlite"
        self.settings = {"HELIOGRAPH_CONFIG": str(self.config)}
        """Variables of ours that the command finds."""
        self.program: tuple[str, ...] = ("-m", "heliograph")
        """What Python is told to run."""

    def environment(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("HELIOGRAPH", "XDG"))}
        places = {f"XDG_{n.upper()}_HOME": n for n in ("data", "config", "state", "cache")}
        return {
            **kept,
            **{name: str(self.folder / place) for name, place in places.items()},
            "HOME": str(self.folder),
            **self.settings,
            "NO_COLOR": "1",
            "TERM": "dumb",
        }

    def __call__(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *self.program, *arguments],
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    def typing(self, *lines: str, command: tuple[str, ...]) -> tuple[int, str]:
        """Run the command at a terminal, type each line when it asks; exit code and screen.

        A line that is never asked for fails the test; after the last one the input ends.
        """
        master, slave = pty.openpty()
        with subprocess.Popen(
            [sys.executable, *self.program, *command],
            env=self.environment(),
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509 - so that ^C counts
        ) as process:
            os.close(slave)
            screen = ""
            for line in lines:
                screen = _read_until_asked(master, screen)
                os.write(master, f"{line}\n".encode())
            screen = _read_to_end(master, screen)
            code = process.wait(60)
        os.close(master)
        return code, screen.replace("\r\n", "\n")


def _read_until_asked(master: int, screen: str) -> str:
    deadline = time.monotonic() + 30
    seen = len(screen)
    while not screen[seen:].rstrip("\r\n").endswith(": "):
        assert time.monotonic() < deadline, f"it never asked:\n{screen}"
        screen += _some(master)
    return screen


def _read_to_end(master: int, screen: str) -> str:
    """Until the program ends; one that asks once more is told that the input has ended."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        more = _some(master)
        if not more:
            break
        screen += more
        if more.endswith((": ", "leave: ")):
            os.write(master, b"\x04")
    return screen


def _some(master: int) -> str:
    ready, _, _ = select.select([master], [], [], 30)
    if not ready:
        return ""
    try:
        return os.read(master, 65536).decode("utf-8", "replace")
    except OSError:  # what Linux says when the other side is closed
        return ""
