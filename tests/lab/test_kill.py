"""Killed at any moment, a run loses nothing it told of, and the same command finishes it."""

import random

from benchmarks.kill import killed


def test_eight_kills_lose_and_double_nothing() -> None:
    tally = killed(8, random.Random(20261124))

    assert tally.problems == []
    assert tally.kills == 8
    assert tally.during_looks > 0, "some came in the middle"
