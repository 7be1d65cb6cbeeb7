"""Dated events of internet policy, with sources: versioned data of ours, and what makes it sound.

What stands in ``events.toml`` was reported by others, each entry says where and when. An event says
that something happened, never that it did anything to the network: analysis/impact.py asks that.
"""

import re
from calendar import monthrange
from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from functools import cache

import msgspec

from heliograph.categories import CATEGORIES


class BadEvents(ValueError):
    """The data can't be used; the message names the entry and what is wrong with it."""


class Precision(StrEnum):
    """How exactly the onset is known; of a month, the onset is all of its days."""

    DAY = "day"
    MONTH = "month"


class Type(StrEnum):
    """What kind of event it was."""

    CAMPAIGN = "campaign"
    LAW = "law"
    """A law came into force."""
    RULE = "rule"
    """Rules of an authority came into force."""
    DRAFT = "draft"
    MEETING = "meeting"
    DEATH = "death"
    REVERSAL = "reversal"
    """Something that was announced was taken back."""


class Source(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where it can be read."""

    publisher: str
    title: str
    """Its own, or what it is about where the page was seen without one."""
    url: str
    date: str
    """YYYY-MM-DD; YYYY-MM or YYYY where the page shows no more."""


class Window(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which days are compared, set down before anybody looks at them."""

    before: int = 28
    after: int = 28
    lead: int = 0
    """Days right before the onset that are on neither side, as it cast its shadow ahead."""


class Event(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    tag_field="kind",
    tag="event",
):
    """One event; also one line of ``heliograph events --json``. Dates are YYYY-MM-DD, UTC."""

    id: str
    """Permanent name."""
    type: Type
    country: str
    """ISO 3166-1."""
    title: str
    onset_from: str
    onset_to: str
    """It began between these days; the same where the day is known."""
    precision: Precision = Precision.DAY
    end: str | None = None
    """Its last day; None: it goes on, or set something that stays."""
    categories: tuple[str, ...] = ()
    """Kinds of site it is about, codes of heliograph/categories.py; none: about no kind apart."""
    targets: tuple[str, ...] = ()
    """Hosts it is about; those below them count."""
    probes: tuple[str, ...] = ()
    """Probes that could see it; none: any."""
    window: Window = Window()
    note: str = ""
    sources: tuple[Source, ...] = ()


class Events(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All events of a file, with the version and the date an answer names."""

    version: int
    date: str
    event: tuple[Event, ...] = ()

    @property
    def edition(self) -> str:
        """Version and date in one."""
        return f"{self.version} ({self.date})"


@cache
def shipped() -> Events:
    """The events that come with Heliograph; read once, when first asked for."""
    from importlib.resources import files

    return read_events((files("analysis") / "events.toml").read_bytes())


def read_events(data: bytes) -> Events:
    """Events from TOML; raises BadEvents for what is no such file, and for the first bad entry."""
    try:
        read = msgspec.toml.decode(data, type=Events)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadEvents(str(error)) from error
    for problem in problems(read):
        raise BadEvents(problem)
    return read


def problems(read: Events) -> Iterator[str]:
    """What is wrong with them, entry by entry."""
    if not _is_day(read.date):
        yield f"date {read.date!r} is no day"
    seen = set()
    for event in read.event:
        if event.id in seen:
            yield f"{event.id}: there are two of this id"
        seen.add(event.id)
        yield from (f"{event.id}: {problem}" for problem in _problems(event))


def _problems(event: Event) -> Iterator[str]:
    if not re.fullmatch(r"[A-Z]{2}", event.country):
        yield f"country {event.country!r} is no code of ISO 3166-1"
    yield from _problems_of_dates(event)
    unknown = [code for code in event.categories if code not in CATEGORIES]
    if unknown:
        yield f"there is no category {unknown[0]}"
    if min(event.window.before, event.window.after) < 1 or event.window.lead < 0:
        yield "a window has a day or more on either side"
    if not event.sources:
        yield "it has no source"
    for source in event.sources:
        yield from _problems_of_source(source)


def _problems_of_source(source: Source) -> Iterator[str]:
    if not (source.publisher and source.title):
        yield "a source has no publisher or no title"
    if not source.url.startswith(("https://", "http://")):
        yield f"{source.url!r} is no address of a source"
    if not _is_date(source.date):
        yield f"date {source.date!r} of a source is none"


def _problems_of_dates(event: Event) -> Iterator[str]:
    days = [event.onset_from, event.onset_to, *([event.end] if event.end else ())]
    if not all(map(_is_day, days)):
        yield "a date is not written YYYY-MM-DD"
    elif days != sorted(days):
        yield "its dates are not in order"
    elif event.precision is Precision.MONTH:
        first, last = map(date.fromisoformat, days[:2])
        whole = first.day == 1 and last.day == monthrange(last.year, last.month)[1]
        if not whole or (first.year, first.month) != (last.year, last.month):
            yield "of a month the onset is its first to its last day"


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _is_date(text: str) -> bool:
    return _is_day(f"{text}{'-01-01'[len(text) - 4 :]}")
