"""Slow under one name alone, or slow by chance, by the line, by the server."""

import itertools
import random
from statistics import median

import msgspec
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
from heliograph.model import PAIR_LATER
from tests.unit.analysis.builders import CONTROL, HOST, REAL
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


def test_requests_of_another_pair_are_no_trials() -> None:
    others = [msgspec.structs.replace(s, pair=PAIR_LATER) for s in pair(0)]

    assert pairs_of(others) == ()


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


def test_a_page_of_just_enough_bytes_is_timed() -> None:
    sizes = ((CONTROL, FAST), (HOST, SLOW))
    steps = [half(n, s, name=name, size=20_480) for n in range(5) for name, s in sizes]

    assert slowed(pairs_of(steps))


@pytest.mark.parametrize(
    ("size", "ended"), [(9_000, None), (30_000, Failure.CONNECTION_RESET)], ids=["short", "cut"]
)
def test_a_page_that_is_short_or_breaks_off_tells_no_speed(
    size: int, ended: Failure | None
) -> None:
    """A server may have another page for its own name, and one that ends early was not timed."""
    steps = [
        s
        for n in range(5)
        for s in (half(n, FAST, name=CONTROL), half(n, 2.0, size=size, failure=ended))
    ]

    assert not slowed(pairs_of(steps))


def test_the_page_of_another_name_has_no_part_in_what_is_compared() -> None:
    refused = (half(9, FAST, name=CONTROL, status=421), half(9, FAST))
    stalled = (refused[0], cut(9)[1])

    assert not even(pairs_of([*refused, *pair(0, FAST)]))
    assert even(pairs_of([*stalled, *trials([FAST] * 2, [FAST] * 2)]))
    assert told(pairs_of([*refused, *trials()])) == told(pairs_of(trials()))


def test_a_page_that_is_a_little_slower_each_time_is_not_as_fast() -> None:
    assert not even(pairs_of(trials([1.7] * 5, [1.0] * 5)))


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


@pytest.mark.parametrize(
    "ended", [Failure.GENERIC_TIMEOUT_ERROR, Failure.CONNECTION_RESET, Failure.EOF_ERROR]
)
def test_a_page_that_stops_each_time_under_its_own_name_alone_is_frozen(ended: Failure) -> None:
    steps = [s for n in range(3) for s in cut(n, failure=ended)]

    assert frozen(pairs_of(steps))
    assert not frozen(pairs_of(steps[:4]))
    assert not slowed(pairs_of(steps))


def test_a_page_that_arrives_once_is_not_frozen() -> None:
    steps = [*(s for n in range(3) for s in cut(n)), *pair(3)]

    assert not frozen(pairs_of(steps))


@pytest.mark.parametrize("status", [200, None])
def test_a_line_that_stops_the_other_name_now_and_then_freezes_nobody(status: int | None) -> None:
    """Each page stalls with an even chance: in three pairs it is the target's alone."""
    timeout = Failure.GENERIC_TIMEOUT_ERROR
    size = 16_384 if status else 0
    stalled = (
        half(n, 10.0, name=CONTROL, size=size, status=status, failure=timeout) for n in (3, 4)
    )
    steps = [s for n in range(3) for s in cut(n)]
    steps += [s for one in stalled for s in (one, half(int((one.pair or "")[-1]), FAST))]

    assert not frozen(pairs_of(steps))


def test_another_page_under_the_other_name_is_no_bad_line() -> None:
    refused = (half(3, FAST, name=CONTROL, status=421), half(3, 10.0, size=16_384))

    assert frozen(pairs_of([*refused, *(s for n in range(3) for s in cut(n))]))


def test_a_page_that_stops_now_and_then_under_its_name_alone_is_not_as_fast() -> None:
    steps = [*pair(0, FAST), *cut(1), *pair(2, FAST)]

    assert not even(pairs_of(steps))
    assert even(pairs_of([*steps[:4], *steps[6:]]))


def test_a_connection_that_ends_badly_after_the_whole_page_is_not_frozen() -> None:
    assert not frozen(pairs_of([s for n in range(3) for s in cut(n, size=65_536)]))


def test_a_page_of_which_no_byte_came_is_not_frozen() -> None:
    assert not frozen(pairs_of([s for n in range(3) for s in cut(n, size=0)]))


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
    assert median_interval([float(n) for n in range(100)]) == (0, 99)
    low, high = median_interval([float(n) for n in range(101)])
    assert (low, high) == (40, 60)


def test_a_page_is_worth_asking_about_when_much_of_it_came_slowly() -> None:
    assert came_slowly(half(0, SLOW))
    assert not came_slowly(half(0, FAST))
    assert not came_slowly(half(0, SLOW, size=3000))
    assert not came_slowly(half(0, SLOW, failure=Failure.CONNECTION_RESET))
    assert not came_slowly(half(0, SLOW, size=1_000_000))
    assert not came_slowly(half(0, 0.5, size=20_480))


def test_an_address_that_stands_for_the_name_is_told_as_no_name() -> None:
    nameless = (half(0, FAST, name=REAL), half(0, SLOW))
    nameless = (msgspec.structs.replace(nameless[0], address=REAL), nameless[1])

    assert told(pairs_of(nameless))["other"] == "no name at all"


def test_both_speeds_are_told_and_what_was_said_instead() -> None:
    words = told(pairs_of(trials()))

    assert words == {
        "slow": "128",
        "fast": "5,243",
        "pairs": "5",
        "part": "2.4 % (2.4 to 2.4)",
        "other": CONTROL,
    }
