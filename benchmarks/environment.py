"""An environment of its own under build/ for other people's programs, and commands run in it."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def python_with(name: str, *wanted: str) -> Path:
    """The Python that has these packages; made once under build/, by the package index."""
    place = ROOT / "build" / name
    python = place / "bin" / "python"
    if not (place / "ready").exists():
        run(sys.executable, "-m", "venv", "--clear", place)
        run(python, "-m", "pip", "install", "--quiet", *wanted)
        (place / "ready").touch()
    return python


def run(*command: object) -> "subprocess.CompletedProcess[str]":
    """What it said; when it fails, so does the benchmark, with its last words."""
    done = subprocess.run(
        [str(part) for part in command], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"{command[:4]} ended with {done.returncode}: {done.stderr[-2000:]}")
    return done
