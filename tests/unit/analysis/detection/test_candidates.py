"""Which rises are told: so many that few of them are chance."""

import random
from math import exp, inf

import pytest

from analysis.detection.candidates import (
    BEYOND_DOUBT,
    FALSE_SHARE,
    beyond_usual,
    blocked_counts,
    candidates,
    least_score,
    throttled_counts,
    tides,
)
from analysis.detection.grid import DAY, Grid
from analysis.detection.scanning import Rise, Scan
from analysis.detection.series import Row, Series
from tests.unit.analysis.detection.tables import FIRST, counts, key, rows

GRID = Grid(FIRST, DAY, 180)


def told(*scores: float, tries: int = 2000) -> float:
    return least_score([Scan(tuple(Rise(0, 9, score) for score in scores), tries)])


def test_a_score_is_told_when_chance_makes_hardly_any_like_it() -> None:
    assert told(9.0) == 9.0
    assert told(8.0) == inf
    assert 2000 * exp(-9.0) < 10 * FALSE_SHARE < 2000 * exp(-8.0)


def test_among_many_true_ones_a_lower_score_will_do() -> None:
    assert told(*[40.0] * 50, 5.5) == 5.5


def test_no_rises_are_no_findings() -> None:
    assert told() == inf


def test_what_most_series_do_is_usual_and_what_few_do_is_strange() -> None:
    usual = [3.0 + n % 5 / 2 for n in range(200)]

    assert beyond_usual(usual) == BEYOND_DOUBT
    assert 7 < beyond_usual([*usual, *[15.0] * 10]) <= 15


def test_whole_lists_that_are_blocked_are_told_however_many_they_are() -> None:
    assert beyond_usual([0.0] * 10 + [60.0] * 30) <= BEYOND_DOUBT


def test_with_few_series_nothing_is_usual() -> None:
    assert beyond_usual([8.0] * 5) == 0.0


def test_down_and_inconclusive_looks_are_no_part_of_a_share() -> None:
    series = Series(key(), (Row(0, 3, 1, down=9), Row(1, down=5), Row(2, 2, 0, 2), Row(3, 4, 4)))

    blocked = blocked_counts(series, frozenset([3]))
    assert (blocked.at, blocked.of, blocked.hit, blocked.row) == ((0, 2), (4, 4), (1, 0), (0, 2))
    throttled = throttled_counts(series, frozenset())
    assert (throttled.at, throttled.of, throttled.hit) == ((0, 2, 3), (3, 4, 4), (0, 2, 0))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_an_episode_in_one_of_many_series_stands_out(seed: int) -> None:
    every = [
        Series(key(asn=n), rows(180, *([(90, 100, 0.9)] if n == 7 else []), seed=seed * 100 + n))
        for n in range(1, 31)
    ]
    found, least = candidates([(s, blocked_counts(s, frozenset())) for s in every], GRID)

    strong = [one.key.asn for one in found if any(r.score >= least for r in one.scan.rises)]
    assert strong == [7]


def test_episodes_in_a_third_of_the_series_are_no_usual_thing() -> None:
    usual, episodes = [3.0 + n % 5 / 2 for n in range(60)], [14.0 + n % 3 for n in range(30)]

    assert beyond_usual([*usual, *episodes]) == 14.0


def test_what_fails_in_all_series_at_once_is_nobodys_bad_day() -> None:
    chance = random.Random(3)
    weekend = {n for n in range(120) if n % 7 in {5, 6}}
    every = [
        counts(
            [8] * 120,
            [
                sum(chance.random() < (0.3 if n in weekend else 0.03) for _ in range(8))
                for n in range(120)
            ],
        )
        for _ in range(60)
    ]

    told = tides(every, [()] * 60)

    assert all(min(one.tide[5], one.tide[6]) > 1.7 for one in told)
    assert all(one.tide[n] < 1 for one in told for n in range(5))


def test_what_may_be_an_episode_raises_no_tide() -> None:
    calm = [counts([8] * 60, [1 if n % 10 == 0 else 0 for n in range(60)]) for _ in range(30)]
    blocked = [counts([8] * 60, [8 if 20 <= n < 30 else 0 for n in range(60)]) for _ in range(10)]
    rises = [()] * 30 + [(Rise(20, 30, 40.0),)] * 10

    told = tides([*calm, *blocked], rises)

    assert all(0.5 < tide < 2 for tide in told[0].tide[21:30])


def test_of_few_series_none_is_the_measure_of_the_others() -> None:
    assert tides([counts([8], [8])] * 3, [()] * 3) == [counts([8], [8])] * 3


@pytest.mark.parametrize("seed", [1, 2])
def test_over_years_an_episode_in_every_other_series_is_still_told(seed: int) -> None:
    days = 1080
    every = [
        Series(
            key(asn=n),
            rows(days, *([(90 + 20 * n, 105 + 20 * n, 0.7)] if n % 2 else []), seed=seed * 99 + n),
        )
        for n in range(1, 41)
    ]
    grid = Grid(FIRST, DAY, days)
    found, least = candidates([(s, blocked_counts(s, frozenset())) for s in every], grid)

    strong = [one.key.asn for one in found if any(r.score >= least for r in one.scan.rises)]
    assert strong == [n for n in range(1, 41) if n % 2]
