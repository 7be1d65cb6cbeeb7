"""Times on a grid: its width is found out, and nothing lies beside it."""

from datetime import UTC, datetime

import pytest

from analysis.detection.grid import DAY, Grid, NoGrid


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def test_the_width_is_the_widest_that_all_starts_lie_on() -> None:
    grid = Grid.of([at("2026-01-02"), at("2026-01-04"), at("2026-01-09")])

    assert (grid.width, grid.length) == (DAY, 8)
    assert grid.index(at("2026-01-04")) == 2
    assert grid.text(7) == "2026-01-09T00:00:00Z"


def test_hours_and_weeks_are_widths_as_well() -> None:
    assert Grid.of([at("2026-01-02T03:00"), at("2026-01-02T04:00")]).days == 1 / 24
    assert Grid.of([at("2026-01-05"), at("2026-01-12"), at("2026-01-26")]).days == 7


def test_months_are_counted_as_months() -> None:
    grid = Grid.of([at("2025-11-01"), at("2026-02-01"), at("2026-03-01")])

    assert (grid.width, grid.length) == (0, 5)
    assert [grid.text(n) for n in range(5)][1:3] == ["2025-12-01T00:00:00Z", "2026-01-01T00:00:00Z"]
    assert grid.index(at("2026-02-01")) == 3


def test_a_lone_bucket_is_a_day_and_none_is_no_time() -> None:
    assert Grid.of([at("2026-01-02")]) == Grid(at("2026-01-02"), DAY, 1)
    assert Grid.of([]).length == 0


def test_moments_that_were_not_rounded_are_no_starts() -> None:
    with pytest.raises(NoGrid, match="1 s"):
        Grid.of([at("2026-01-01"), at("2026-01-01") + 1, at("2026-02-01")])


@pytest.mark.parametrize(("width", "buckets"), [(DAY, 7), (3600, 168), (7 * DAY, 2)])
def test_a_week_in_buckets_is_at_least_what_is_asked(width: int, buckets: int) -> None:
    assert Grid(0, width, 10).in_days(7, least=2) == buckets
