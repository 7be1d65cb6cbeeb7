"""Slow under one name alone, or slow by chance, by the line, by the server."""

import itertools
import random
from statistics import median

import pytest

from analysis.pace import (
    came_slowly,
    even,
    frozen,
    median_interval,
    pairs_of,
    slowed,
    told,
)
from heliograph.failure import Failure
from tests.unit.analysis.builders import CONTROL, HOST
from tests.unit.analysis.paced import FAST, SLOW, cut, half, pair, trials


def test_the_requests_of_one_connection_make_one_half() -> None:
    steps = (
        half(0, 0.2, name=CONTROL, size=30_000),
        half(0, 0.3, name=CONTROL, size=36_000),
        half(0, 4.0),
    )
    (one,) = pairs_of(steps)

    assert (one.control.bytes, one.control.seconds, one.control.name) == (66_000, 0.5, CONTROL)
    assert (one.target.bytes, one.target.name) == (65_536, HOST)
    assert one.ratio == pytest.approx((65_536 / 4.0) / (66_000 / 0.5))


def test_a_half_that_never_was_makes_no_pair() -> None:
    assert pairs_of((half(0, FAST, name=CONTROL),)) == ()
    assert pairs_of((half(0, FAST),)) == ()


def test_the_pairs_of_another_hop_are_not_this_one_s() -> None:
    assert pairs_of(pair(0), hop=2) == ()


def test_five_slow_pairs_are_no_chance() -> None:
    assert slowed(pairs_of(trials()))


@pytest.mark.parametrize("place", range(5))
def test_one_pair_that_is_not_slow_is_enough_to_say_nothing(place: int) -> None:
    targets = [SLOW] * 5
    targets[place] = FAST

    assert not slowed(pairs_of(trials(targets)))


def test_four_pairs_are_too_few() -> None:
    assert not slowed(pairs_of(trials([SLOW] * 4, [FAST] * 4)))


def test_a_line_that_is_slow_for_every_name_slows_nobody_down() -> None:
    pairs = pairs_of(trials([SLOW] * 5, [SLOW] * 5))

    assert not slowed(pairs)
    assert even(pairs)


def test_what_is_over_in_a_moment_says_nothing_of_a_line() -> None:
    assert not slowed(pairs_of(trials([0.4] * 5, [0.1] * 5)))


def test_half_the_speed_is_not_called_throttled() -> None:
    assert not slowed(pairs_of(trials([2.0] * 5, [1.1] * 5)))


@pytest.mark.parametrize("seed", range(5))
def test_lines_that_waver_are_never_called_throttled(seed: int) -> None:
    """Speeds that jump about by a factor of three, whatever the name."""
    chance = random.Random(seed)
    for _ in range(200):
        targets, controls = ([chance.uniform(1.5, 4.5) for _ in range(5)] for _ in range(2))
        assert not slowed(pairs_of(trials(targets, controls)))


@pytest.mark.parametrize(
    "odd",
    [
        half(2, FAST, name=CONTROL, status=403),
        half(2, FAST, name=CONTROL, size=400),
        half(2, FAST, name=CONTROL, failure=Failure.CONNECTION_RESET),
        half(2, FAST, name=CONTROL, status=None, size=0),
    ],
    ids=["another status", "too little", "broken off", "no answer"],
)
def test_another_page_under_the_other_name_is_no_half_of_a_pair(odd: object) -> None:
    steps = [odd if s.pair == "pace 2" and s.host == CONTROL else s for s in trials()]

    assert not slowed(pairs_of(steps))  # type: ignore[arg-type]


def test_a_page_too_slow_to_bring_twenty_kilobytes_is_slow_all_the_same() -> None:
    steps = [s if s.host == CONTROL else half(int((s.pair or "")[-1]), 20.0, size=9000)
             for s in trials() if s.kind == "http_exchange"]  # fmt: skip

    assert slowed(pairs_of(steps))


def test_a_page_that_stops_each_time_under_its_own_name_alone_is_frozen() -> None:
    steps = [s for n in range(3) for s in cut(n)]

    assert frozen(pairs_of(steps))
    assert not frozen(pairs_of(steps[:4]))
    assert not slowed(pairs_of(steps))


def test_a_page_that_arrives_once_is_not_frozen() -> None:
    steps = [*(s for n in range(3) for s in cut(n)), *pair(3)]

    assert not frozen(pairs_of(steps))


def test_a_page_that_never_began_is_not_frozen() -> None:
    steps = [s for n in range(3) for s in (half(n, FAST, name=CONTROL), half(n, 10.0, size=0,
             status=None, failure=Failure.GENERIC_TIMEOUT_ERROR))]  # fmt: skip

    assert not frozen(pairs_of(steps))


@pytest.mark.parametrize("count", [1, 3, 5, 7])
def test_the_interval_is_that_of_all_resamples(count: int) -> None:
    values = [float(n * n) for n in range(count)]
    medians = sorted(median(sample) for sample in itertools.product(values, repeat=count)
                     ) if count < 7 else []  # fmt: skip
    low, high = median_interval(values, 0.9)

    if medians:
        assert low == medians[int(0.05 * len(medians))]
        assert high == medians[int(0.95 * len(medians) - 1e-9)]
    assert low <= median(values) <= high


def test_an_interval_of_five_holds_all_of_them_and_one_of_many_does_not() -> None:
    assert median_interval([0.1, 0.2, 0.3, 0.4, 0.5]) == (0.1, 0.5)
    low, high = median_interval([float(n) for n in range(101)])
    assert 0 < low < 50 < high < 100


def test_a_page_is_worth_asking_about_when_much_of_it_came_slowly() -> None:
    assert came_slowly(half(0, SLOW))
    assert not came_slowly(half(0, FAST))
    assert not came_slowly(half(0, SLOW, size=3000))
    assert not came_slowly(half(0, SLOW, failure=Failure.CONNECTION_RESET))


def test_both_speeds_are_told_and_what_was_said_instead() -> None:
    words = told(pairs_of(trials()))

    assert words == {
        "slow": "128",
        "fast": "5,243",
        "pairs": "5",
        "part": "2.4 % (2.4 to 2.4)",
        "other": CONTROL,
    }
