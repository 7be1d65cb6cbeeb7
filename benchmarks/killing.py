"""What the benchmarks that kill are told on the command line, and how they tell what they saw."""

import argparse
import json
import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.killed_server import KilledServer, killed_server

Killed = Callable[
    [Path, KilledServer, int, random.Random], tuple[dict[str, dict[str, int]], list[str]]
]
"""Kills so often, with a folder and a server of its own: what each kind of work counted, and what
was wrong."""


def wanted(usual: int) -> tuple[int, int]:
    """How many kills, and the seed of their moments; without one, a new seed each time."""
    parser = argparse.ArgumentParser(description=sys.modules["__main__"].__doc__)
    parser.add_argument("kills", nargs="?", type=int, default=usual)
    parser.add_argument("seed", nargs="?", type=int, default=random.SystemRandom().randrange(2**32))
    chosen = parser.parse_args()
    return chosen.kills, chosen.seed


def with_a_server(usual: int, killed: Killed) -> None:
    """Run a benchmark that kills a server, too; prints JSON, and exits with 1 for any problem."""
    kills, seed = wanted(usual)
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with killed_server(folder / "pg") as server:
            counted, problems = killed(folder, server, kills, random.Random(seed))
    told = {"kills": kills, "seed": seed, **counted, "problems": problems}
    print(json.dumps({**told, "seconds": round(time.monotonic() - began, 1)}))
    sys.exit(1 if problems else 0)
