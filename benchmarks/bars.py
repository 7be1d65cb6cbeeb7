"""Prints the figures of the issues' bars, each from a measurement made now: ``make bars``.

Exits with 1 when a bar is missed. Nothing is sent beyond 127.0.0.0/8.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

COMMAND = (sys.executable, "-m", "heliograph")


def main() -> None:
    """Measure every bar and say which are missed."""
    missed = []
    for bar in (demo_is_right, demo_is_quick, help_is_quick, sixty_targets_are_light):
        for name, figure, holds in bar():
            print(f"{'ok  ' if holds else 'MISS'}  {name}: {figure}", flush=True)
            if not holds:
                missed.append(name)
    sys.exit(1 if missed else 0)


def demo_is_right() -> Iterator[tuple[str, str, bool]]:
    """Every row of the demo, 20 times."""
    with tempfile.TemporaryDirectory() as folder:
        done = _run(*COMMAND, "demo", "--out", folder, "--repeat", "20", "--json")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    for row in rows:
        right = row["right"] == row["repeats"] == 20
        said = f" ({'; '.join(row['wrong'])})" if row["wrong"] else ""
        yield (
            f"demo row {row['row']}",
            f"{row['right']}/{row['repeats']} {row['expected']}{said}",
            right,
        )
    yield "demo rows in all", str(len(rows)), len(rows) >= 14


def demo_is_quick() -> Iterator[tuple[str, str, bool]]:
    """The demo once, from start to report."""
    with tempfile.TemporaryDirectory() as folder:
        seconds = _median(lambda: _run(*COMMAND, "demo", "--out", folder), runs=3)
    yield "demo, seconds (median of 3)", f"{seconds:.1f}", seconds < 60


def help_is_quick() -> Iterator[tuple[str, str, bool]]:
    """The bare command's help, as a whole process."""
    seconds = _median(lambda: _run(*COMMAND, "--help"), runs=11)
    yield "--help, milliseconds (median of 11)", f"{seconds * 1000:.0f}", seconds < 0.3


def sixty_targets_are_light() -> Iterator[tuple[str, str, bool]]:
    """Peak memory of a process that looks at 60 served targets, 32 at once."""
    done = _run(sys.executable, "-m", "benchmarks.sixty")
    told = json.loads(done.stdout)
    yield "60 targets, verdicts ok", f"{told['ok']}/60", told["ok"] == 60
    yield "60 targets, seconds", f"{told['seconds']:.1f}", True
    yield "60 targets, peak MiB", f"{told['mebibytes']:.0f}", told["mebibytes"] < 150


def _median(action: Callable[[], object], runs: int) -> float:
    taken = []
    for _ in range(runs):
        began = time.perf_counter()
        action()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)


def _run(*command: str) -> "subprocess.CompletedProcess[str]":
    root = Path(__file__).parents[1]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)


if __name__ == "__main__":
    main()
