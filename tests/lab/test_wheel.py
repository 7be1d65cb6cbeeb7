"""What is shipped: five packages under their own names, with the data files they need."""

import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_wheel_holds_our_rooms_and_nothing_else(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=ROOT,
        check=True,
        capture_output=True,
        timeout=60,
    )
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()

    assert {name.split("/")[0] for name in names} == {
        *("analysis", "heliograph", "probes", "scheduler", "storage"),
        "heliograph-0.1.0.dist-info",
    }
    for needed in (
        "analysis/injectors.toml",
        "analysis/known.toml",
        "heliograph/py.typed",
        "heliograph/packs/starter.csv",
        "heliograph/pages/templates/report.html",
        "storage/migrations/env.py",
        "heliograph-0.1.0.dist-info/licenses/LICENSE",
    ):
        assert needed in names
    assert any(name.startswith("storage/migrations/versions/0001") for name in names)
