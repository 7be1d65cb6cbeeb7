"""Whether other people's programs take what ``export`` writes and ``heliograph.door`` gives.

Makes an environment of its own under build/ once (600 MB: frictionless, polars, pandas, pyarrow;
too much for everybody who runs the tests); this is the one thing here that needs a package index.
Then frictionless validates a package of each format, public and not, and each library is given the
rows of a view. Prints JSON; exits with 1 when one is refused, or a frame is not the rows.
"""

import json
import sys
import tempfile
from pathlib import Path

from benchmarks.environment import python_with, run
from benchmarks.kill_export import fill

WANTED = ("frictionless[json]==5.21.0", "polars", "pandas", "pyarrow")
READER = Path(__file__).with_name("packages_reader.py")


def main() -> None:
    """Write, validate there, compare, print."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        fill(folder / "r.sqlite")
        for form in ("csv", "jsonl", "sqlite"):
            for out, more in ((form, ()), (f"{form}-public", ("--public",))):
                command = (sys.executable, "-m", "heliograph", "export", form, folder / out, *more)
                run(*command, "--db", folder / "r.sqlite")
        done = run(python_with("packages", *WANTED), READER, folder, json.dumps(sys.path))
    told = json.loads(done.stdout)
    print(json.dumps(told))
    sys.exit(1 if told["refused"] or told["differing"] else 0)


if __name__ == "__main__":
    main()
