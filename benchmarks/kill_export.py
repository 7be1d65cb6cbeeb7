"""An export killed with SIGKILL at a random moment, again and again; prints JSON.

After each kill: nothing stands under the name of the folder, or all of it; the same command then
makes the same bytes as one that nobody killed, and leaves nothing beside them.
"""

import hashlib
import json
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from analysis.judge import judge
from benchmarks.killing import wanted
from heliograph.ids import with_id
from storage.store import Store
from tests.lab.planted import plant
from tests.unit.analysis.cases import EVERY_LOOK

KILLS = 100
FORMATS = ("csv", "jsonl", "sqlite")


def main() -> None:
    """Kill, look, export again; exits with 1 when anything half-written was seen."""
    kills, seed = wanted(KILLS)
    chance, problems, amid = random.Random(seed), [], 0
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        fill(folder / "r.sqlite")
        whole = {form: _whole(folder, form) for form in FORMATS}
        for number in range(kills):
            form = chance.choice(FORMATS)
            digest, start, writing = whole[form]
            # By the clock, so that starting is among the moments, and amid the writing.
            by_clock = chance.choice((True, False, False))
            seconds = chance.uniform(0.3 * start, start) if by_clock else chance.uniform(0, writing)
            found, partial = _killed(folder, form, seconds, digest, amid=not by_clock)
            amid += partial
            problems += [f"kill {number} ({form}): {what}" for what in found]
    told = {"kills": kills, "kills_amid_writing": amid, "problems": problems, "seed": seed}
    print(json.dumps({**told, "seconds": round(time.monotonic() - began, 1)}))
    sys.exit(1 if problems else 0)


def fill(place: Path) -> None:
    """A database of hostile texts, and of every look the rules are tested with."""
    plant(place)
    with Store.open(str(place)) as store:
        for look in {with_id(look).id: with_id(look) for look in EVERY_LOOK}.values():
            store.save(look, judge(look), None)


def _whole(folder: Path, form: str) -> tuple[str, float, float]:
    """What an export that nobody kills writes; seconds until it begins to write, and from then."""
    out, began = folder / form, time.monotonic()
    process = _start(folder, form, out)
    _wait_for(_partial(out), process)
    start = time.monotonic() - began
    process.wait()
    return _digest(out), start, time.monotonic() - began - start


def _wait_for(path: Path, process: "subprocess.Popen[bytes]") -> None:
    while not path.exists() and process.poll() is None:
        time.sleep(0.002)


def _partial(out: Path) -> Path:
    return out.parent / f".{out.name}.partial"


def _killed(
    folder: Path, form: str, seconds: float, digest: str, *, amid: bool
) -> tuple[list[str], bool]:
    out, problems = folder / "out", []
    process = _start(folder, form, out)
    if amid:
        _wait_for(_partial(out), process)
    time.sleep(seconds)
    process.send_signal(signal.SIGKILL)
    process.wait()
    was_amid = _partial(out).exists()
    if out.exists() and _digest(out) != digest:
        problems.append("a half-written folder stands under the name")
    if out.exists():
        _remove(out)
    if _start(folder, form, out).wait() != 0:
        problems.append("the same command fails afterwards")
    elif _digest(out) != digest:
        problems.append("the same command makes other bytes afterwards")
    if _partial(out).exists():
        problems.append("something is left beside it")
    _remove(out)
    return problems, was_amid


def _start(folder: Path, form: str, out: Path) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "heliograph", "export", form, str(out)]
    return subprocess.Popen(
        [*command, "--db", str(folder / "r.sqlite")],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _digest(folder: Path) -> str:
    files = sorted(folder.iterdir())
    told = [f"{path.name} {hashlib.sha256(path.read_bytes()).hexdigest()}" for path in files]
    return "\n".join(told)


def _remove(folder: Path) -> None:
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()


if __name__ == "__main__":
    main()
