"""Safe defaults that only the real command can show; docs/guide/safety.md names them one by one."""

import json
import sqlite3
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.lab.lab_fixtures import without_namespaces
from tests.lab.test_commands import Desk
from tests.lab.test_consent import AGREED, RUN
from tests.lab.test_signals import first_line, given_up, stored, under_way
from tests.lab.volunteer import Home


@pytest.fixture
def desk(slow_desk: Desk) -> Desk:
    return slow_desk


# Pausing


def test_a_pause_stops_a_run_within_seconds_and_says_why(desk: Desk) -> None:
    targets = ("a.example", "never.example", "never-2.example", "never-3.example", "b.example")
    with under_way(desk, *targets) as process:
        first_line(process)
        began = time.monotonic()
        paused = desk("pause")
        told, complaints = process.communicate(timeout=30)

    assert paused.returncode == 0
    assert time.monotonic() - began < 8
    assert process.returncode == 0
    summary = json.loads(told.splitlines()[-1])
    assert "paused" in summary["context"]
    assert summary["left"] == 5 - summary["measured"] > 0
    assert "paused; to end that: heliograph resume; " in complaints
    assert f"{summary['given_up']} begun and given up, with what they had sent on rec" in complaints
    assert "the same command goes on with them" in complaints
    assert len(stored(desk)) == summary["measured"]
    assert len(given_up(desk)) == summary["given_up"]
    assert summary["given_up"] >= 3, "whatever had begun: the silent ones at least"


def test_while_paused_no_run_starts_and_afterwards_it_goes_on(desk: Desk) -> None:
    assert desk("pause", "--for", "2h").returncode == 0
    for wish in (("run", "--yes"), ("run", "--yes", "--anyway", "--json"), ("run",)):
        done = desk(*wish, "a.example")
        assert done.returncode == 0
        assert done.stdout == ""
        assert len(done.stderr.splitlines()) == 1
        assert done.stderr.startswith("heliograph: not started: paused until ")
    assert not desk.db.exists(), "nothing was written, either"
    assert desk("run", "--dry-run", "a.example").returncode == 0, "it sends nothing"

    assert desk("resume").stderr.startswith("Resumed.")
    assert "1 measured" in desk("run", "--yes", "a.example").stderr
    assert desk("resume").stderr == "Nothing is paused.\n"


def test_a_pause_is_a_file_for_us_alone_beside_the_database(desk: Desk) -> None:
    told = json.loads(desk("pause", "--json").stdout)
    file = Path(told["file"])

    assert told == {"kind": "paused", "until": None, "file": f"{desk.db}-paused"}
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert json.loads(desk("resume", "--json").stdout)["was_paused"] is True
    assert not file.exists()


def test_while_paused_doctor_sends_nothing(desk: Desk) -> None:
    desk("pause")
    done = desk("doctor", "--json")
    rows = map(json.loads, done.stdout.splitlines())
    told = {row["name"]: row["told"] for row in rows if row["ok"] is None}

    assert "contacts" not in done.stderr
    for name in ("clock", "surroundings"):
        assert "not tested: paused; " in told[name]


@pytest.mark.parametrize("length", ["", "2", "0h", "-1h", "two hours", "2w", "99999d"])
def test_a_length_nobody_can_read_pauses_nothing_and_says_so(desk: Desk, length: str) -> None:
    done = desk("pause", "--for", length)

    assert done.returncode == 2
    assert "write 30m, 2h or 1d" in done.stderr
    assert list(desk.folder.glob("*-paused")) == []


# A clock that jumps: the command as it is, with a wall clock that is set while it runs

JUMPING = """
import sys, time
from datetime import timedelta
from heliograph.cli import place
real, began = place.now, time.monotonic()
place.now = lambda: real() + timedelta(minutes=10 if time.monotonic() - began > 4 else 0)
from heliograph.cli.app import app
sys.argv = ["heliograph", "run", "--yes", "--json", *sys.argv[1:]]
app()
"""


def test_a_clock_that_jumps_stops_the_run(desk: Desk) -> None:
    command = [sys.executable, "-c", JUMPING, "never.example", "never-2.example"]
    began = time.monotonic()
    done = subprocess.run(
        command, env=desk.environment(), capture_output=True, text=True, check=False, timeout=60
    )

    assert done.returncode == 0, done.stderr
    assert time.monotonic() - began < 15
    summary = json.loads(done.stdout.splitlines()[-1])
    assert "clock_jumped" in summary["context"]
    assert summary["left"] == 2
    assert "this computer's clock jumped forward by 10 minutes" in done.stderr


# The order of a list


def test_a_list_is_not_looked_at_in_its_own_order(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    with desk.config.open("a", encoding="utf-8") as file:
        file.write("[limits]\nparallel = 1\n")
    names = [f"s{number:02}.example" for number in range(20)]
    done = desk("run", "--yes", "--json", "--probe", "dns", *names)
    rows = map(json.loads, done.stdout.splitlines())
    order = [row["input"] for row in rows if row["kind"] == "verdict"]

    assert sorted(order) == names
    assert order != names, "one chance in 20! that it is"


# A tunnel: the command as it is, on a computer that has one

TUNNELLED = """
import sys
from probes.net import links
links.tunnel = lambda: "tun0"
from heliograph.cli.app import app
sys.argv[0] = "heliograph"
app()
"""


@pytest.fixture
def tunnelled(tmp_path: Path) -> Home:
    home = Home(tmp_path)
    home.program = ("-c", TUNNELLED)
    return home


def looked_at(home: Home) -> list[bool]:
    """For every look at a target, whether it bears the flag of a tunnel."""
    rows = home("results", "--json").stdout.splitlines()
    return ["tunnel" in json.loads(row)["context"] for row in rows]


@pytest.mark.parametrize("answer", ["", "y", "no"])
def test_at_a_terminal_a_tunnel_is_asked_about_and_only_yes_goes_on(
    tunnelled: Home, answer: str
) -> None:
    code, screen = tunnelled.typing(*AGREED, answer, command=RUN)
    assert code == 77
    assert "Traffic leaves through tun0, a VPN or another tunnel" in screen
    assert "nothing was sent" in screen
    assert looked_at(tunnelled) == []

    code, screen = tunnelled.typing("yes", command=RUN)
    assert code == 0, "what was agreed to before is not asked again"
    assert looked_at(tunnelled) == [True]


@pytest.mark.parametrize("flag", ["--yes", "--anyway"])
def test_what_was_said_on_the_command_line_is_not_asked(tunnelled: Home, flag: str) -> None:
    assert tunnelled.typing(*AGREED, "no", command=RUN)[0] == 77
    code, screen = tunnelled.typing(command=(*RUN, flag))

    assert code == 0
    assert "Measure through it?" not in screen


def test_without_a_terminal_a_tunnel_is_told_and_no_verdict_is_given(tunnelled: Home) -> None:
    done = tunnelled(*RUN, "--yes", "--json")
    verdict = json.loads(done.stdout.splitlines()[0])

    assert done.returncode == 0
    assert "traffic leaves through a VPN" in done.stderr
    assert verdict["state"] == "inconclusive"
    assert looked_at(tunnelled) == [True]


# The record of what was sent: the command as it is, with an ear at every socket it opens

LISTENING = """
import json, sys
from socket import AF_INET, AF_INET6, SOCK_STREAM
sent = set()

def hear(event, what):
    if event in ("socket.connect", "socket.sendto") and what[0].family in (AF_INET, AF_INET6):
        sock, place = what[:2]
        ours = not sock.getsockname()[0].startswith("127.71.")  # where the demo's servers live
        if sock.type & 15 == SOCK_STREAM or (event == "socket.sendto" and ours):
            sent.add((place[0], place[1]))

sys.addaudithook(hear)
from heliograph.cli.app import app
out = sys.argv[1]
sys.argv = ["heliograph", "demo", "--out", out]
try:
    app()
finally:
    with open(out + "/heard.json", "w") as file:
        json.dump(sorted(sent), file)
"""


def test_whatever_is_contacted_is_on_record(tmp_path: Path) -> None:
    out = tmp_path / "out"
    subprocess.run(
        [sys.executable, "-c", LISTENING, str(out)],
        env=without_namespaces(tmp_path), capture_output=True, check=True, timeout=120,
    )  # fmt: skip
    heard = {tuple(place) for place in json.loads((out / "heard.json").read_text())}
    with sqlite3.connect(out / "demo.sqlite") as connection:
        recorded = set(connection.execute("select distinct address, port from api_v1_steps"))

    assert len(heard) > 15
    assert heard - recorded == set()
