"""What a counted cell says, and cells as series."""

from itertools import permutations

import pytest

from analysis.accuracy import wilson
from analysis.aggregates import (
    BURST,
    DISAGREE,
    NO_NETWORK,
    ONE_VANTAGE,
    Share,
    Weighed,
    day_after,
    days_between,
    flags_of,
    share_of,
    table_of,
)
from analysis.detection.grid import DAY
from analysis.detection.series import Key, Row
from heliograph.cell import LOOKS_COUNTED, Counted

PLAIN = Counted(
    day="2026-11-01",
    country="XA",
    asn=64500,
    target="https://one.example/",
    probe="web",
    state="ok",
    technique=None,
    n_measurements=6,
    n_vantages=2,
    n_ok=6,
    n_blocked=0,
    n_throttled=0,
    n_restricted=0,
    n_removed=0,
    n_down=0,
    n_inconclusive=0,
    witness_id="a",
    max_lag_seconds=None,
    weighed_ok=6,
    weighed_blocked=0,
    weighed_throttled=0,
    weighed_down=0,
    weighed_inconclusive=0,
    most_of_one=3,
    vantages_against=0,
    vantages_through=2,
)
CELL = Weighed(
    "XA", 64500, "https://one.example/", "web", "2026-11-02", 3, 1, 0, 0, 2, 2, "tls.reset", "a"
)


def test_a_share_has_the_interval_of_the_one_formula_there_is() -> None:
    rate = wilson(2, 5)

    assert share_of(2, 2, 1) == Share(0.4, rate.low, rate.high)


def test_of_nothing_there_is_no_share() -> None:
    assert share_of(0, 0, 0) == Share(None, None, None)


@pytest.mark.parametrize(
    ("cell", "flags"),
    [
        (PLAIN, ()),
        (PLAIN._replace(n_vantages=1), (ONE_VANTAGE,)),
        (PLAIN._replace(most_of_one=LOOKS_COUNTED), ()),
        (PLAIN._replace(most_of_one=LOOKS_COUNTED + 1), (BURST,)),
        (PLAIN._replace(vantages_against=1), (DISAGREE,)),
        (PLAIN._replace(vantages_against=2, vantages_through=0), ()),
        (PLAIN._replace(asn=0), (NO_NETWORK,)),
    ],
)
def test_a_flag_says_what_lowers_the_weight(cell: Counted, flags: tuple[str, ...]) -> None:
    assert flags_of(cell) == flags


def test_cells_are_series_on_a_grid_of_days_whatever_their_order() -> None:
    cells = [CELL, CELL._replace(day="2026-11-04"), CELL._replace(target="https://two.example/")]
    row = Row(1, 3, 1, 0, 0, 2, 2, "tls.reset", "a")

    tables = {repr(table_of(order, "2026-11-01", "2026-11-06")) for order in permutations(cells)}
    assert len(tables) == 1
    table = table_of(cells, "2026-11-01", "2026-11-06")
    assert (table.grid.length, table.grid.width) == (5, DAY)
    assert table.grid.text(0) == "2026-11-01T00:00:00Z"
    assert [one.key for one in table] == [
        Key("XA", 64500, "https://one.example/", "web"),
        Key("XA", 64500, "https://two.example/", "web"),
    ]
    assert table.series[0].rows == (row, row._replace(at=3))


def test_the_day_that_is_not_over_is_left_out() -> None:
    assert table_of([CELL], "2026-11-01", "2026-11-02").series == ()
    assert table_of([CELL], "2026-11-03", "2026-11-02").grid.length == 0


def test_days_are_counted_over_the_end_of_a_month() -> None:
    assert days_between("2026-10-31", "2026-11-02") == ("2026-10-31", "2026-11-01", "2026-11-02")
    assert day_after("2026-11-01", -1) == "2026-10-31"
