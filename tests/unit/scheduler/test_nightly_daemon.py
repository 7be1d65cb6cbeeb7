"""When a night is due, and that one is made for all that were missed."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from itertools import islice

import pytest

from scheduler import nightly_daemon
from scheduler.nightly_daemon import Daily

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
AT = time(1, 30)


def daily(made: list[datetime]) -> Daily:
    def make() -> Iterator[None]:
        made.append(NOW)
        yield

    return Daily(AT, make, lambda: NOW)


@pytest.mark.parametrize(
    ("done", "due"),
    [
        (None, NOW),
        (NOW - timedelta(days=9), NOW),
        (datetime(2026, 11, 23, 1, 29, tzinfo=UTC), NOW),
        (datetime(2026, 11, 23, 1, 30, tzinfo=UTC), datetime(2026, 11, 24, 1, 30, tzinfo=UTC)),
        (NOW, datetime(2026, 11, 24, 1, 30, tzinfo=UTC)),
    ],
)
def test_a_night_that_was_missed_is_due_at_once_and_else_the_next(
    done: datetime | None, due: datetime
) -> None:
    assert daily([]).next_after(done) == due


def test_before_its_time_the_night_of_the_day_before_counts() -> None:
    late = Daily(time(23, 0), lambda: iter(()), lambda: NOW)

    assert late.next_after(datetime(2026, 11, 22, 23, 5, tzinfo=UTC)).day == 23
    assert late.next_after(datetime(2026, 11, 22, 22, 5, tzinfo=UTC)) == NOW


@pytest.mark.parametrize(("done", "nights"), [(None, 1), (NOW, 0)])
def test_for_all_that_were_missed_one_night_is_made(
    done: datetime | None, nights: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nightly_daemon, "_WAKE", 0.01)
    made: list[datetime] = []
    turns = daily(made).turns(done)
    list(islice(turns, 5))
    turns.close()

    assert len(made) == nights
