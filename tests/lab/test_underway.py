"""What needs a run to be over ends it, by the real commands."""

import json
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from heliograph.cli import pause
from heliograph.cli.exits import Stop
from heliograph.cli.pause import By
from heliograph.cli.underway import end_runs, is_run_under_way
from storage.locks import Locks
from tests.lab.test_commands import Desk
from tests.lab.test_signals import first_line, given_up, stored, under_way

TARGETS = ("a.example", "never.example", "never-2.example", "never-3.example", "b.example")


@pytest.fixture
def desk(slow_desk: Desk) -> Desk:
    return slow_desk


LOST = "were begun and given up (their names were said, and nothing of them is kept)"


@pytest.mark.parametrize(
    ("command", "told", "flag", "words"),
    [
        (("forget", "--all", "--yes"), "deleted", "forgotten", LOST),
        (("uninstall", "--yes", "--with-db"), "removed", "uninstalled", LOST),
        (
            ("consent", "withdraw"),
            "Your consent is withdrawn.",
            "consent_over",
            "begun and given up, with what they had sent on record: the same command asks for your"
            " consent first",
        ),
    ],
)
def test_a_run_under_way_is_ended_first(
    desk: Desk, command: tuple[str, ...], told: str, flag: str, words: str
) -> None:
    with under_way(desk, *TARGETS) as process:
        first_line(process)
        first_line(process)
        done = desk(*command)
        printed, complaints = process.communicate(timeout=2)

    assert done.returncode == 0, done.stderr
    assert "a run is under way; it is ended first" in done.stderr
    assert told in done.stderr
    assert process.returncode == 0, "the run had ended, but for its farewell, when the command did"
    summary = json.loads(printed.splitlines()[-1])
    assert flag in summary["context"]
    assert "paused" not in summary["context"]
    assert (summary["left"], summary["given_up"]) == (3, 3)
    assert words in complaints
    assert "resume" not in complaints
    assert not Path(f"{desk.db}-paused").exists(), "the pause was for the command alone"


def test_what_was_forgotten_does_not_come_back(desk: Desk) -> None:
    with under_way(desk, *TARGETS) as process:
        first_line(process)
        assert desk("forget", "--all", "--yes").returncode == 0
        process.communicate(timeout=30)
    assert stored(desk) == []


def test_forgetting_one_site_says_that_a_run_may_store_more_of_it(desk: Desk) -> None:
    with under_way(desk, *TARGETS) as process:
        first_line(process)
        done = desk("forget", "--host", "never.example", "--yes")
        assert process.poll() is None, "it goes on"
        desk("pause")
        process.communicate(timeout=30)
    assert "a run is under way, and may store more of what is forgotten here" in done.stderr


def test_after_uninstalling_nothing_of_ours_is_there(desk: Desk) -> None:
    with under_way(desk, *TARGETS) as process:
        first_line(process)
        done = desk("uninstall", "--yes", "--with-db")
        process.communicate(timeout=30)
    assert "leftovers: none" in done.stderr
    assert "no list of them is kept" in done.stderr
    assert list(desk.db.parent.glob(f"{desk.db.name}*")) == []


def test_a_pause_that_was_there_stays(tmp_path: Path) -> None:
    location = tmp_path / "r.sqlite"
    paused = tmp_path / "r.sqlite-paused"
    paused.touch()
    assert not end_runs(str(location), By.FORGET, "nothing was done")
    assert paused.exists()


HOLDER = """
import sys
from pathlib import Path
from storage.locks import Locks
locks = Locks(Path(sys.argv[1]))
print(locks.take(7), flush=True)
sys.stdin.read()  # until whoever holds the other end is gone
"""


def test_a_run_that_does_not_end_is_told_and_nothing_is_done(tmp_path: Path) -> None:
    location = tmp_path / "r.sqlite"
    with closing(sqlite3.connect(location)):
        pass
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, f"{location}-lock"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "True\n"
            assert is_run_under_way(str(location))
            began = time.monotonic()
            with pytest.raises(Stop, match="nothing was done: a run under way does not end"):
                end_runs(str(location), By.FORGET, "nothing was done", seconds=0.5)
            assert time.monotonic() - began < 5
            assert not Path(f"{location}-paused").exists()
        finally:
            process.kill()
    assert not is_run_under_way(str(location))


def test_where_nobody_ever_ran_no_lock_is_made(tmp_path: Path) -> None:
    assert not is_run_under_way(str(tmp_path / "r.sqlite"))
    assert list(tmp_path.iterdir()) == []
    assert Locks(None).held_elsewhere() is False


def test_uninstalling_stops_a_run_into_a_database_that_stays(desk: Desk) -> None:
    with under_way(desk, *TARGETS) as process:
        first_line(process)
        done = desk("uninstall", "--yes")
        process.communicate(timeout=2)
    assert (done.returncode, process.returncode) == (0, 0)
    assert f"not touched, since you chose its place: {desk.db}" in done.stderr
    assert stored(desk) != []
    assert given_up(desk) != [], "it stays, and with it what was sent"


def test_a_run_whose_database_is_deleted_by_hand_ends_and_promises_no_evidence(desk: Desk) -> None:
    with under_way(desk, *TARGETS) as process:
        first_line(process)
        desk.db.unlink()
        printed, complaints = process.communicate(timeout=30)
    assert "database_gone" in json.loads(printed.splitlines()[-1])["context"]
    assert "the database was removed, so nothing can be kept" in complaints
    assert "the evidence behind" not in complaints
    assert list(desk.db.parent.glob(f"{desk.db.name}*")) == [], "its log would name every site"


def test_a_run_notices_by_itself_that_its_consent_is_over(desk: Desk) -> None:
    """Also one that no lock tells of, and one that had not begun to look."""
    with under_way(desk, *TARGETS) as process:
        first_line(process)
        with closing(sqlite3.connect(desk.db)) as connection:
            connection.execute("UPDATE consents SET withdrawn = '2026-11-24T00:00:00Z'")
            connection.commit()
        printed, complaints = process.communicate(timeout=30)
    assert process.returncode == 0
    assert "consent_over" in json.loads(printed.splitlines()[-1])["context"]
    assert "consent was withdrawn on 2026-11-24, so nothing more is sent" in complaints


def test_only_our_own_pause_ends_with_the_command(tmp_path: Path) -> None:
    location = str(tmp_path / "r.sqlite")
    file = tmp_path / "r.sqlite-paused"
    with pause.meanwhile(location, timedelta(minutes=1), By.FORGET):
        found = pause.in_force(location)
        assert found is not None
        assert found.words.startswith("'heliograph forget --all' is at work")
    assert not file.exists()
    with pause.meanwhile(location, timedelta(minutes=1), By.FORGET):
        file.write_text("until resumed\n")  # 'heliograph pause' in another terminal
    assert file.exists()
    with pause.meanwhile(location, timedelta(minutes=1), By.FORGET):
        pass
    assert file.read_text() == "until resumed\n"
    file.unlink()
    with pause.meanwhile(location, timedelta(seconds=-1), By.FORGET):
        assert pause.in_force(location) is None, "one that a crash left behind ends by itself"
