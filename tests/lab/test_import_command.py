"""An import that is interrupted or killed goes on by the same command, and loses nothing."""

import json
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.lab.test_commands import Desk, complaint
from tests.unit.storage.ooni.published import document, healthy, line

MANY = 3000
"""A second's work and more: long enough to come in between."""


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = (
        document(healthy(), input=f"https://site.example.org/{number}") for number in range(MANY)
    )
    path = tmp_path / "f.jsonl"
    path.write_bytes(b"\n".join(map(line, made)))
    return path


def stored(desk: Desk) -> int:
    try:
        with sqlite3.connect(f"file:{desk.db}?mode=ro", uri=True, timeout=10) as connection:
            (count,) = connection.execute("select count(*) from measurements").fetchone()
        connection.close()
    except sqlite3.OperationalError:  # not made yet
        return 0
    return int(count)


def amid(desk: Desk, file: Path) -> "subprocess.Popen[str]":
    """The command under way, with something stored and something left."""
    process = subprocess.Popen(
        [sys.executable, "-m", "heliograph", "import", "ooni", str(file)],
        env=desk.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 30
    while not stored(desk):
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.005)
    return process


def finish(desk: Desk, file: Path, before: int) -> None:
    done = desk("import", "ooni", str(file), "--json")
    *rows, summary = [json.loads(row) for row in done.stdout.splitlines()]

    assert done.returncode == 0, done.stderr
    assert (summary["measured"], summary["known"]) == (MANY, before)
    assert {row["state"] for row in rows} == {"ok"}
    assert (desk.count("measurements"), desk.count("verdicts")) == (MANY, MANY)


def test_one_that_was_killed_goes_on(desk: Desk, file: Path) -> None:
    process = amid(desk, file)
    process.kill()
    process.communicate()
    before = stored(desk)

    assert 0 < before < MANY
    finish(desk, file, before)


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_one_that_was_interrupted_says_what_it_did_and_goes_on(
    desk: Desk, file: Path, sent: signal.Signals, code: int
) -> None:
    process = amid(desk, file)
    process.send_signal(sent)
    out, err = process.communicate(timeout=10)
    before = stored(desk)

    assert process.returncode == code
    assert 0 < before < MANY
    assert f"{before} measurements ({before} ok)" in err
    assert "web_connectivity" in out
    assert "the same command goes on" in err
    finish(desk, file, before)


def test_what_comes_on_stdin_is_imported(desk: Desk) -> None:
    done = desk("import", "ooni", "-", stdin=line(document(healthy())).decode())

    assert done.returncode == 0, done.stderr
    assert "1 measurement (1 ok); 1 file" in complaint(done)
    assert "web_connectivity" in desk("results", "--json").stdout


def test_a_file_that_is_not_there_is_one_line_and_66(desk: Desk) -> None:
    done = desk("import", "ooni", "none.jsonl")

    assert (done.returncode, complaint(done)) == (
        66,
        "heliograph: none.jsonl: there is no such file",
    )
