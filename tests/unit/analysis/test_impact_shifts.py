"""The permutation test: seldom wrong where nothing happened, and not blind where something did."""

import random

import pytest

from analysis import impact_shifts
from analysis.impact_shifts import change_in, least_p

DAYS, BEFORE = 56, 28


def noise(chance: random.Random, series: int) -> list[float]:
    """The mean of series that have bad days in runs of mean length 3, on 5 % of days."""
    days = [0.0] * DAYS
    for _ in range(series):
        bad = chance.random() < 0.05
        for day in range(DAYS):
            days[day] += bad / series
            bad = chance.random() > 1 / 3 if bad else chance.random() < 0.05 / 0.95 / 3
    return days


def world(seed: int, units: int = 6, jump: float = 0.0) -> list[list[float]]:
    chance = random.Random(seed)
    rows = [noise(chance, 8) for _ in range(units)]
    return [[*rows[0][:BEFORE], *(day + jump for day in rows[0][BEFORE:])], *rows[1:]]


def test_where_nothing_happened_it_says_so_in_nineteen_of_twenty() -> None:
    """The number alone: an interval costs the same question many times over."""
    wrong = sum(impact_shifts._p(world(seed), BEFORE) <= 0.05 for seed in range(180))

    assert wrong <= 9


def test_a_jump_of_thirty_points_is_seen_and_lies_in_the_interval() -> None:
    found = [change_in(world(seed, jump=0.3), BEFORE, 0.05) for seed in range(20)]

    assert sum(one.p <= 0.05 for one in found) >= 18
    assert sum(one.low <= 0.3 <= one.high for one in found) >= 18
    assert all(one.low <= one.effect <= one.high for one in found)
    assert {one.permutations for one in found} == {6 * DAYS}


def test_what_happens_everywhere_is_no_change() -> None:
    rows = [[day + 0.4 * (at >= BEFORE) for at, day in enumerate(row)] for row in world(3)]

    assert change_in(rows, BEFORE, 0.05).p == pytest.approx(change_in(world(3), BEFORE, 0.05).p)


def step(units: int, before: int, length: int) -> list[list[float]]:
    """All of the first unit changes at once, and nothing else does anything."""
    return [[0.0] * before + [1.0] * (length - before)] + [[0.0] * length] * (units - 1)


@pytest.mark.parametrize("units", [2, 3, 6])
@pytest.mark.parametrize(("before", "length"), [(28, 56), (7, 35), (80, 180), (4, 8)])
def test_the_least_p_is_that_of_the_largest_change_there_can_be(
    units: int, before: int, length: int
) -> None:
    found = impact_shifts._p(step(units, before, length), before)

    assert least_p(units, before, length) == pytest.approx(found)


@pytest.mark.parametrize("side", [20, 28, 100, 340])
def test_no_window_with_two_like_sides_is_long_enough_for_two_units(side: int) -> None:
    assert least_p(2, side, 2 * side) > 0.1


def test_an_interval_holds_no_change_that_shares_can_not_make() -> None:
    found = change_in(step(2, BEFORE, DAYS), BEFORE, 0.05)

    assert (found.low, found.effect, found.high) == (-1.0, 1.0, 1.0)


def test_where_all_others_went_the_other_way_an_interval_may_hold_more_than_all_of_a_share() -> (
    None
):
    rows = [[0.0] * BEFORE + [0.5] * BEFORE] + [[0.5] * BEFORE + [0.0] * BEFORE] * 2
    found = change_in(rows, BEFORE, 0.01)

    assert (found.low, found.effect, found.high) == (-1.0, 1.0, 1.5)


def test_the_other_unit_of_two_shows_the_same_reversed() -> None:
    flat = [[0.0] * BEFORE + [0.5] * BEFORE, [0.0] * DAYS]

    assert change_in(flat, BEFORE, 0.05).p >= least_p(2, BEFORE, DAYS)
