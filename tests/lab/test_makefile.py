"""What a newcomer without the right system packages is told: the one line that mends it."""

import os
import stat
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def make(folder: Path, script: str) -> subprocess.CompletedProcess[str]:
    """``make demo`` with a Python that is the given shell script, and no environment yet."""
    python = folder / "python"
    python.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    python.chmod(python.stat().st_mode | stat.S_IXUSR)
    return subprocess.run(
        ["make", "demo", f"PYTHON={python}", f"VENV={folder / 'venv'}"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("exit 1", "Heliograph needs Python 3.11 to 3.13; name one with: make PYTHON="),
        ('case "$*" in *ensurepip*) exit 1;; esac', "sudo apt-get install python3-venv"),
    ],
    ids=["old python", "no venv"],
)
def test_one_line_says_what_to_do(tmp_path: Path, script: str, words: str) -> None:
    done = make(tmp_path, script)

    assert done.returncode != 0
    assert words in done.stdout
    assert len(done.stdout.splitlines()) == 1
