"""How a series errs is estimated from what it does, and from others where that is little."""

import random

import pytest

from analysis.detection.noise import Moments, Noise, estimate, heard, moments, spreads
from tests.unit.analysis.detection.tables import counts

USUAL = Noise(0.03, 0.05, 0.3)


def bad_days(
    share: float, stay: float, places: int, days: int = 4000
) -> tuple[list[int], list[int]]:
    """Twelve looks a day from so many places, each of which is disturbed for days."""
    chance = random.Random(5)
    enter = share / (1 - share) * (1 - stay)
    bad = [chance.random() < share for _ in range(places)]
    hit = []
    for _ in range(days):
        bad = [chance.random() < (stay if one else enter) for one in bad]
        hit.append(sum(bad) * 12 // places)
    return [12] * days, hit


def test_looks_that_err_one_by_one_have_no_correlation() -> None:
    chance = random.Random(5)
    hit = [sum(chance.random() < 0.1 for _ in range(12)) for _ in range(4000)]
    found = estimate(moments(counts([12] * 4000, hit)), Moments(), USUAL)

    assert found.base == pytest.approx(0.1, abs=0.01)
    assert found.spread <= 0.02
    assert found.memory <= 0.3


def test_four_places_that_are_disturbed_for_days_show_as_four_and_for_days() -> None:
    found = estimate(moments(counts(*bad_days(0.1, 2 / 3, 4))), Moments(), USUAL)

    assert found.base == pytest.approx(0.1, abs=0.02)
    assert found.spread in (0.2, 0.3)
    assert found.memory == pytest.approx((2 / 3 - 0.037) * 0.25 / found.spread, abs=0.15)


def test_what_may_be_an_episode_is_no_noise() -> None:
    hit = [0] * 50 + [12] * 20 + [0] * 50
    found = estimate(moments(counts([12] * 120, hit), [(50, 70)]), Moments(), USUAL)

    assert found.base < 0.01


def test_of_hardly_anything_nothing_is_said() -> None:
    assert moments(counts([12] * 100, [12] * 100), [(0, 98)]) == Moments()
    assert estimate(Moments(), Moments(), USUAL)[0] == USUAL.base


def test_others_show_how_long_trouble_lasts() -> None:
    others = moments(counts(*bad_days(0.1, 2 / 3, 1)))
    own = moments(counts([12] * 60, [0] * 59 + [1]))

    assert estimate(own, others, USUAL).memory > 0.5
    assert estimate(own, Moments(), USUAL).memory < 0.4


def test_sums_add_up_and_can_be_taken_away() -> None:
    one, other = moments(counts([4] * 9, [1] * 9)), moments(counts([5] * 9, [2] * 9))

    assert ((one + other) - other).within == pytest.approx(one.within)
    assert ((one + other) - other).looks == one.looks
    assert one.times(2.0) == one + one


@pytest.mark.parametrize(
    ("of", "hit", "told"), [(40, 3, (40, 3)), (400, 30, (40, 3)), (10_000, 10_000, (40, 40))]
)
def test_no_bucket_is_heard_as_more_than_forty_looks(
    of: int, hit: int, told: tuple[int, int]
) -> None:
    assert heard(of, hit) == told


def test_with_fewer_vantages_than_usual_a_bucket_is_more_of_one_piece() -> None:
    told = counts([12, 12, 12, 6, 3], [0] * 5)._replace(vantages=(4, 4, 4, 2, 1))

    assert list(spreads(told, 0.2)) == [0.2, 0.2, 0.2, 0.4, 0.85]
    assert list(spreads(told._replace(vantages=()), 0.2)) == [0.2] * 5
