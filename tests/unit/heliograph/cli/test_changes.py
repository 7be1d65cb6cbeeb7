"""A change is one state after another of the same target, and what is not known changes nothing."""

from pathlib import Path

import pytest

from heliograph.cli.changes import Change, changes, in_words, listing
from heliograph.cli.exits import Stop
from heliograph.cli.filters import Filters
from heliograph.model import Outcome, State, VerdictRow
from storage.store import Store

TARGET = "https://board.example/7"


def row(
    number: int,
    state: State | None,
    target: str = TARGET,
    asn: int = 64500,
    probe: str = "content",
) -> VerdictRow:
    return VerdictRow(
        measurement_id=f"{number:08d}-0000-8000-8000-000000000000",
        started=f"2026-11-{number:02d}T12:00:00Z",
        input=target,
        target=target,
        host="board.example",
        probe=probe,
        outcome=Outcome.MEASURED if state else Outcome.BROKEN,
        reason=None,
        state=state,
        country="XA",
        asn=asn,
    )


def found(*states: State | None) -> list[Change]:
    return list(changes(row(number, state) for number, state in enumerate(states, start=1)))


def test_gone_and_back_are_two_changes_and_the_second_is_a_return() -> None:
    gone, back = found(State.OK, State.OK, State.REMOVED, State.REMOVED, State.OK)

    assert (gone.before, gone.after, gone.returned) == (State.OK, State.REMOVED, False)
    assert (gone.last_before[:10], gone.first_after[:10]) == ("2026-11-02", "2026-11-03")
    assert (back.before, back.after, back.returned) == (State.REMOVED, State.OK, True)
    assert back.measurement_id.startswith("00000005")


def test_what_is_inconclusive_or_was_not_made_changes_nothing_and_is_counted() -> None:
    (gone,) = found(State.OK, State.INCONCLUSIVE, None, State.INCONCLUSIVE, State.REMOVED)

    assert (gone.unsettled, gone.last_before[:10]) == (2, "2026-11-01")
    assert found(State.INCONCLUSIVE, State.OK, State.INCONCLUSIVE, None, State.OK) == []


def test_each_target_probe_and_network_is_a_series_of_its_own() -> None:
    rows = [
        row(1, State.OK),
        row(2, State.REMOVED, target="https://board.example/8"),
        row(3, State.BLOCKED, asn=64501),
        row(4, State.DOWN, probe="web"),
        row(5, State.RESTRICTED),
    ]

    assert [(c.before, c.after) for c in changes(rows)] == [(State.OK, State.RESTRICTED)]


def test_a_change_is_one_line() -> None:
    _, back = found(State.OK, State.REMOVED, State.INCONCLUSIVE, State.OK)

    assert in_words(back) == (
        "2026-11-04T12:00:00Z  https://board.example/7 (content, XA AS64500): removed -> ok,"
        " as it was before (last removed 2026-11-02T12:00:00Z, 1 inconclusive between) "
        " 00000004-0000-8000"
    )


@pytest.mark.parametrize("filters", [Filters(state="ok"), Filters(technique="tls")])
def test_filters_that_would_hide_changes_are_refused(filters: Filters) -> None:
    with pytest.raises(Stop, match="leave out --state and --technique"):
        listing(None, filters, json=False)


def test_the_newest_are_listed_from_what_is_stored(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    location = str(tmp_path / "results.sqlite")
    Store.open(location).close()

    listing(location, Filters(probe="content"), json=False)

    told = capsys.readouterr()
    assert (told.out, told.err) == ("", "nothing changed in 0 looks\n")
