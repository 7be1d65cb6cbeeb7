"""A network that breaks in the middle of a run is found out by a second look around."""

import json
from pathlib import Path

from tests.lab.lab_fixtures import environment, heliograph

RESOLVER = "198.18.1.53"
"""The lab's provider's."""
TARGETS = [f"https://site{number}.example/" for number in range(22)]


def test_a_resolver_that_dies_in_the_middle_is_found_out(tmp_path: Path) -> None:
    shell = tmp_path / "shell"
    shell.write_text(
        "#!/bin/sh\n"
        'sed -e "s/^\\[limits]/[limits]\\nparallel = 4/" "$HELIOGRAPH_CONFIG"'
        ' > "$HELIOGRAPH_CONFIG.own.toml"\n'
        'export HELIOGRAPH_CONFIG="$HELIOGRAPH_CONFIG.own.toml"\n'
        f"(sleep 2; ip route add blackhole {RESOLVER}/32) &\n"
        f"heliograph run --yes --json {' '.join(TARGETS)}\n"
        "heliograph results --json --probe surroundings\n",
        encoding="utf-8",
    )
    shell.chmod(0o700)
    done = heliograph(
        "lab", "shell", "ok-https", env={**environment(tmp_path), "SHELL": str(shell)}
    )
    assert done.returncode == 0, done.stderr
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    around = [row for row in rows if row.get("probe") == "surroundings"]
    looks = [row for row in rows if row.get("probe") == "web"]

    assert len(looks) == len(TARGETS)
    assert [row["context"] for row in sorted(around, key=lambda row: str(row["started"]))] == [
        [],
        ["resolver_broken"],
    ]
    assert any("resolver_broken" in row["context"] for row in looks)
    assert {row["state"] for row in looks} <= {"down", "inconclusive"}
    assert "surroundings: this network's resolver fails for innocuous names, too" in done.stderr
