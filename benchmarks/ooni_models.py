"""Whether OONI's published models (the package ``oonidata``) take what ``export ooni`` writes.

Makes an environment of its own under build/ once, since that package wants releases of libraries
years older than ours; this is the one thing here that needs a package index. Then the lines of a
demo's run, and of every look the rules are tested with, exact and made public, are read there.
Prints JSON; exits with 1 when a line is refused, or is read as something else.
"""

import json
import sys
import tempfile
from pathlib import Path

import msgspec

from benchmarks.environment import python_with, run
from heliograph.ids import with_id
from heliograph.model import Measurement
from storage.ooni.writing import line_of
from storage.packages.public import published
from tests.unit.analysis.cases import EVERY_LOOK

WANTED = "oonidata==0.3.0"
READER = Path(__file__).with_name("ooni_models_reader.py")
COMMAND = (sys.executable, "-m", "heliograph")


def main() -> None:
    """Write, read there, compare, print."""
    with tempfile.TemporaryDirectory() as folder:
        made, real = Path(folder) / "made.jsonl", Path(folder) / "demo.jsonl"
        made.write_bytes(b"\n".join(map(line_of, looks())))
        run(*COMMAND, "demo", "--out", folder)
        run(*COMMAND, "export", "ooni", "--db", f"{folder}/demo.sqlite", "--out", str(real))
        done = run(python_with("oonidata", WANTED), READER, made, real)
    told = json.loads(done.stdout)
    print(json.dumps(told))
    sys.exit(1 if told["refused"] or told["differing"] or not told["lines"] else 0)


def looks() -> list[Measurement]:
    """Every look of the tests, as of each probe whose lines differ; each exact, and public."""
    kinds = [msgspec.structs.replace(look, probe=p) for look in EVERY_LOOK for p in ("web", "http")]
    exact = [with_id(look) for look in kinds]
    return [*exact, *map(published, exact)]


if __name__ == "__main__":
    main()
