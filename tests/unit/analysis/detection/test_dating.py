"""Onset and end: the likeliest bucket, and an interval that holds the truth nine times in ten."""

import random

import pytest

from analysis.detection.dating import dates
from analysis.detection.noise import Noise
from analysis.detection.series import Counts
from tests.unit.analysis.detection.tables import counts

NOISE = Noise(0.03, 0.05, 0.0)


def test_a_clear_block_is_dated_to_the_bucket() -> None:
    found = dates(counts([12] * 60, [0] * 20 + [12] * 10 + [0] * 30), (22, 29), NOISE)

    assert found.end is not None
    assert (found.onset.at, found.end.at) == (20, 30)
    assert (found.onset.earliest, found.onset.latest) == (20, 21)
    assert (found.end.earliest, found.end.latest) == (30, 31)
    assert found.level == 1.0
    assert found.seen_before


def test_what_goes_on_to_the_last_bucket_has_no_end() -> None:
    found = dates(counts([12] * 30, [0] * 20 + [12] * 10), (20, 30), NOISE)

    assert found.end is None


def test_what_was_never_seen_open_may_be_older() -> None:
    found = dates(counts([12] * 30, [12] * 20 + [0] * 10), (0, 20), NOISE)

    assert not found.seen_before
    assert found.onset.at == found.onset.earliest == 0


def test_days_without_data_before_the_first_blocked_one_are_in_the_interval() -> None:
    at = (*range(10), *range(15, 25))
    series = Counts(at, (12,) * 20, (0,) * 10 + (12,) * 10, tuple(range(20)))
    found = dates(series, (10, 20), NOISE)

    assert (found.onset.earliest, found.onset.at) == (10, 15)


@pytest.mark.parametrize("share", [0.5, 0.75, 1.0])
def test_intervals_hold_the_truth_in_nine_of_ten(share: float) -> None:
    chance = random.Random(11)
    held = 0
    for _ in range(100):
        hit = [
            sum(chance.random() < (share if 30 <= n < 50 else 0.03) for _ in range(8))
            for n in range(80)
        ]
        found = dates(counts([8] * 80, hit), (31, 48), NOISE)
        assert found.end is not None
        held += found.onset.earliest <= 30 <= found.onset.latest
        held += found.end.earliest <= 50 <= found.end.latest

    assert held >= 180


def test_what_grows_slowly_may_have_begun_when_little_was_stopped() -> None:
    hit = [0] * 20 + [3, 4, 5, 6, 7, 8] + [12] * 15 + [0] * 20
    found = dates(counts([12] * len(hit), hit), (25, 41), NOISE)

    assert 17 <= found.onset.earliest <= found.onset.at <= 20
    assert 21 <= found.onset.latest <= 22


def test_a_single_odd_bucket_before_it_is_no_slow_growth() -> None:
    hit = [0] * 17 + [2, 0, 0] + [12] * 15 + [0] * 20
    found = dates(counts([12] * len(hit), hit), (20, 35), NOISE)

    assert found.onset.earliest == 20


def test_growth_is_dated_to_where_it_began_and_not_to_where_most_is_stopped() -> None:
    chance = random.Random(5)
    held = 0
    for _ in range(50):
        shares = [min(1.0, max(0.03, (n - 29) / 10)) if n < 60 else 0.03 for n in range(80)]
        hit = [sum(chance.random() < share for _ in range(12)) for share in shares]
        found = dates(counts([12] * 80, hit), (34, 60), NOISE)
        held += found.onset.earliest <= 30 < found.onset.latest
        assert abs(found.onset.at - 30) <= 4

    assert held >= 45
