"""The rehearsal: every row gets the verdict it must get, and leaves database and report behind."""

import json
import sqlite3
import subprocess
import sys
from pathlib import Path


def test_every_row_is_right_and_the_report_stands_alone(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "heliograph", "demo", "--out", str(tmp_path), "--json"],
        capture_output=True,
        text=True,
        check=False,
        timeout=90,
    )

    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0, done.stderr
    assert {row["row"]: row["wrong"] for row in rows if row["right"] < row["repeats"]} == {}
    assert len(rows) >= 14
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "http.reset" in page
    assert "<script" not in page
    assert "src=" not in page
    with sqlite3.connect(tmp_path / "demo.sqlite") as connection:
        (bogons,) = connection.execute(
            "select count(*) from api_v1_steps where kind = 'tcp_connect' and address like '10.%'"
        ).fetchone()
    assert bogons == 0, "a bogon is recorded and never connected to"
