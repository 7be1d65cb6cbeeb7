"""A run ends in good order, at once when asked twice, goes on later, and never runs twice."""

import json
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from heliograph.model import STOPPED
from tests.lab.test_commands import Desk, complaint


@pytest.fixture
def desk(slow_desk: Desk) -> Desk:
    return slow_desk


def limited(desk: Desk, *settings: str) -> None:
    text = desk.config.read_text(encoding="utf-8").replace("parallel = 4", "\n".join(settings))
    desk.config.write_text(text, encoding="utf-8")


@contextmanager
def under_way(desk: Desk, *targets: str) -> Iterator["subprocess.Popen[str]"]:
    """The run of these targets; whatever happens, it ends with the test."""
    process = subprocess.Popen(
        [sys.executable, "-m", "heliograph", "run", "--yes", "--json", *targets],
        env=desk.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def first_line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return str(json.loads(process.stdout.readline())["input"])


def end(process: "subprocess.Popen[str]", number: int) -> tuple[float, list[str], str]:
    """Send the signal; seconds to the end, inputs told after it as finished, the complaints."""
    began = time.monotonic()
    process.send_signal(number)
    told, complaints = process.communicate(timeout=30)
    lines = [json.loads(line) for line in told.splitlines()]
    assert "Traceback" not in complaints
    return (
        time.monotonic() - began,
        [x["input"] for x in lines if x["kind"] == "verdict" and x["reason"] != STOPPED],
        complaints,
    )


def stored(desk: Desk) -> list[str]:
    """What the runs have finished and stored, with repeats."""
    return _kept(desk, "reason is null or reason != ?")


def given_up(desk: Desk) -> list[str]:
    """Looks that were under way when their run ended: they are on record, and not done."""
    return _kept(desk, "outcome = 'broken' and reason = ?")


def _kept(desk: Desk, which: str) -> list[str]:
    with sqlite3.connect(desk.db) as connection:
        rows = connection.execute(
            "select target_input from measurements join run_items on measurement_id = id"
            f" where {which}",
            (STOPPED,),
        )
        return sorted(row[0] for row in rows)


def test_ctrl_c_ends_the_run_soon_and_the_same_command_goes_on(desk: Desk) -> None:
    targets = ("a.example", "never.example", "b.example", "never-2.example")
    with under_way(desk, *targets) as process:
        first_line(process)
        first_line(process)
        seconds, _, complaints = end(process, signal.SIGINT)

    assert process.returncode == 130
    assert seconds < 2
    said = "2 begun and given up, with what they had sent on record: the same command goes on with"
    assert f"{said} them" in complaints
    assert complaints.splitlines()[-1] == "heliograph: interrupted; what was finished is stored"
    assert stored(desk) == ["a.example", "b.example"]
    assert given_up(desk) == ["never-2.example", "never.example"]
    page = desk("report", "--out", "-", "--host", "never.example")
    assert "stopped before it was finished" in page.stdout
    resolver = (
        desk.config.read_text(encoding="utf-8").partition('resolver = "')[2].partition('"')[0]
    )
    assert page.stdout.count(resolver) >= 2, "whoever was told the name stands under its steps"
    with under_way(desk, *targets) as again:
        assert again.stderr is not None
        assert again.stderr.readline() == "resuming: 2 of 4 were finished before\n"


def test_sigterm_abandons_what_would_take_too_long(desk: Desk) -> None:
    limited(desk, "parallel = 1", "jitter_seconds = 0")
    with under_way(desk, "never.example", "never-2.example", "never-3.example") as process:
        first_line(process)
        seconds, told, complaints = end(process, signal.SIGTERM)

    assert process.returncode == 143
    assert 7 < seconds < 10
    assert told == []
    assert "1 not looked at, 1 begun and given up, with what it had sent on record" in complaints
    assert complaints.splitlines()[-1] == "heliograph: terminated; what was finished is stored"
    assert len(stored(desk)) == 1


def test_sigterm_lets_looks_finish_that_are_nearly_done_and_starts_none(desk: Desk) -> None:
    with under_way(desk, *(f"after1-{n}.example" for n in range(20))) as process:
        first_line(process)
        seconds, told, _ = end(process, signal.SIGTERM)

    assert process.returncode == 143
    assert seconds < 10
    assert 1 <= len(told) <= 7, "those under way and no others"
    assert len(stored(desk)) == len(told) + 1


def test_ctrl_c_twice_leaves_at_once(desk: Desk) -> None:
    with under_way(desk, "a.example", "never.example") as process:
        first_line(process)
        process.send_signal(signal.SIGINT)
        time.sleep(0.2)
        assert process.poll() is None
        seconds, _, complaints = end(process, signal.SIGINT)

    assert process.returncode == 130
    assert seconds < 0.5
    assert "ended at once; what was finished is stored" in complaints
    assert stored(desk) == ["a.example"]


def test_the_same_run_is_not_made_twice_at_the_same_time(desk: Desk) -> None:
    with under_way(desk, "a.example", "never.example") as process:
        first_line(process)
        second = desk("run", "--yes", "never.example", "a.example")
        other = desk("run", "--yes", "b.example")
        process.kill()

    assert second.returncode == 0
    assert complaint(second) == (
        "heliograph: the same run is under way in another process; nothing to do"
    )
    assert other.returncode == 0
    assert stored(desk) == ["a.example", "b.example"]
    assert desk.count("runs") == 2


def test_a_killed_run_holds_nobody_up(desk: Desk) -> None:
    with under_way(desk, "a.example", "never.example") as process:
        first_line(process)
        process.kill()
        process.wait()
    with under_way(desk, "a.example", "never.example") as again:
        assert again.stderr is not None
        assert again.stderr.readline() == "resuming: 1 of 2 were finished before\n"
    assert desk.count("runs") == 1


@pytest.mark.parametrize(
    ("budget", "words"),
    [
        ("run_seconds = 2.5", "the 2.5 s that limits.run_seconds allows are spent"),
        ("run_megabytes = 0.0001", "the 100 bytes that limits.run_megabytes allows are spent"),
    ],
)
def test_a_spent_budget_ends_the_run_in_words_and_leaves_the_rest(
    desk: Desk, budget: str, words: str
) -> None:
    limited(desk, "parallel = 1", budget)
    targets = [f"after0.5-{n}.example" for n in range(8)]  # 4 s, on a machine at rest
    done = desk("run", "--yes", "--json", *targets)
    summary = json.loads(done.stdout.splitlines()[-1])

    assert done.returncode == 0
    assert "budget_spent" in summary["context"]
    assert 0 < summary["left"] < 8
    assert summary["left"] + summary["measured"] == 8
    assert summary["bytes_sent"] > 0
    assert f"{words}; {summary['left']} not looked at" in done.stderr
    limited(desk, "parallel = 1")
    rest = desk("run", "--yes", "--json", *targets, stdin="")
    assert f"resuming: {summary['measured']} of 8" in rest.stderr, "a budget makes no other run"


def test_what_was_used_is_said_at_the_end(desk: Desk) -> None:
    done = desk("run", "--yes", "a.example")

    (said,) = [line for line in done.stderr.splitlines() if " measured " in line]
    assert said.startswith("1 measured (1 inconclusive) in ")
    assert said.endswith(" bytes")
    identity = json.loads(desk("results", "--json").stdout.splitlines()[0])["measurement_id"]
    assert "data used    " in desk("show", identity).stdout


def test_starts_are_spread_by_jitter_and_a_signal_does_not_wait_for_it(desk: Desk) -> None:
    limited(desk, "jitter_seconds = 30")
    with under_way(desk, "a.example", "b.example", "c.example") as process:
        time.sleep(3)
        seconds, _, _ = end(process, signal.SIGTERM)

    assert process.returncode == 143
    assert seconds < 3
