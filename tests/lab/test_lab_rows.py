"""Every row of the lab, once: its verdict, and that a witness saw its condition come and go."""

from pathlib import Path

import pytest

from heliograph.lab.rows import ROWS
from tests.lab.lab_fixtures import environment, heliograph
from tests.lab.rehearsals import Rehearsal, rehearsed

NAMES = [row.name for row in ROWS if not row.alone]
"""The others have scenes of their own: tests/lab/test_surroundings_rows.py."""
# The command in a network namespace whose only interface is down: whatever it sent outside of the
# lab's own namespaces would be counted there.
ALONE = ("unshare", "-Urn", "sh", "-c", '"$@"; code=$?; cat /proc/net/dev >&3; exit $code')
INTERFACES = "interfaces"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def rehearsal(home: Path) -> Rehearsal:
    """All rows at the same time; what the interfaces carried is counted in the home."""
    alone = [part.replace(">&3", f">{home / INTERFACES}") for part in ALONE]
    return rehearsed(NAMES, home, before=[*alone, "alone"])


@pytest.mark.parametrize("name", NAMES)
def test_a_row_gets_its_verdict(rehearsal: Rehearsal, name: str) -> None:
    rehearsal.has_the_verdict(name)


@pytest.mark.parametrize("name", NAMES)
def test_a_witness_sees_the_condition_come_and_go(rehearsal: Rehearsal, name: str) -> None:
    rehearsal.has_a_witness(name)


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
    targets = sum(len(row.targets) for row in ROWS if not row.alone)
    assert f"[{1:{len(str(targets))}}/{targets}] " in rehearsal.told
    assert f"[{targets}/{targets}] " in rehearsal.told


@pytest.mark.usefixtures("rehearsal")
def test_nothing_is_sent_outside_the_namespaces(home: Path) -> None:
    counted = (home / INTERFACES).read_text(encoding="ascii")
    counters = {
        line.partition(":")[0].strip(): [int(field) for field in line.partition(":")[2].split()]
        for line in counted.splitlines()
        if ":" in line
    }

    assert list(counters) == ["lo"]
    assert set(counters["lo"]) == {0}


def test_the_home_of_whoever_runs_it_stays_as_it_was(tmp_path: Path) -> None:
    done = heliograph("lab", "run", "down-refused", env=environment(tmp_path))

    assert done.returncode == 0, done.stderr
    assert "1/1" in done.stdout
    assert list(tmp_path.iterdir()) == []
