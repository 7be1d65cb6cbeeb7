"""How probable it is that chance alone gives one of two so much of what was lost."""

import pytest

from analysis.beside.chance import as_often


@pytest.mark.parametrize(
    ("hits", "drawn", "marked", "population", "probability"),
    [
        (0, 3, 2, 9, 1.0),
        (3, 3, 3, 7, 1 / 35),
        (2, 3, 2, 9, 1 / 12),
        (2, 2, 3, 8, 3 / 28),
        (3, 4, 3, 12, 4 / 220),
        (4, 3, 4, 9, 0.0),
    ],
)
def test_it_is_that_of_fisher_s_exact_test(
    hits: int, drawn: int, marked: int, population: int, probability: float
) -> None:
    assert as_often(hits, drawn, marked, population) == pytest.approx(probability)


def test_all_that_is_lost_is_distributed_somehow() -> None:
    at_least = [as_often(hits, 4, 3, 10) for hits in range(5)]

    assert at_least == sorted(at_least, reverse=True)
    assert at_least[0] == pytest.approx(1.0)
    assert at_least[4] == 0.0
