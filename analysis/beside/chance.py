"""Whether what was lost under one name is more than a line with losses takes from any name."""

from math import comb


def as_often(hits: int, drawn: int, marked: int, population: int) -> float:
    """Probability of at least so many hits among those drawn from a population without return
    (Fisher's exact test, one-sided)."""
    ways = sum(
        comb(marked, k) * comb(population - marked, drawn - k)
        for k in range(hits, min(marked, drawn) + 1)
    )
    return ways / comb(population, drawn)
