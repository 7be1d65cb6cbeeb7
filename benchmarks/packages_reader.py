"""Runs in the environment that ``benchmarks.packages`` makes: validates, reads, prints JSON."""

import json
import sys
from pathlib import Path

from frictionless import Package, validate

QUESTION = "SELECT * FROM api_v1_verdicts ORDER BY measurement_id"


def main() -> None:
    """``FOLDER SYS_PATH``: the exported folders, and where our own modules are."""
    folder = Path(sys.argv[1])
    refused, validated, rows = [], [], 0
    for path in sorted(folder.glob("*/datapackage.json")):
        report = validate(str(path))
        validated.append(path.parent.name)
        if not report.valid:
            refused.append(f"{path.parent.name}: {report.flatten(['rowNumber', 'message'])[:3]}")
        if not path.parent.name.startswith("sqlite"):
            rows += sum(len(one.read_rows()) for one in Package(str(path)).resources)
    sys.path.extend(json.loads(sys.argv[2]))
    told = {"validated": validated, "rows_read": rows, "refused": refused}
    print(json.dumps({**told, **_frames(folder / "sqlite")}))


def _frames(place: Path) -> dict[str, object]:
    from heliograph import door

    differing = []
    with door.open(place) as results:
        rows = results.query(QUESTION)
        frames = {
            "arrow": [tuple(row.values()) for row in results.arrow(QUESTION).to_pylist()],
            "polars": results.polars(QUESTION).rows(),
            "pandas": [
                tuple(None if value != value else value for value in row)
                for row in results.pandas(QUESTION).itertuples(index=False, name=None)
            ],
        }
    for name, found in frames.items():
        if found != rows.rows:
            differing.append(name)
    return {"frames": list(frames), "differing": differing}


if __name__ == "__main__":
    main()
