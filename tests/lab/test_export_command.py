"""An export is a file others read, and the same results in whatever database reads it."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.lab.planted import HOSTILE, plant
from tests.lab.test_commands import Desk, complaint


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    desk = Desk(tmp_path)
    plant(desk.db)
    return desk


def lines(done: "subprocess.CompletedProcess[str]") -> list[dict[str, object]]:
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_an_export_imported_elsewhere_is_the_same_evidence(desk: Desk) -> None:
    out, other = str(desk.folder / "o.jsonl.gz"), str(desk.folder / "other.sqlite")
    written = lines(desk("export", "ooni", "--out", out, "--json"))
    imported = lines(desk("import", "ooni", out, "--db", other, "--json"))
    here, there = (lines(desk("results", "--json", "--db", db)) for db in (str(desk.db), other))
    newest = str(there[0]["measurement_id"])
    steps = [
        [
            record
            for record in lines(desk("show", newest, "--json", "--db", db))
            if record["record"] == "step"
        ]
        for db in (str(desk.db), other)
    ]

    assert written[0]["measurements"] == len(HOSTILE) - 1
    assert imported[-1]["measured"] == len(HOSTILE) - 1
    assert [row["measurement_id"] for row in there] == [
        row["measurement_id"] for row in here if row["outcome"] == "measured"
    ]
    assert steps[0] == steps[1] != []


def test_lines_on_stdout_are_json_whatever_a_network_returned(desk: Desk) -> None:
    done = desk("export", "ooni", "--state", "blocked", "--limit", "2")
    found = lines(done)

    assert [line["test_name"] for line in found] == ["web_connectivity"] * 2
    assert "of the newest 2; a larger --limit allows more" in done.stderr


def test_lines_of_censored_planet_are_kept_and_not_judged(desk: Desk) -> None:
    line = {
        "vp": "203.0.113.53",
        "test_url": "site.example",
        "response": [{"url": "site.example", "response": {}, "rcode": 3}],
    }
    done = desk("import", "censoredplanet", "-", "--json", stdin=json.dumps(line) + "\n{}\n")
    kept, broken, summary = lines(done)

    assert (kept["outcome"], kept["state"], kept["probe"]) == ("measured", None, "satellite")
    assert (broken["outcome"], summary["measured"]) == ("broken", 1)


def test_a_file_that_is_there_is_left_alone(desk: Desk) -> None:
    out = desk.folder / "mine"
    out.write_text("mine", encoding="utf-8")
    done = desk("export", "ooni", "--out", str(out))

    assert done.returncode == 73
    assert "--force" in complaint(done)
    assert out.read_text(encoding="utf-8") == "mine"
