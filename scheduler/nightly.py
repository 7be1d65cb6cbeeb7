"""The night: judge what is new, count the days that changed, look for patterns, show it at once."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

import msgspec

from analysis.aggregates import Weighed, day_after, days_between, flags_of, share_of, table_of
from analysis.detection.detect import detect
from analysis.events import shipped
from analysis.rules import RULESET_VERSION
from heliograph.cell import Counted
from heliograph.finding import Finding
from heliograph.text import counted
from scheduler.rejudging import Rejudging, is_behind
from storage.looks import Change, Looks
from storage.nights import Day, Night, Told
from storage.store import Store

METHOD = 1
"""Raised when the same looks come to other cells: every day is then built anew."""
DEFAULT_DAYS = 180
"""Days of the window, today included."""

_AT_ONCE = 100_000
"""Looks that are counted in one question, unless a single day has more."""
_FRUITLESS = 2


class Made(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="night"):
    """What came of a night."""

    begun: datetime
    first_day: str
    last_day: str
    ruleset_version: int
    judged: int
    """Measurements judged in it."""
    unreadable: int
    """Measurements this version can't judge; they are in no cell."""
    days_built: int
    """Days that had changed since they were built last."""
    cells: int
    findings: int
    seconds: float


class NightWork:
    """One night over one database; the lock is the caller's, and so is noting that it failed.

    Killed at any moment it leaves what was shown before; verdicts are kept, and the rest is done
    again by the next.
    """

    def __init__(
        self, store: Store, looks: Looks, now: Callable[[], datetime], days: int = DEFAULT_DAYS
    ) -> None:
        self._store = store
        self._looks = looks
        self._now = now
        self._days = days
        self._judged = 0
        self.unreadable: dict[str, str] = {}
        """By id, why a measurement can't be judged by this version; it is in no cell."""
        self.made: Made | None = None
        """What came of it, once all steps were taken."""

    def steps(self) -> Iterator[str]:
        """Take the steps one after another; after each, a line that says what was done."""
        begun = self._now()
        self._store.nights.begin(begun)
        yield from self._judge()
        ruleset = self._looks.ruleset() or RULESET_VERSION
        today = f"{begun:%Y-%m-%d}"
        first, last = self._window(today)
        changes = self._looks.changes(first, last)
        built: list[Day] = []
        for some in self._changed(changes, first, last, ruleset):
            self._build(some, changes)
            built += some
            yield f"counted {counted(len(built), 'day')} anew"
        found = self._detect(first, min(day_after(last), today), built)
        yield counted(len(found), "finding")
        newest = max((one.newest for one in changes.values()), default=None)
        night = Night(
            begun=begun,
            ended=self._now(),
            first_day=first,
            last_day=last,
            newest_measurement=None if newest is None else datetime.fromisoformat(newest),
            ruleset_version=ruleset,
        )
        told = self._store.nights.publish(night, built, found, shipped().event)
        self.made = self._summed(night, told)

    def _judge(self) -> Iterator[str]:
        """Give each measurement without one a verdict of the rules in force, or of newer ones."""
        ruleset = self._store.current_ruleset()
        if ruleset is not None and ruleset > RULESET_VERSION:
            return  # a newer version's database: it judges, and this one counts
        work = Rejudging(self._store)
        fruitless, behind = 0, is_behind(self._store)
        while fruitless < _FRUITLESS:
            before = work.seen
            for _ in work.batches():
                yield f"judged {counted(work.judged, 'measurement')}"
            if not behind or work.switch():
                break
            fruitless = fruitless + 1 if work.seen == before else 0
        self._judged, self.unreadable = work.judged, work.unreadable

    def _window(self, today: str) -> tuple[str, str]:
        """First and last day: up to today, or for old data up to the newest day there is."""
        first = day_after(today, 1 - self._days)
        newest = self._looks.newest_day(today)
        if newest is None or newest >= first:
            return first, today
        return day_after(newest, 1 - self._days), newest

    def _changed(
        self, changes: dict[str, Change], first: str, last: str, ruleset: int
    ) -> Iterator[list[Day]]:
        """The days that are not shown as they are now, few enough at once to be held in memory.

        Days before the first look of all are none; a silent one after it is.
        """
        shown = self._store.nights.shown()
        begins = min((*changes, *(day for day in shown if first <= day <= last)), default=None)
        if begins is None:
            return
        some: list[Day] = []
        held = 0
        for day in days_between(begins, last):
            fingerprint = _fingerprint(changes.get(day), ruleset)
            was = shown.get(day)
            if was is not None and was.fingerprint == fingerprint:
                continue
            some.append(Day(day=day, build=1 + (was.build if was else 0), fingerprint=fingerprint))
            held += changes[day].looks if day in changes else 0
            if held >= _AT_ONCE:
                yield some
                some, held = [], 0
        if some:
            yield some

    def _build(self, built: Sequence[Day], changes: dict[str, Change]) -> None:
        builds = {one.day: one.build for one in built}
        filled = [one.day for one in built if one.day in changes]
        if filled:
            self._store.nights.stage(
                _as_kept(cell, builds[cell.day]) for cell in self._looks.cells(filled)
            )

    def _detect(self, first: str, past: str, built: Sequence[Day]) -> tuple[Finding, ...]:
        """What the days that are over show; what is missing of today is no silence."""
        cells = self._store.nights.weighed(first, past, built)
        begins = self._first_shown(first, built)
        return detect(table_of(map(Weighed._make, cells), begins, past))

    def _first_shown(self, first: str, built: Sequence[Day]) -> str:
        days = {*self._store.nights.shown(), *(one.day for one in built)}
        return min((day for day in days if day >= first), default=first)

    def _summed(self, night: Night, told: Told) -> Made:
        return Made(
            begun=night.begun,
            first_day=night.first_day,
            last_day=night.last_day,
            ruleset_version=night.ruleset_version,
            judged=self._judged,
            unreadable=len(self.unreadable),
            days_built=told.n_days_built,
            cells=told.n_cells,
            findings=told.n_findings,
            seconds=(night.ended - night.begun).total_seconds(),
        )


def _fingerprint(change: Change | None, ruleset: int) -> str:
    """What a day's cells were made of. Rows are added or forgotten, never changed."""
    parts = ("0",) if change is None else change[1:]
    return " ".join((f"method {METHOD}", f"ruleset {ruleset}", *map(str, parts)))


def _as_kept(cell: Counted, build: int) -> dict[str, object]:
    """A counted cell as the row of it."""
    share = share_of(cell.n_ok, cell.n_blocked, cell.n_throttled)
    flags = msgspec.json.encode(flags_of(cell)).decode()
    return {**cell._asdict(), **share._asdict(), "flags": flags, "build": build}
