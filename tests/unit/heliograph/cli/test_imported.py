"""What an import brought, in a table and as lines of run."""

import pytest

from analysis.judge import judge
from heliograph.cli.imported import Tally, row_of, tell
from heliograph.model import Outcome, State
from storage.ooni.reader import read, unreadable
from tests.unit.storage.ooni.published import document, healthy, line

LOOK = read(line(document(healthy())))
BROKEN = unreadable(b"f:1", "cut off")


def test_states_are_counted_by_experiment_and_by_their_verdict(
    capsys: pytest.CaptureFixture[str],
) -> None:
    tally = Tally()
    tally.note(LOOK, judge(LOOK), "accessible")
    tally.note(LOOK, judge(LOOK), "blocking: dns")
    tally.note(BROKEN, None, None)
    tell(tally.summed(2), json=False)
    told = capsys.readouterr()
    rows = [" ".join(row.split()) for row in told.out.splitlines()]

    assert rows == [
        "experiment ok broken",
        "unknown 0 1",
        "web_connectivity 2 0",
        "",
        "their verdict ok",
        "accessible 1",
        "blocking: dns 1",
    ]
    assert told.err.startswith("2 measurements (2 ok), 1 broken; 2 files")


def test_one_that_is_not_judged_is_counted_and_told_apart_from_a_broken_one(
    capsys: pytest.CaptureFixture[str],
) -> None:
    tally = Tally()
    tally.note(LOOK, None, None)
    tally.note(LOOK, judge(LOOK), None)
    tally.note(BROKEN, None, None)
    tell(tally.summed(1), json=False)

    assert capsys.readouterr().err.startswith("2 measurements (1 ok, 1 not judged), 1 broken")
    assert tally.summed(1).states == {"ok": 1, "not judged": 1}
    assert tally.summed(1).probes == {
        "unknown": {"broken": 1},
        "web_connectivity": {"not judged": 1, "ok": 1},
    }


def test_a_row_has_the_place_and_the_verdict() -> None:
    verdict = judge(LOOK)
    assert verdict is not None
    row = row_of(LOOK, verdict, "f.jsonl:7")

    assert (row.measurement_id, row.source, row.state) == (LOOK.id, "f.jsonl:7", State.OK)
    assert row.rules == tuple(fired.rule for fired in verdict.fired)
    assert (row.country, row.asn, row.started) == ("XA", 64500, "2024-01-24T14:12:13Z")


def test_a_row_without_a_verdict_has_no_state() -> None:
    row = row_of(BROKEN, None, "f:1")

    assert (row.outcome, row.reason, row.state) == (Outcome.BROKEN, "cut off", None)
