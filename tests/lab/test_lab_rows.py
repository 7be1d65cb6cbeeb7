"""Every row of the lab, once: its verdict, and that a witness saw its condition come and go."""

import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from heliograph.lab.rows import ROWS
from tests.lab.lab_fixtures import environment, heliograph

NAMES = [row.name for row in ROWS if not row.alone]
"""The others have scenes of their own: tests/lab/test_surroundings_rows.py."""
# The command in a network namespace whose only interface is down: whatever it sent outside of the
# lab's own namespaces would be counted there.
ALONE = ("unshare", "-Urn", "sh", "-c", '"$@"; code=$?; cat /proc/net/dev >&3; exit $code')


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What came of it."""

    code: int
    rows: dict[str, dict[str, object]]
    told: str
    interfaces: str


@pytest.fixture(scope="module")
def rehearsal(tmp_path_factory: pytest.TempPathFactory) -> Rehearsal:
    """All rows at the same time, by the command; fails where namespaces are not to be had."""
    home = tmp_path_factory.mktemp("home")
    counted = home / "interfaces"
    alone = [part.replace(">&3", f">{counted}") for part in ALONE]
    done = heliograph(
        *("lab", "run", *NAMES, "--json"), env=environment(home), before=[*alone, "alone"]
    )
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    return Rehearsal(
        code=done.returncode,
        rows={row["row"]: row for row in rows},
        told=done.stderr,
        interfaces=counted.read_text(encoding="ascii"),
    )


@pytest.mark.parametrize("name", NAMES)
def test_a_row_gets_its_verdict(rehearsal: Rehearsal, name: str) -> None:
    assert name in rehearsal.rows, rehearsal.told
    row = rehearsal.rows[name]

    assert row["wrong"] == [], rehearsal.told
    assert (row["right"], row["repeats"]) == (1, 1)


@pytest.mark.parametrize("name", NAMES)
def test_a_witness_sees_the_condition_come_and_go(rehearsal: Rehearsal, name: str) -> None:
    assert name in rehearsal.rows, rehearsal.told

    assert rehearsal.rows[name]["twin"] == "ok"


def test_a_row_says_what_it_means_and_expects(rehearsal: Rehearsal) -> None:
    assert rehearsal.rows["tls-drop"] == {
        "kind": "row",
        "row": "tls-drop",
        "meaning": "silence at the name",
        "expected": "blocked tls.timeout",
        "right": 1,
        "repeats": 1,
        "wrong": [],
        "twin": "ok",
    }


def test_it_ends_well_and_tells_its_progress(rehearsal: Rehearsal) -> None:
    assert rehearsal.code == 0, rehearsal.told
    assert f"{len(NAMES)} rows, 1 times, in " in rehearsal.told
    assert "[1/28] " in rehearsal.told
    assert "[28/28] " in rehearsal.told


def test_nothing_is_sent_outside_the_namespaces(rehearsal: Rehearsal) -> None:
    counters = {
        line.partition(":")[0].strip(): [int(field) for field in line.partition(":")[2].split()]
        for line in rehearsal.interfaces.splitlines()
        if ":" in line
    }

    assert list(counters) == ["lo"]
    assert set(counters["lo"]) == {0}


def test_the_home_of_whoever_runs_it_stays_as_it_was(tmp_path: Path) -> None:
    done = heliograph("lab", "run", "down-refused", env=environment(tmp_path))

    assert done.returncode == 0, done.stderr
    assert "1/1" in done.stdout
    assert list(tmp_path.iterdir()) == []
