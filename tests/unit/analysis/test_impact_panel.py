"""The panel: the same series on both sides, whole buckets, and no step made by a gap."""

import pytest
from msgspec.structs import replace

from analysis.detection.grid import Grid
from analysis.detection.series import Row, Table
from analysis.events import shipped
from analysis.impact_panel import axis_of, grouped, is_long_enough, level_of, panel_of, row_of
from analysis.impact_plan import Plan, plan_of
from tests.unit.analysis.detection.tables import FIRST, key, rows, table


def plan() -> Plan:
    """Days 0 to 27 of the tables beside days 28 to 55."""
    made = plan_of(shipped().event[0], "1")
    return replace(
        made,
        country="XA",
        before_from="2026-01-01",
        before_to="2026-01-28",
        after_from="2026-01-29",
        after_to="2026-02-25",
    )


def panel(**series: range) -> list[str]:
    """The targets that stay when each series has data on these days only."""
    made = table({key(target=name): [Row(d, 1) for d in days] for name, days in series.items()}, 56)
    chosen = panel_of(made, axis_of(made.grid, plan()), plan(), lambda _: True)
    return [one.target for one in (*chosen.named, *chosen.silent)]


def test_days_of_both_sides_are_on_the_axis_and_no_others() -> None:
    axis = axis_of(Grid(FIRST, 86_400, 180), plan())

    assert (axis.before, axis.after, axis.days) == (28, 28, 1)


def test_hours_are_added_up_to_days() -> None:
    made = table({key(): [Row(hour, 1, 1) for hour in range(56 * 24)]}, width=3600)
    axis = axis_of(made.grid, plan())
    chosen = panel_of(made, axis, plan(), lambda _: True)

    assert (axis.before, axis.after) == (28, 28)
    assert set(*chosen.named.values()) == {0.5}


def test_a_week_that_lies_on_both_sides_of_the_onset_is_on_neither() -> None:
    axis = axis_of(Grid(FIRST - 3 * 86_400, 7 * 86_400, 20), plan())

    assert (axis.before, axis.after) == (3, 3)
    assert not is_long_enough(axis, plan())


@pytest.mark.parametrize(("days", "enough"), [(56, True), (42, True), (41, False), (28, False)])
def test_half_of_either_side_must_be_there(days: int, enough: bool) -> None:
    assert is_long_enough(axis_of(Grid(FIRST, 86_400, days), plan()), plan()) is enough


def test_a_series_that_is_new_is_left_out_and_one_that_ends_is_silent() -> None:
    assert panel(both=range(56), new=range(28, 56), ends=range(28)) == ["both", "ends"]


def test_an_unknown_country_is_no_control_and_others_are() -> None:
    keys = [key("XA"), key("XB"), key("ZZ")]
    made = table({one: rows(56) for one in keys})
    chosen = panel_of(made, axis_of(made.grid, plan()), plan(), lambda _: True)

    assert [one.country for one in chosen.elsewhere] == ["XB"]


def test_gaps_in_a_series_make_no_step_and_empty_days_are_bridged() -> None:
    high, low = [0.9] * 8, [0.1] * 4 + [None] * 4

    assert row_of([high, low]) == pytest.approx([0.0] * 8)
    assert row_of([[0.0, None, 1.0]]) == pytest.approx([-0.5, 0.0, 0.5])
    assert level_of([high, low], 0, 4) == pytest.approx(0.5)


def test_units_are_in_the_order_of_their_names() -> None:
    series = {key("XC"): [0.0], key("XB"): [0.0]}

    assert list(grouped(series, lambda one: one.country)) == ["XB", "XC"]


def test_an_empty_table_has_an_empty_axis() -> None:
    assert axis_of(Table(Grid(0, 86_400, 0), ()).grid, plan()).buckets == ()
