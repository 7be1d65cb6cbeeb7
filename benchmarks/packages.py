"""Whether other people's programs take what ``export`` writes and ``heliograph.door`` gives.

Makes an environment of its own under build/ once (600 MB: frictionless, polars, pandas, pyarrow;
too much for everybody who runs the tests); this is the one thing here that needs a package index.
Then frictionless validates a package of each format, public and not, and each library is given the
rows of a view. Prints JSON; exits with 1 when one is refused, or a frame is not the rows.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.kill_export import fill

WANTED = ("frictionless[json]==5.21.0", "polars", "pandas", "pyarrow")
ROOT = Path(__file__).parents[1]
PLACE = ROOT / "build" / "packages"
READER = Path(__file__).with_name("packages_reader.py")


def main() -> None:
    """Write, validate there, compare, print."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        fill(folder / "r.sqlite")
        for form in ("csv", "jsonl", "sqlite"):
            for out, more in ((form, ()), (f"{form}-public", ("--public",))):
                command = (sys.executable, "-m", "heliograph", "export", form, folder / out, *more)
                _run(*command, "--db", folder / "r.sqlite")
        done = _run(reader(), READER, folder, json.dumps(sys.path))
    told = json.loads(done.stdout)
    print(json.dumps(told))
    sys.exit(1 if told["refused"] or told["differing"] else 0)


def reader() -> Path:
    """The Python that has the libraries; made once."""
    python = PLACE / "bin" / "python"
    if not (PLACE / "ready").exists():
        _run(sys.executable, "-m", "venv", "--clear", PLACE)
        _run(python, "-m", "pip", "install", "--quiet", *WANTED)
        (PLACE / "ready").touch()
    return python


def _run(*command: object) -> "subprocess.CompletedProcess[str]":
    done = subprocess.run(
        [str(part) for part in command], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"{command[:4]} ended with {done.returncode}: {done.stderr[-2000:]}")
    return done


if __name__ == "__main__":
    main()
