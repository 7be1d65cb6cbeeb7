"""An export to an archive killed with SIGKILL at a random moment, again and again; prints JSON.

After each kill: an archive is found in the folder that has no fault, but that a public one may say
that its package is unfinished, or none is. After all kills of
a round the same command makes the same bytes as one that nobody killed. Rounds are by turns of an
archive for its owner and of one for everybody.
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
from storage.archive.publishing import UNFINISHED
from storage.archive.shapes import DESCRIPTION

KILLS = 100
ROUND = 4
"""So many kills of one archive before it is brought to its end and begun anew."""
KINDS = ((), ("--public",))
"""What tells the command which archive is wanted."""


def main() -> None:
    """Kill, look, export again; exits with 1 when anything half-written was seen."""
    kills, seed = wanted(KILLS)
    chance, problems, amid = random.Random(seed), [], 0
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        fill(folder / "r.sqlite")
        whole = [_Whole(folder, kind) for kind in KINDS]
        for first in range(0, kills, ROUND):
            one, out = whole[first // ROUND % len(whole)], folder / f"out-{first}"
            for number in range(first, min(first + ROUND, kills)):
                amid += _killed(one, out, chance)
                problems += [f"kill {number}: {what}" for what in _faults(out)]
            if one.start(out).wait() != 0:
                problems.append(f"round {first}: the same command fails afterwards")
            elif _contents(out) != one.contents:
                problems.append(f"round {first}: the same command makes other bytes afterwards")
    told = {"kills": kills, "kills_amid_writing": amid, "problems": problems, "seed": seed}
    print(json.dumps({**told, "seconds": round(time.monotonic() - began, 1)}))
    sys.exit(1 if problems else 0)


class _Whole:
    """An export of one kind that nobody kills: what it wrote, and how long that took."""

    def __init__(self, folder: Path, kind: tuple[str, ...]) -> None:
        self._db, self._kind = folder / "r.sqlite", kind
        out = folder / "-".join(("whole", *kind))
        began = time.monotonic()
        process = self.start(out)
        _wait_for_writing(out, None, process)
        self.seconds_before = time.monotonic() - began
        process.wait()
        self.seconds_writing = time.monotonic() - began - self.seconds_before
        self.contents = _contents(out)

    def start(self, out: Path) -> "subprocess.Popen[bytes]":
        """The export, begun."""
        command = [sys.executable, "-m", "heliograph", "export", "parquet", str(out), *self._kind]
        return subprocess.Popen(
            [*command, "--db", str(self._db)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )


def _killed(one: _Whole, out: Path, chance: random.Random) -> bool:
    """Kill an export by the clock, or amid its writing; whether it was writing."""
    before = _written_beside(out)
    process = one.start(out)
    if chance.random() < 1 / 3:
        time.sleep(chance.uniform(0.3 * one.seconds_before, one.seconds_before))
    else:
        _wait_for_writing(out, before, process)
        # What an earlier kill left done is not done again: less is to be written each time.
        time.sleep(chance.uniform(0, one.seconds_writing) * chance.random())
    process.send_signal(signal.SIGKILL)
    process.wait()
    return _written_beside(out) not in {before, None}


def _faults(out: Path) -> tuple[str, ...]:
    """A public archive says of itself that its package is not finished, as an error of its own."""
    found = check_archive(out).faults if (out / DESCRIPTION).exists() else ()
    return tuple(fault for fault in found if fault != UNFINISHED)


def _wait_for_writing(out: Path, before: int | None, process: "subprocess.Popen[bytes]") -> None:
    while _written_beside(out) in {before, None} and process.poll() is None:
        time.sleep(0.002)


def _written_beside(out: Path) -> int | None:
    """When something was last written beside the archive; a kill leaves it there."""
    try:
        return (out / BESIDE).stat().st_ctime_ns
    except FileNotFoundError:
        return None


def _contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


if __name__ == "__main__":
    main()
