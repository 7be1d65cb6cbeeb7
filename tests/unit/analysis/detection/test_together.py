"""Evidence of several networks of a country adds up, where they begin to fail together."""

from collections.abc import Sequence

import pytest

from analysis.detection.candidates import Candidate
from analysis.detection.grid import DAY, Grid
from analysis.detection.noise import Noise
from analysis.detection.scanning import Rise, Scan
from analysis.detection.series import Key, Series
from analysis.detection.together import together
from tests.unit.analysis.detection.tables import FIRST, counts, key

GRID = Grid(FIRST, DAY, 60)


def candidate(of: Key, *rises: Rise) -> Candidate:
    return Candidate(
        of, Series(of, ()), counts([4] * 60, [0] * 60), Noise(0.02, 0.05, 0.0), Scan(rises, 240)
    )


def scores(found: Sequence[Candidate]) -> list[float]:
    return [rise.score for one in together(found, GRID) for rise in one.scan.rises]


def test_three_networks_that_begin_in_the_same_days_have_more_together_than_each() -> None:
    found = [candidate(key(asn=n), Rise(20 + n, 30, 9.0)) for n in (1, 2, 3)]

    assert min(scores(found)) > 14
    assert max(scores(found)) < 27


@pytest.mark.parametrize(
    "other",
    [
        candidate(key(asn=2), Rise(40, 50, 9.0)),
        candidate(key("XB", 2), Rise(20, 30, 9.0)),
        candidate(key(asn=2, target="https://other.test/"), Rise(20, 30, 9.0)),
        candidate(key(asn=2), Rise(20, 30, 4.0)),
    ],
    ids=["weeks later", "another country", "another target", "hardly anything"],
)
def test_what_is_apart_adds_nothing(other: Candidate) -> None:
    found = [candidate(key(asn=1), Rise(20, 30, 9.0)), other]

    assert scores(found)[0] == 9.0


def test_of_one_network_the_largest_rise_counts_once() -> None:
    found = [candidate(key(asn=1), Rise(20, 24, 7.0), Rise(22, 30, 9.0))]

    assert scores(found) == [7.0, 9.0]
