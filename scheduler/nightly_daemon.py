"""A night every day: when it is due, and one at once for all that were missed."""

from collections.abc import Callable, Generator, Iterator
from datetime import UTC, datetime, time, timedelta
from threading import Event

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger

_LATE = 3600 * 20
"""Seconds after its time at which a night is still made: a computer may have slept."""
_WAKE = 0.5
"""Seconds between two looks whether it is time; signals are heard in between."""


class Daily:
    """Makes a night each day at a time of day in UTC, never two at once."""

    def __init__(
        self, at: time, make: Callable[[], Iterator[None]], now: Callable[[], datetime]
    ) -> None:
        self._make = make
        self._now = now
        self._at = at
        self._due = Event()

    def next_after(self, done: object) -> datetime:
        """When the next night is due, given when the last whole one began (None: there is none)."""
        now = self._now()
        last_time = self._last_time(now)
        if not isinstance(done, datetime) or done < last_time:
            return now
        return last_time + timedelta(days=1)

    def turns(self, done: object) -> Generator[None]:
        """Wait and make nights, for ever, step by step.

        The clock only says that a night is due: it is made here, by the one who opened the
        database, so that a second can't begin while one is under way. However many were due
        meanwhile, one is made.
        """
        scheduler = BackgroundScheduler(timezone=UTC)
        trigger = CronTrigger(hour=self._at.hour, minute=self._at.minute, timezone=UTC)
        scheduler.add_job(
            self._due.set, trigger, coalesce=True, max_instances=1, misfire_grace_time=_LATE
        )
        if self.next_after(done) <= self._now():
            self._due.set()
        scheduler.start()
        try:
            while True:
                if self._due.wait(_WAKE):
                    self._due.clear()
                    yield from self._make()
                yield
        finally:
            scheduler.shutdown(wait=False)

    def _last_time(self, now: datetime) -> datetime:
        """The last moment at which a night was due."""
        today = datetime.combine(now.date(), self._at, UTC)
        return today if today <= now else today - timedelta(days=1)
