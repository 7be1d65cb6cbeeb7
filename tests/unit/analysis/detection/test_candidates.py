"""Which rises are told: so many that few of them are chance."""

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
)
from analysis.detection.grid import DAY, Grid
from analysis.detection.scanning import Rise, Scan
from analysis.detection.series import Row, Series
from tests.unit.analysis.detection.tables import FIRST, key, rows

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
