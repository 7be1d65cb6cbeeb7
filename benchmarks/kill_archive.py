"""An export to an archive killed with SIGKILL at a random moment, again and again; prints JSON.

After each kill: an archive is found in the folder that has no fault, or none is. After all kills of
a round the same command makes the same bytes as one that nobody killed.
"""

import json
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.kill_export import fill
from benchmarks.killing import wanted
from storage.archive.checking import check_archive
from storage.archive.folder import BESIDE
from storage.archive.shapes import DESCRIPTION

KILLS = 100
ROUND = 4
"""So many kills of one archive before it is brought to its end and begun anew."""


def main() -> None:
    """Kill, look, export again; exits with 1 when anything half-written was seen."""
    kills, seed = wanted(KILLS)
    chance, problems, amid = random.Random(seed), [], 0
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        fill(folder / "r.sqlite")
        start, writing = _timed(folder, folder / "whole")
        for first in range(0, kills, ROUND):
            out = folder / f"out-{first}"
            for number in range(first, min(first + ROUND, kills)):
                amid += _killed(folder, out, chance, (start, writing))
                problems += [f"kill {number}: {what}" for what in _faults(out)]
            if _start(folder, out).wait() != 0:
                problems.append(f"round {first}: the same command fails afterwards")
            elif _contents(out) != _contents(folder / "whole"):
                problems.append(f"round {first}: the same command makes other bytes afterwards")
    told = {"kills": kills, "kills_amid_writing": amid, "problems": problems, "seed": seed}
    print(json.dumps({**told, "seconds": round(time.monotonic() - began, 1)}))
    sys.exit(1 if problems else 0)


def _timed(folder: Path, out: Path) -> tuple[float, float]:
    """Seconds until an export that nobody kills begins to write, and from then on."""
    began = time.monotonic()
    process = _start(folder, out)
    _wait_for(out / BESIDE, process)
    start = time.monotonic() - began
    process.wait()
    return start, time.monotonic() - began - start


def _killed(folder: Path, out: Path, chance: random.Random, usual: tuple[float, float]) -> bool:
    """Kill an export by the clock, or amid its writing; whether it was writing."""
    start, writing = usual
    process = _start(folder, out)
    if chance.random() < 1 / 3:
        time.sleep(chance.uniform(0.3 * start, start))
    else:
        _wait_for(out / BESIDE, process)
        time.sleep(chance.uniform(0, writing))
    process.send_signal(signal.SIGKILL)
    process.wait()
    return (out / BESIDE).exists()


def _faults(out: Path) -> tuple[str, ...]:
    return check_archive(out).faults if (out / DESCRIPTION).exists() else ()


def _wait_for(path: Path, process: "subprocess.Popen[bytes]") -> None:
    while not path.exists() and process.poll() is None:
        time.sleep(0.002)


def _start(folder: Path, out: Path) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "heliograph", "export", "parquet", str(out)]
    return subprocess.Popen(
        [*command, "--db", str(folder / "r.sqlite")],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


if __name__ == "__main__":
    main()
