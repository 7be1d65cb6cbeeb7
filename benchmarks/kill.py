"""A run of 60 targets killed with SIGKILL at a random moment, again and again; prints JSON.

After each kill: whatever was told is stored, once; the database is whole; the same command finishes
the rest, and then every target is stored once. Nothing listens at the resolver, so that looks end
quickly and most of the time goes into storing; no packet leaves loopback.
"""

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.killing import wanted
from heliograph.model import STOPPED

TARGETS = 60
KILLS = 100
_ROOT = Path(__file__).parents[1]
_CONFIG = """\
[network]
resolver = "udp://127.0.0.1:9"
trusted_resolvers = []
control_names = []
[limits]
parallel = 6
on_metered = true
"""


@dataclass(frozen=True, slots=True)
class Moment:
    """When to kill: after so many lines on stdout, and so many seconds more."""

    lines: int
    seconds: float


@dataclass(slots=True)
class Tally:
    """What came of the kills."""

    kills: int = 0
    during_looks: int = 0
    """Kills that came when some targets were finished and some were not."""
    problems: list[str] = field(default_factory=list)


def main() -> None:
    """Kill, look, finish; exits with 1 when anything is lost, doubled or damaged."""
    kills, seed = wanted(KILLS)
    began = time.monotonic()
    tally = killed(kills, random.Random(seed))
    print(
        json.dumps(
            {
                "targets": TARGETS,
                "kills": tally.kills,
                "kills_during_looks": tally.during_looks,
                "problems": tally.problems,
                "seed": seed,
                "seconds": round(time.monotonic() - began, 1),
            }
        )
    )
    sys.exit(1 if tally.problems else 0)


def killed(kills: int, chance: random.Random) -> Tally:
    """So many runs, each killed once and then finished."""
    tally = Tally()
    with tempfile.TemporaryDirectory() as name:
        start, whole = _timed(Path(name) / "timed")
        for number in range(kills):
            folder = Path(name) / str(number)
            # By the clock, so that making the database is among the moments, and amid the looks.
            by_clock = Moment(0, chance.uniform(0.3 * start, whole))
            amid = Moment(chance.randrange(1, TARGETS), chance.uniform(0, 0.02))
            moment = chance.choice((by_clock, amid, amid))
            tally.problems += [f"kill {number}: {what}" for what in _once(folder, moment, tally)]
            tally.kills += 1
    return tally


def _once(folder: Path, moment: Moment, tally: Tally) -> list[str]:
    process = _start(folder)
    assert process.stdout is not None
    lines = [process.stdout.readline() for _ in range(moment.lines)]
    time.sleep(moment.seconds)
    process.send_signal(signal.SIGKILL)
    told = {json.loads(line)["target"] for line in lines} | _told(process)
    problems, before = _look(folder), _stored(folder)
    tally.during_looks += 0 < before.total() < TARGETS
    problems += [f"{target} was told and is not stored" for target in told - set(before)]
    process = _start(folder)
    _told(process)
    if process.returncode != 0:
        problems.append(f"the same command ends with {process.returncode}")
    after = _stored(folder)
    if before.total() < TARGETS and any(count != 1 for count in after.values()):
        problems.append("a target is stored twice")
    if len(after) != TARGETS:
        problems.append(f"{len(after)} of {TARGETS} targets are stored")
    return problems + _look(folder)


def _timed(folder: Path) -> tuple[float, float]:
    """Seconds to the first target that is told, and to the end, without a kill."""
    began = time.monotonic()
    process = _start(folder)
    assert process.stdout is not None
    process.stdout.readline()
    first = time.monotonic() - began
    _told(process)
    return first, time.monotonic() - began


def _start(folder: Path) -> "subprocess.Popen[bytes]":
    folder.mkdir(exist_ok=True)
    (folder / "heliograph.toml").write_text(_CONFIG, encoding="utf-8")
    kept = {name: text for name, text in os.environ.items() if not name.startswith("HELIOGRAPH")}
    command = (sys.executable, "-m", "heliograph", "run", "--yes", "--json")
    return subprocess.Popen(
        [*command, *(f"site{number}.example" for number in range(TARGETS))],
        cwd=_ROOT,
        env={
            **kept,
            "HOME": str(folder),
            "HELIOGRAPH_DB": str(folder / "results.sqlite"),
            "HELIOGRAPH_CONFIG": str(folder / "heliograph.toml"),
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )


def _told(process: "subprocess.Popen[bytes]") -> set[str]:
    """The targets the process printed whole lines about, once it has ended."""
    out, _ = process.communicate(timeout=300)
    lines = [json.loads(line) for line in out.splitlines(keepends=True) if line.endswith(b"\n")]
    return {line["target"] for line in lines if line["kind"] == "verdict"}


def _look(folder: Path) -> list[str]:
    """What SQLite says is wrong with the file; nothing, where there is none yet."""
    if not (folder / "results.sqlite").exists():
        return []
    with sqlite3.connect(folder / "results.sqlite") as connection:
        told = [row[0] for row in connection.execute("PRAGMA integrity_check")]
        orphans = connection.execute("PRAGMA foreign_key_check").fetchall()
    connection.close()
    return [f"integrity_check: {one}" for one in told if one != "ok"] + [
        f"foreign_key_check: {one}" for one in orphans
    ]


def _stored(folder: Path) -> Counter[str]:
    """How often each target is stored by a run, as one that was finished."""
    if not (folder / "results.sqlite").exists():
        return Counter()
    connection = sqlite3.connect(folder / "results.sqlite")
    try:
        rows = connection.execute(
            "select target_url from measurements join run_items on measurement_id = id"
            " where reason is null or reason != ?",
            (STOPPED,),  # a look that was given up is no finished target
        ).fetchall()
    except sqlite3.OperationalError:  # killed before there was a table
        rows = []
    connection.close()
    return Counter(row[0] for row in rows)


if __name__ == "__main__":
    main()
