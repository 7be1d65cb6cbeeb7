"""From an exported folder to the first answer, and what a kill leaves of one."""

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.lab.planted import HOSTILE
from tests.lab.test_commands import Desk, complaint

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def desk(planted_desk: Desk) -> Desk:
    return planted_desk


def test_a_folder_is_verified_and_asked_as_its_readme_says(desk: Desk) -> None:
    out = desk.folder / "november"
    done = desk("export", "sqlite", str(out), "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["counts"]["measurements"] == len(HOSTILE)
    assert desk("verify", str(out)).returncode == 0

    readme = (out / "README.md").read_text(encoding="utf-8")
    (line,) = re.findall(r"^    heliograph (query .*)$", readme, re.MULTILINE)
    place = str(out / "heliograph.sqlite")
    words = [word.replace("heliograph.sqlite", place) for word in shlex.split(line)]
    answered = desk(*words, "--json")
    counts = {row["state"]: row["n"] for row in map(json.loads, answered.stdout.splitlines())}
    assert counts == {"blocked": 8, "ok": 6, None: 1}

    listed = desk("results", "--json", "--db", str(out / "heliograph.sqlite"))
    assert listed.stdout == desk("results", "--json").stdout


def test_a_public_database_is_read_by_the_same_commands(desk: Desk) -> None:
    out = desk.folder / "public"
    assert desk("export", "sqlite", str(out), "--public").returncode == 0
    db = ("--db", str(out / "heliograph.sqlite"))
    rows = [json.loads(line) for line in desk("results", "--json", *db).stdout.splitlines()]
    shown = desk("show", rows[0]["measurement_id"], *db)

    assert {row["asn"] for row in rows} == {0}
    assert shown.returncode == 0, shown.stderr
    assert "blocked" in shown.stdout
    reported = desk("report", "--out", str(desk.folder / "p.html"), *db)
    assert reported.returncode == 0
    assert "exact to the second" not in reported.stderr
    assert desk("analyse", *db).returncode == 0


def test_faults_are_a_line_each_and_exit_code_65(desk: Desk) -> None:
    out = desk.folder / "changed"
    desk("export", "csv", str(out))
    (out / "steps.csv").write_bytes(b"nothing")
    (out / "README.md").unlink()
    done = desk("verify", str(out))

    assert done.returncode == 65
    assert "README.md: is missing" in done.stdout.splitlines()
    assert re.search(r"changed: \d+ faults; ask for the folder again", complaint(done))
    told = json.loads(desk("verify", str(out), "--json").stdout)
    assert told["faults"] == done.stdout.splitlines()


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        ("export csv {}/there", 73, "is there, and not empty"),
        ("export csv {}/nowhere/out", 73, "make it first"),
        ("export csv {}/new --sample 1", 2, "write it like 1%"),
        ("export jsonl {}/new --db nothing.sqlite", 66, "there is no database yet"),
        ("verify {}/nowhere", 66, "there is no such folder"),
        ("verify {}/there", 66, "is no package"),
        ("verify {}/there/mine", 66, "is a file; name the folder"),
        ("results --db {}/there", 65, "is a folder without heliograph.sqlite"),
    ],
)
def test_what_can_not_be_written_or_read_is_one_line(
    desk: Desk, arguments: str, code: int, words: str
) -> None:
    (desk.folder / "there").mkdir(exist_ok=True)
    (desk.folder / "there" / "mine").write_text("mine", encoding="utf-8")
    done = desk(*arguments.format(desk.folder).split())

    assert done.returncode == code, done.stderr
    assert words in complaint(done)
    assert not (desk.folder / "new").exists()


def test_an_export_that_is_killed_leaves_nothing_half_written() -> None:
    """``python -m benchmarks.kill_export`` does it a hundred times."""
    command = [sys.executable, "-m", "benchmarks.kill_export", "3"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr
