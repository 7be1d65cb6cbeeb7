"""Stored measurements judged by newer rules: told, interrupted, killed, gone on with, switched."""

import json
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from analysis.rules import RULESET_VERSION
from storage.store import Store
from tests.lab.planted import plant
from tests.lab.test_commands import Desk, complaint

OLD = RULESET_VERSION - 1
MANY = 4000
"""A second's work and more: long enough to come in between."""


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Verdicts of the rules before these, one of each state."""
    desk = Desk(tmp_path)
    plant(desk.db)
    run(desk.db, f"update verdicts set ruleset_version = {OLD}")
    run(desk.db, f"update settings set value = '{OLD}' where key = 'ruleset_version'")
    return desk


@pytest.fixture
def large(desk: Desk) -> Desk:
    """The same with one measurement of it many times over."""
    for table, key in (("measurements", "id"), ("steps", "measurement_id")):
        _multiply(desk.db, table, key)
    return desk


def run(db: Path, statement: str) -> None:
    with sqlite3.connect(db) as connection:
        connection.execute(statement)
    connection.close()


def _multiply(db: Path, table: str, key: str) -> None:
    connection = sqlite3.connect(db)
    names = [row[1] for row in connection.execute(f"pragma table_info({table})")]
    copied = ", ".join(f"printf('%s %05d', {n}, i)" if n == key else n for n in names)
    connection.execute(
        f"with recursive n(i) as (select 1 union all select i + 1 from n where i < {MANY})"
        f" insert into {table} select {copied} from {table}, n where {key} ="
        " (select max(id) from measurements where id not like '% %' and outcome = 'measured')"
    )
    connection.commit()
    connection.close()


def verdicts(db: Path) -> Counter[int]:
    """How many there are of each ruleset."""
    with sqlite3.connect(db, timeout=10) as connection:
        rows = connection.execute("select ruleset_version, count(*) from verdicts group by 1")
        found = Counter(dict(rows.fetchall()))
    connection.close()
    return found


def started(desk: Desk) -> "subprocess.Popen[str]":
    """The command under way, in the middle of its work."""
    process = subprocess.Popen(
        [sys.executable, "-m", "heliograph", "analyse", "--activate"],
        env=desk.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 30
    while not verdicts(desk.db)[RULESET_VERSION]:
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.005)
    return process


def in_force(db: Path) -> int | None:
    with Store.open_to_read(str(db)) as store:
        return store.current_ruleset()


def test_without_the_switch_it_says_what_would_change_and_shows_nothing_new(desk: Desk) -> None:
    before = desk("results", "--json").stdout
    done = desk("analyse")

    assert done.returncode == 0, done.stderr
    heading, *table = done.stdout.splitlines()
    assert heading.split() == ["was", "is", "measurements", "one", "of", "them"]
    assert [line.split()[:4] for line in table] == [
        ["blocked", "->", "inconclusive", "8"],
        ["ok", "->", "inconclusive", "6"],
    ]
    assert (
        f"14 measurements judged now by ruleset {RULESET_VERSION}, 0 of 14 verdicts stay as they"
        f" were; ruleset {OLD} stays in force until 'heliograph analyse --activate'"
    ) in done.stderr
    assert desk("results", "--json").stdout == before
    assert verdicts(desk.db) == {OLD: 14, RULESET_VERSION: 14}


def test_the_switch_changes_what_is_shown_and_keeps_the_history(desk: Desk) -> None:
    desk("analyse")
    done = desk("analyse", "--activate", "--json")
    *changes, last = [json.loads(line) for line in done.stdout.splitlines()]

    assert done.returncode == 0, done.stderr
    assert {(c["was"], c["is"]): c["count"] for c in changes} == {
        ("blocked", "inconclusive"): 8,
        ("ok", "inconclusive"): 6,
    }
    assert last == {
        "kind": "analysis",
        "ruleset_version": RULESET_VERSION,
        "was": OLD,
        "judged": 0,
        "left": 0,
        "unreadable": 0,
        "changed": 14,
        "activated": True,
    }
    shown = [json.loads(line) for line in desk("results", "--json").stdout.splitlines()]
    assert {row["state"] for row in shown if row["outcome"] == "measured"} == {"inconclusive"}
    history = [
        json.loads(line)
        for line in desk("show", changes[0]["example"], "--json").stdout.splitlines()
    ]
    told = {row["ruleset_version"]: row["state"] for row in history if row["record"] == "verdict"}
    assert told == {OLD: "blocked", RULESET_VERSION: "inconclusive"}


def test_doing_it_again_changes_nothing(desk: Desk) -> None:
    assert desk("analyse", "--activate").returncode == 0
    before = desk.db.read_bytes()
    again = desk("analyse", "--activate")

    assert again.returncode == 0
    assert again.stdout == ""
    assert (
        f"0 measurements judged now by ruleset {RULESET_VERSION}, which is in force" in again.stderr
    )
    assert verdicts(desk.db) == {OLD: 14, RULESET_VERSION: 14}
    assert len(before) == desk.db.stat().st_size


@pytest.mark.parametrize(
    ("number", "code", "words"),
    [
        (signal.SIGINT, 130, "heliograph: interrupted; what was finished is stored"),
        (signal.SIGTERM, 143, "heliograph: terminated; what was finished is stored"),
        (signal.SIGKILL, -9, None),
    ],
)
def test_whatever_ends_it_the_rules_in_force_stay_and_the_same_command_goes_on(
    large: Desk, number: signal.Signals, code: int, words: str | None
) -> None:
    with started(large) as process:
        process.send_signal(number)
        _, complaints = process.communicate(timeout=20)
    done = verdicts(large.db)[RULESET_VERSION]

    assert process.returncode == code
    assert 0 < done < MANY
    assert in_force(large.db) == OLD
    if words is not None:
        *_, left, last = complaints.splitlines()
        assert left == (
            f"judged {done}, {14 + MANY - done} left: the same command goes on with them"
        )
        assert last == words
    again = large("analyse", "--activate", "--json")
    told = json.loads(again.stdout.splitlines()[-1])
    assert again.returncode == 0, again.stderr
    assert (told["judged"], told["left"]) == (14 + MANY - done, 0)
    assert verdicts(large.db) == {OLD: 14, RULESET_VERSION: 14 + MANY}
    assert in_force(large.db) == RULESET_VERSION


def test_what_can_not_be_judged_is_named_after_all_else_is_done(desk: Desk) -> None:
    run(
        desk.db,
        "update steps set failure = 'x_new' where measurement_id ="
        " (select min(id) from measurements where outcome = 'measured')",
    )
    done = desk("analyse", "--activate")

    assert done.returncode == 65
    assert "1 measurement can't be judged by this version" in complaint(done)
    assert "a newer heliograph may know it" in complaint(done)
    assert in_force(desk.db) == RULESET_VERSION
    assert verdicts(desk.db) == {OLD: 14, RULESET_VERSION: 13}


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        (
            f"update settings set value = '{RULESET_VERSION + 1}' where key = 'ruleset_version'",
            f"verdicts of ruleset {RULESET_VERSION + 1} are in force, this version has"
            f" {RULESET_VERSION}; upgrade heliograph",
        ),
        (
            "update alembic_version set version_num = '9999'",
            "was written by a newer Heliograph (schema 9999",
        ),
    ],
)
def test_a_newer_database_is_refused_and_stays_as_it_is(
    desk: Desk, statement: str, words: str
) -> None:
    run(desk.db, statement)
    for option in ((), ("--activate",)):
        done = desk("analyse", *option)
        assert done.returncode == 65
        assert done.stdout == ""
        assert words in complaint(done)
        assert done.stderr.count("\n") == 1
    assert verdicts(desk.db) == {OLD: 14}


def test_where_there_is_no_database_none_is_made(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    done = desk("analyse", "--activate")

    assert done.returncode == 66
    assert "there is no database yet" in complaint(done)
    assert not desk.db.exists()
