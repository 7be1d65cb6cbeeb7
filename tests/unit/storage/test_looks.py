"""The looks of a database, day by day."""

from datetime import timedelta

from analysis.rules import RULESET_VERSION
from heliograph.model import State
from storage.looks import Change, changes_of
from storage.store import Store
from tests.made_looks import START, Look, judged

TODAY = "2026-11-20"


def test_a_day_tells_of_its_looks_and_of_whose_they_are(store: Store) -> None:
    ours, sent = Look(), Look(hour=5, key="k")
    store.imports.keep(judged([ours]))
    store.receipts.keep("aa", judged([sent]), START + timedelta(days=1), "k")
    store.activate(RULESET_VERSION)

    assert store.looks.changes("2026-11-01", TODAY) == {
        "2026-11-01": Change("2026-11-01", 2, 2, 1, ours.id, sent.id, "2026-11-01T05:00:00Z")
    }
    assert store.looks.changes("2026-11-02", TODAY) == {}
    assert store.looks.newest_day(TODAY) == "2026-11-01"
    assert store.looks.newest_day("2026-10-31") is None
    assert list(store.looks.receipts()) == [(sent.id, "k", "2026-11-02T00:00:00Z")]


def test_one_more_look_or_verdict_changes_what_is_told(store: Store) -> None:
    bare = Look(state=State.DOWN).judged()
    store.imports.keep([bare._replace(verdict=None)])
    before = store.looks.changes("2026-11-01", TODAY)
    assert bare.verdict is not None
    store.judging.keep([bare.verdict])
    store.activate(bare.verdict.ruleset_version)
    between = store.looks.changes("2026-11-01", TODAY)
    store.imports.keep(judged([Look(number=1)]))

    assert before != between != store.looks.changes("2026-11-01", TODAY)
    assert before["2026-11-01"].judged == 0


def test_cells_are_those_of_the_days_asked_for_with_senders_told_apart(store: Store) -> None:
    store.receipts.keep("aa", judged([Look(), Look(day=1), Look(day=2)]), START, "k")
    store.receipts.keep("bb", judged([Look(day=1, number=1)]), START, "l")
    store.activate(RULESET_VERSION)

    found = sorted(store.looks.cells(["2026-11-02", "2026-11-03"]))
    assert [(one.day, one.n_vantages) for one in found] == [("2026-11-02", 2), ("2026-11-03", 1)]
    assert found[0].max_lag_seconds == -86_400  # whose clock is wrong nobody can tell


def test_what_is_no_day_is_left_out() -> None:
    row = ("2026-13-'", 1, 1, 0, "a", "a", "2026-13-'")

    assert changes_of([row]) == {}
