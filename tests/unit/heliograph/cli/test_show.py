"""One look as a person reads it: what was withheld, not published or not judged is said to be."""

import sqlite3
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from analysis.judge import judge
from analysis.rules import RULESET_VERSION
from heliograph.cli import report
from heliograph.cli.exits import ExitCode, Stop
from heliograph.cli.filters import Filters
from heliograph.cli.show import one
from heliograph.ids import with_id
from heliograph.model import SURROUNDINGS, Measurement
from storage.packages.public import published, published_verdict
from storage.store import Store
from tests.unit.analysis.builders import measured, system, tcp
from tests.unit.analysis.cases import EVERY_LOOK

DB = "r.sqlite"


@pytest.fixture
def place(tmp_path: Path) -> str:
    return str(tmp_path / DB)


def keep_public(place: str, looks: list[Measurement]) -> list[str]:
    """The looks as a package for everybody holds them."""
    told: dict[str, Measurement] = {}
    with Store.open(place) as store:
        store.activate(RULESET_VERSION)
        for look in looks:
            masked, verdict = published(look), judge(look)
            if masked.id not in told and verdict is not None:
                store.save(masked, published_verdict(verdict, masked.id), None)
                told[masked.id] = masked
    return list(told)


def test_every_look_of_a_public_package_is_shown(
    place: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    at_targets = [look for look in EVERY_LOOK if look.probe != SURROUNDINGS]
    kept = keep_public(place, [with_id(look) for look in at_targets[::25]])
    assert len(kept) > 10
    for identity in kept:
        one(place, identity, json=False)
        assert "details withheld" in capsys.readouterr().out
        one(place, identity, json=True)
    out = tmp_path / "r.html"
    filters = Filters(limit=None)
    report.write(report.Wish(place, filters, out, force=False, coarse=False, json=False))
    assert out.read_text(encoding="utf-8").count("details withheld") == len(kept)


def test_what_others_did_not_publish_and_no_rule_reads_is_said_to_be_so(
    place: str, capsys: pytest.CaptureFixture[str]
) -> None:
    bare = [
        msgspec.structs.replace(step, started=0.0, seconds=0.0, bytes_sent=0, bytes_received=0)
        for step in measured(system("203.0.113.10"), tcp()).steps
    ]
    look = msgspec.structs.replace(measured(*bare, probe="tor"), source="ooni:1", seconds=0.0)
    look = with_id(look)
    with Store.open(place) as store:
        store.activate(RULESET_VERSION)
        store.save(look, judge(look), None)
    one(place, look.id, json=False)
    told = capsys.readouterr().out

    assert "\nkept without a verdict: no rule is about this test\n" in told
    assert "data used    not published" in told
    assert "length not published" in told
    assert "  0 not published " in told
    assert "0.000 s" not in told


def test_a_database_whose_view_was_replaced_is_told_in_one_line(place: str) -> None:
    (identity,) = keep_public(place, [with_id(EVERY_LOOK[0])])
    with closing(sqlite3.connect(place)) as file:
        names = [row[1] for row in file.execute("PRAGMA table_info(api_v1_verdicts)")]
        file.execute("DROP VIEW api_v1_verdicts")
        columns = ", ".join(f"'x' AS {name}" for name in names)
        file.execute(f"CREATE VIEW api_v1_verdicts AS SELECT {columns}")
    with pytest.raises(Stop, match="was altered") as caught:
        one(place, identity, json=False)
    assert caught.value.code == ExitCode.BAD_INPUT
