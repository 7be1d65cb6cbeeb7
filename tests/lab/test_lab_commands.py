"""The ``lab`` commands as a user meets them: lists, a terminal, refusals, and untimely ends."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import typer

from heliograph.cli.scores import RowResult, print_results, require_right
from heliograph.lab.loopback import STAGED
from heliograph.lab.rows import ROWS
from tests.lab.lab_fixtures import (
    COMMAND,
    alive_in_session,
    environment,
    heliograph,
    without_namespaces,
)

NEVER_ANSWERED = ("lab", "run", "tls-drop", "--repeat", "20")
"""Takes long enough to be ended before it is over."""


def wait_until(holds: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def result(
    name: str, *, right: int = 1, twin: str = "ok", wrong: tuple[str, ...] = ()
) -> RowResult:
    return RowResult(
        row=name, meaning="m", expected="ok", right=right, repeats=1, wrong=wrong, twin=twin
    )


def test_list_shows_every_row_and_its_verdict(tmp_path: Path) -> None:
    done = heliograph("lab", "list", env=environment(tmp_path))
    listed = heliograph("lab", "list", "--json", env=environment(tmp_path))
    rows = [json.loads(line) for line in listed.stdout.splitlines()]

    assert done.returncode == 0
    assert [line.split()[0] for line in done.stdout.splitlines()] == [row.name for row in ROWS]
    assert "blocked tls.reset" in done.stdout
    assert rows[0] == {
        "kind": "row",
        "row": "ok-http",
        "meaning": "a plain site",
        "targets": ["http://plain.example/"],
        "expected": "ok",
    }
    assert done.stderr == ""


@pytest.mark.parametrize("command", ["run", "shell"])
def test_an_unknown_row_is_refused_with_the_names_near_it(tmp_path: Path, command: str) -> None:
    done = heliograph("lab", command, "tls-rest", env=environment(tmp_path))

    assert done.returncode == 2
    assert done.stdout == ""
    assert "there is no row 'tls-rest'; there are tls-reset" in done.stderr


def test_a_terminal_stands_on_the_vantage(tmp_path: Path) -> None:
    shell = tmp_path / "shell"
    shell.write_text(
        "#!/bin/sh\nip -br -4 address show net0\necho $HELIOGRAPH_CONFIG\n"
        "heliograph run --yes --json https://closed.example/\n",
        encoding="utf-8",
    )
    shell.chmod(0o700)
    env = {**environment(tmp_path), "SHELL": str(shell)}

    done = heliograph("lab", "shell", "down-refused", env=env)

    assert done.returncode == 0, done.stderr
    assert "staged: down-refused (the port is closed to everybody)" in done.stderr
    assert "heliograph run https://closed.example/" in done.stderr
    address, config, verdict, _ = done.stdout.splitlines()
    assert "198.18.1.2/24" in address
    assert config.endswith(".toml")
    assert json.loads(verdict)["state"] == "down"


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGKILL, -9), (signal.SIGTERM, 143), (signal.SIGINT, 130)]
)
@pytest.mark.parametrize("once", ["heliograph.lab.inside", "-m heliograph run"])
def test_nothing_is_left_behind_whatever_ends_it(
    tmp_path: Path, number: signal.Signals, code: int, once: str
) -> None:
    command = [*COMMAND, *NEVER_ANSWERED]
    with subprocess.Popen(
        command,
        env=environment(tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        wait_until(lambda: any(once in line for line in alive_in_session(process.pid)))
        if number is signal.SIGINT:  # a terminal sends it to all
            os.killpg(process.pid, number)
        else:
            process.send_signal(number)
        _, told = process.communicate(timeout=20)

    wait_until(lambda: not alive_in_session(process.pid))
    assert process.returncode in {code, -number}
    assert b"Traceback" not in told
    assert list(tmp_path.iterdir()) == []


def test_where_namespaces_are_refused_the_list_says_why_and_what_is_left(tmp_path: Path) -> None:
    done = heliograph("lab", "list", env=without_namespaces(tmp_path))

    assert done.returncode == 0
    assert len(done.stdout.splitlines()) == len(ROWS)
    assert "unshare failed: Operation not permitted" in done.stderr
    assert ", ".join(sorted(STAGED)) in done.stderr


def test_where_namespaces_are_refused_loopback_stages_what_it_can(tmp_path: Path) -> None:
    env = without_namespaces(tmp_path)
    done = heliograph("lab", "run", "ok-https", "tcp-drop", "--json", env=env)
    (row,) = [json.loads(line) for line in done.stdout.splitlines()]

    assert done.returncode == 77
    assert (row["row"], row["right"], row["repeats"]) == ("ok-https", 1, 1)
    assert "Operation not permitted" in done.stderr
    assert "not staged: tcp-drop" in done.stderr


def test_where_namespaces_are_refused_there_is_no_terminal(tmp_path: Path) -> None:
    done = heliograph("lab", "shell", "ok-https", env=without_namespaces(tmp_path))

    assert done.returncode == 77
    assert "Operation not permitted" in done.stderr
    assert "Traceback" not in done.stderr


def test_whatever_loopback_can_stage_is_in_the_catalogue() -> None:
    assert {row.name for row in ROWS} >= STAGED


def test_rows_that_failed_are_named_with_what_failed(capsys: pytest.CaptureFixture[str]) -> None:
    results = [
        result("good"),
        result("bad", right=0, wrong=("inconclusive",)),
        result("asleep", twin="the condition is not there"),
    ]

    print_results(results, json=False)
    with pytest.raises(typer.Exit) as left:
        require_right(results)

    told = capsys.readouterr()
    assert left.value.exit_code == 70
    assert told.err == "heliograph: not as they must be: bad, asleep\n"
    assert "0/1  WRONG: inconclusive" in told.out
    assert "1/1  TWIN: the condition is not there" in told.out
