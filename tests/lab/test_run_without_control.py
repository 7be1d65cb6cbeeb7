"""A run whose control does not answer: what it costs, what it says, and what is on record."""

import json
import re
import sqlite3
import subprocess
from pathlib import Path

import pytest

from heliograph.lab.ports import refused_port
from heliograph.model import ADDRESS_UNKNOWN, CONTROL_RESTING
from tests.lab.test_commands import Desk

TARGETS = [f"site-{number}.example" for number in range(8)]
BLAME = re.compile(
    r"the control answered 0 of 8 looks: (.+); without its answer more verdicts stay"
)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def without_control(desk: Desk, *options: str) -> subprocess.CompletedProcess[str]:
    """A run, one look after another, with a control where nothing listens."""
    with refused_port() as port:
        with desk.config.open("a", encoding="utf-8") as file:
            file.write(f'[control]\nurls = ["http://127.0.0.1:{port}"]\n[limits]\nparallel = 1\n')
        return desk("run", "--yes", *options, *TARGETS)


def test_a_refusing_control_is_asked_three_times_and_the_run_says_so(desk: Desk) -> None:
    done = without_control(desk, "--json")
    summary = json.loads(done.stdout.splitlines()[-1])

    assert done.returncode == 0
    assert (summary["control_wanted"], summary["control_answered"]) == (8, 0)
    assert summary["control_failures"] == {CONTROL_RESTING: 5, "connection_refused": 3}
    assert CONTROL_RESTING in summary["context"]
    (why,) = BLAME.findall(done.stderr)
    assert why == "not asked, after it had failed again and again 5, connection refused 3"
    with sqlite3.connect(desk.db) as connection:
        ((asked,),) = connection.execute(
            "select count(*) from api_v1_steps where role = 'remote_control'"
        ).fetchall()
    assert asked == 3, "who was not asked left no step"


def test_no_verdict_rests_on_a_control_that_was_not_asked(desk: Desk) -> None:
    done = without_control(desk, "--json")
    rows = [json.loads(line) for line in done.stdout.splitlines()[:-1]]
    resting = [row for row in rows if CONTROL_RESTING in row["context"]]

    assert len(resting) == 5
    assert {row["state"] for row in resting} == {"inconclusive"}


def test_without_a_control_nothing_is_said_of_one(desk: Desk) -> None:
    done = desk("run", "--yes", "--json", "site.example")

    assert "the control answered" not in done.stderr
    assert json.loads(done.stdout.splitlines()[-1])["control_wanted"] == 0


def test_where_no_public_address_is_known_the_looks_are_marked_and_it_is_told(desk: Desk) -> None:
    """This host has none, and no control told it one."""
    done = desk("run", "--yes", "--json", "site.example")
    row = json.loads(done.stdout.splitlines()[0])

    assert ADDRESS_UNKNOWN in row["context"]
    assert "they stay here and are never sent" in done.stderr
    assert f"surroundings: {ADDRESS_UNKNOWN}" not in done.stderr
