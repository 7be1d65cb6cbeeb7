"""However many processes count a night, it comes to the same tables."""

import pytest

from scheduler.nightly_workers import shares

DAYS = [f"2026-11-{day:02}" for day in range(1, 31)]


@pytest.mark.parametrize("workers", [1, 2, 7, 29, 30, 31, 64])
def test_each_day_is_one_workers_and_neighbours_stay_together(workers: int) -> None:
    divided = shares(DAYS, workers)
    assert [day for some in divided for day in some] == DAYS
    assert len(divided) == min(workers, len(DAYS))
    lengths = {len(some) for some in divided}
    assert max(lengths) - min(lengths) <= 1


def test_no_days_are_no_work() -> None:
    assert shares([], 3) == []
