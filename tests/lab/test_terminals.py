"""Commands print on any terminal and into any file: narrow, without Unicode, full, closed."""

import fcntl
import json
import os
import pty
import re
import sqlite3
import struct
import subprocess
import sys
import termios
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

import pytest

from heliograph.ids import with_id
from heliograph.model import Measurement, State, Step, StepKind, Vantage, Verdict
from heliograph.url import parse_target
from storage.store import Store
from tests.lab.test_commands import TARGETS, Desk, complaint

COMMAND = (sys.executable, "-m", "heliograph")
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
AT = datetime(2026, 11, 24, 12, tzinfo=UTC)
LONG = f"https://site.example/{'a-long-path/' * 12}end"


@pytest.fixture(scope="module")
def desk(planted_desk: Desk) -> Desk:
    return planted_desk


def on_a_terminal(desk: Desk, columns: int, *arguments: str) -> list[str]:
    """The lines a command writes to a terminal of this width."""
    ours, its = pty.openpty()
    fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    environment = {**desk.environment(), "TERM": "xterm", "COLUMNS": ""}
    del environment["COLUMNS"]
    with subprocess.Popen(
        [*COMMAND, *arguments], env=environment, stdin=its, stdout=its, stderr=subprocess.DEVNULL
    ) as process:
        os.close(its)
        written = b""
        while True:
            try:
                more = os.read(ours, 65536)
            except OSError:  # the last end of the terminal was closed
                break
            if not more:
                break
            written += more
        os.close(ours)
    assert process.returncode == 0
    return COLOUR.sub("", written.decode()).splitlines()


def short(desk: Desk) -> list[tuple[str, str]]:
    """What a person needs of each row: its target and the beginning of its id."""
    rows = [json.loads(line) for line in desk("results", "--json").stdout.splitlines()]
    return [(row["target"], row["measurement_id"][:13]) for row in rows]


@pytest.mark.parametrize("columns", [40, 60, 80, 120])
def test_no_target_and_no_id_is_cut_or_broken(desk: Desk, columns: int) -> None:
    lines = on_a_terminal(desk, columns, "results")

    for target, identity in short(desk):
        assert sum(target in line.split() for line in lines) == 1, target
        assert sum(identity in line for line in lines) == 1, identity
    table = any({"state", "target", "id"} <= set(line.split()) for line in lines)
    assert table == (columns == 120)
    if not table:
        assert max(map(len, lines)) <= max(columns, *(len(t) + 2 for t, _ in short(desk)))


@pytest.mark.parametrize("columns", [60, 120])
def test_a_target_wider_than_the_terminal_is_whole(tmp_path: Path, columns: int) -> None:
    desk = Desk(tmp_path)
    store_one(desk, LONG)

    lines = on_a_terminal(desk, columns, "results")
    assert f"  {LONG}" in lines
    assert LONG in desk("results").stdout, "and so it is in a file"


def store_one(desk: Desk, url: str) -> str:
    measurement = with_id(
        Measurement(
            probe="web",
            probe_version=1,
            target=parse_target(url),
            vantage=Vantage(),
            started=AT,
            steps=(
                Step(
                    kind=StepKind.TCP_CONNECT, host="\u043f\u0440\u0438", seconds=1.0, failure=None
                ),
            ),
        )
    )
    verdict = Verdict(
        measurement_id=measurement.id,
        ruleset_version=1,
        state=State.OK,
        explanation="Reached \u2014 \u0434\u0430.",
    )
    with Store.open(str(desk.db)) as store:
        store.activate(1)
        store.save(measurement, verdict, None)
    return measurement.id


@pytest.mark.parametrize(
    "settings",
    [
        {"PYTHONIOENCODING": "latin-1"},
        {"PYTHONIOENCODING": "ascii"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    ],
    ids=["latin-1", "ascii", "C"],
)
def test_a_terminal_without_unicode_is_printed_to_all_the_same(
    tmp_path: Path, settings: dict[str, str]
) -> None:
    desk = Desk(tmp_path)
    identity = store_one(desk, "https://site.example/")
    for arguments in (("show", identity), ("results",), ("--help",), ("report", "--help")):
        done = subprocess.run(
            [*COMMAND, *arguments],
            env={**desk.environment(), **settings},
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert b"Traceback" not in done.stderr
        if arguments[0] == "show":
            assert b" ok" in done.stdout
            assert b"==" in done.stdout, "bars of what there is"
            assert rb"\u043f" in done.stdout, "and a name of its escapes"


@pytest.mark.parametrize(
    "arguments",
    [("results",), ("results", "--json"), ("results", "--csv"), ("show",), ("config", "check")],
    ids=" ".join,
)
def test_a_full_disk_is_one_line_and_code_73(desk: Desk, arguments: tuple[str, ...]) -> None:
    done = into("/dev/full", desk, *arguments)

    assert done.returncode == 73
    assert done.stderr.splitlines()[-1] == (
        "heliograph: can't write the output: No space left on device"
    )
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr


def test_help_into_a_full_disk_is_one_line(desk: Desk) -> None:
    done = into("/dev/full", desk, "--help")

    assert done.returncode == 73
    assert done.stderr == "heliograph: can't write the output: No space left on device\n"


def into(path: str, desk: Desk, *arguments: str) -> "subprocess.CompletedProcess[str]":
    if arguments == ("show",):
        arguments = ("show", short(desk)[0][1])
    with open(path, "w", encoding="utf-8") as out:
        return printing_to(out, desk, *arguments)


def printing_to(out: TextIO, desk: Desk, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [*COMMAND, *arguments],
        env=desk.environment(),
        stdout=out,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("arguments", [("results",), ("results", "--json"), ("results", "--csv")])
def test_a_reader_that_leaves_is_told_nothing(desk: Desk, arguments: tuple[str, ...]) -> None:
    read_end, write_end = os.pipe()
    os.close(read_end)
    with open(write_end, "w", encoding="utf-8") as out:
        done = printing_to(out, desk, *arguments)

    assert done.returncode == 0
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr
    assert "Broken" not in done.stderr


def test_the_version_is_told(desk: Desk) -> None:
    assert re.fullmatch(r"heliograph \d+\.\d+\.\d+\S*\n", desk("--version").stdout)


def test_config_check_says_who_is_asked_and_who_says_where_this_is(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.config.write_text("[limits]\nparallel = 3\n", encoding="utf-8")
    told = desk("config", "check").stdout
    found = json.loads(desk("config", "check", "--json").stdout)["found"]

    assert "resolver = None" not in told.replace("(not set, and", "")
    assert "/etc/resolv.conf" in told
    assert re.search(r"^country = \S+  \(not set: ", told, re.MULTILINE)
    assert {"network.resolver", "vantage.country", "vantage.asn"} <= set(found)
    desk.config.write_text(
        '[vantage]\ncountry = "XA"\n[network]\nresolver = "udp://192.0.2.53"\n', encoding="utf-8"
    )
    told = desk("config", "check").stdout
    assert "resolver = udp://192.0.2.53\n" in told
    assert "country = XA\n" in told


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_stream_that_is_closed_is_nowhere_to_write_to_and_no_bug(
    tmp_path: Path, closed: str
) -> None:
    desk = Desk(tmp_path)
    for command in ("run --yes site.example", "results", "privacy"):
        done = subprocess.run(
            ["/bin/sh", "-c", f"exec {' '.join(COMMAND)} {command} {closed}"],
            env=desk.environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, "Traceback" in done.stderr) == (0, False), command
    assert desk.count(TARGETS) == 1
    with sqlite3.connect(desk.db) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_on_a_narrow_terminal_a_step_is_a_block_of_short_lines(desk: Desk) -> None:
    identity = short(desk)[-1][1]
    narrow, wide = (on_a_terminal(desk, columns, "show", identity) for columns in (40, 120))

    assert "  0 http exchange, ok" in narrow
    assert "    0.000 s + 0.0000" in narrow
    assert any(re.match(r"  0   0\.000 s \+ 0\.0000 \S+ +http exchange", line) for line in wide)


def test_an_id_of_nothing_is_no_beginning(desk: Desk) -> None:
    done = desk("show", "")
    assert (done.returncode, "an id is wanted" in complaint(done)) == (2, True)


def test_an_ambiguous_beginning_is_told_with_the_targets_it_may_mean(desk: Desk) -> None:
    done = desk("show", short(desk)[0][1][0])

    assert done.returncode == 2
    assert "begins several ids" in complaint(done)
    assert re.search(r"^[0-9a-f-]{36}  https://\S+ \(\w+\)$", done.stderr, re.MULTILINE)
