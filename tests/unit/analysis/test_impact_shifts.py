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


def test_the_other_unit_of_two_shows_the_same_reversed() -> None:
    flat = [[0.0] * BEFORE + [0.5] * BEFORE, [0.0] * DAYS]

    assert change_in(flat, BEFORE, 0.05).p >= least_p(2, DAYS)
