"""What stored measurements become under newer rules, in words; and when the switch is refused."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import msgspec
import pytest
import typer

from analysis.rules import RULESET_VERSION
from heliograph.cli.analyse import Analysed, _tell, analyse
from heliograph.cli.exits import ExitCode
from heliograph.model import State
from scheduler.rejudging import Rejudging
from storage.judging import Change
from storage.store import Store
from tests.unit.analysis.builders import measured, system, tls

LOOK = measured(system("203.0.113.10"), tls("203.0.113.10"))
CHANGES = [
    Change(was=None, now=State.OK, count=2, other_technique=0, example="0007-0001-0002-0003"),
    Change(was=State.OK, now=State.OK, count=90, other_technique=0, example="b"),
    Change(was=State.BLOCKED, now=State.BLOCKED, count=5, other_technique=3, example="c"),
    Change(was=State.BLOCKED, now=State.DOWN, count=1, other_technique=1, example="d"),
]


def done(*, was: int | None = 3, activated: bool = False, changed: int = 6) -> Analysed:
    return Analysed(
        ruleset_version=4, was=was, judged=98, left=0, unreadable=0, changed=changed,
        activated=activated,
    )  # fmt: skip


def test_the_table_has_what_differs_and_a_block_by_another_technique_does(
    capsys: pytest.CaptureFixture[str],
) -> None:
    _tell(done(), CHANGES, json=False)
    _, *rows = capsys.readouterr().out.splitlines()

    assert [" ".join(row.split()) for row in rows] == [
        "none -> ok 2 0007-0001-0002-000",
        "blocked -> blocked 3 c by another technique",
        "blocked -> down 1 d",
    ]


@pytest.mark.parametrize(
    ("result", "words"),
    [
        (done(), "92 of 98 verdicts stay as they were; ruleset 3 stays in force until"),
        (done(activated=True), "92 of 98 verdicts stay as they were; it is in force now"),
        (done(was=None), "'heliograph analyse --activate' puts it in force"),
        (
            done(was=4, activated=True),
            "98 measurements judged now by ruleset 4, which is in force already",
        ),
    ],
)
def test_it_says_which_rules_are_in_force(
    result: Analysed, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    _tell(result, CHANGES, json=False)

    assert words in capsys.readouterr().err


@pytest.fixture
def location(tmp_path: Path) -> str:
    location = str(tmp_path / "results.sqlite")
    with Store.open(location) as store:
        store.activate(RULESET_VERSION - 1)
        store.save(msgspec.structs.replace(LOOK, id="0001"), None, None)
    return location


def test_what_comes_between_the_judging_and_the_switch_keeps_the_older_rules_in_force(
    location: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    switch = Rejudging.switch

    def late(work: Rejudging) -> bool:
        with Store.open(location) as other:
            other.save(msgspec.structs.replace(LOOK, id="0002"), None, None)
        return switch(work)

    with monkeypatch.context() as patch:
        patch.setattr(Rejudging, "switch", late)
        with pytest.raises(typer.Exit) as ended:
            analyse(location, activate=True, json=False)
    told = capsys.readouterr().err

    assert ended.value.exit_code == ExitCode.QUEUED
    assert "not switched: 1 measurement came meanwhile; the same command goes on" in told
    assert current(location) == RULESET_VERSION - 1
    analyse(location, activate=True, json=False)
    assert current(location) == RULESET_VERSION


def test_where_all_is_judged_and_shown_it_says_so_and_writes_nothing(
    location: str, capsys: pytest.CaptureFixture[str]
) -> None:
    theirs = msgspec.structs.replace(LOOK, id="0003", source="ooni:1", probe="signal")
    with Store.open(location) as store:
        store.save(theirs, None, None)
    analyse(location, activate=True, json=False)
    with closing(sqlite3.connect(location)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")  # as in an exported folder
    before = Path(location).read_bytes()
    for activate in (True, False):
        analyse(location, activate=activate, json=True)
        told = json.loads(capsys.readouterr().out.splitlines()[-1])

        assert (told["left"], told["judged"], told["activated"]) == (0, 0, True)
    assert Path(location).read_bytes() == before
    analyse(location, activate=True, json=False)
    assert "which is in force already" in capsys.readouterr().err


def current(location: str) -> int | None:
    with Store.open_to_read(location) as store:
        return store.current_ruleset()
