"""What a filter does to others after it was hit is known to the next run, and waited for if asked.

Both runs are processes of their own, on the vantage of the lab; the filter forgets after 20 s.
"""

import json
import sqlite3
from pathlib import Path

from tests.lab.lab_fixtures import environment, heliograph

HIT, BESIDE = "https://lingering.example/", "https://beside.example/"


def test_a_later_run_knows_of_a_hit_and_looks_again_when_that_is_over(tmp_path: Path) -> None:
    db, shell = tmp_path / "results.sqlite", tmp_path / "shell"
    shell.write_text(
        "#!/bin/sh\n"
        'sed -e "s/^\\[limits]/[limits]\\ncooldown_seconds = 22/" "$HELIOGRAPH_CONFIG"'
        ' > "$HELIOGRAPH_CONFIG.own.toml"\n'
        'export HELIOGRAPH_CONFIG="$HELIOGRAPH_CONFIG.own.toml"\n'
        f"heliograph run --yes --json {HIT}\n"
        f"heliograph run --yes --json {BESIDE}\n"
        f"heliograph run --yes --json --wait {BESIDE}\n",
        encoding="utf-8",
    )
    shell.chmod(0o700)
    env = {**environment(tmp_path), "SHELL": str(shell), "HELIOGRAPH_DB": str(db)}
    done = heliograph("lab", "shell", "tls-residual-beside", env=env)
    assert done.returncode == 0, done.stderr
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    looks = [row for row in rows if row["kind"] == "verdict"]

    spoiled = (BESIDE, "inconclusive", True)
    assert [(r["target"], r["state"], "residual_possible" in r["context"]) for r in looks] == [
        (HIT, "blocked", False),
        spoiled,
        spoiled,
        (BESIDE, "ok", False),
    ]
    assert len({row["measurement_id"] for row in looks}) == 4
    assert "beside.example; look again in 22 s, or let 'heliograph run --wait' do so" in done.stderr
    assert done.stderr.count("waiting ") == 1
    with sqlite3.connect(db) as connection:
        hits = connection.execute("select distinct asn, name from hits").fetchall()
    assert hits == [(64500, "lingering.example")]
