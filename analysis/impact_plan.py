"""What an examination of an event will do, set down before it sees a number; its fingerprint."""

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from hashlib import sha256
from urllib.parse import urlsplit

import msgspec

from analysis.events import Event, Window

METHOD = 3
"""Raised when the same plan and data may give another answer."""


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that is free to choose; the same plan and data give the same answer."""

    method: int = METHOD
    event: str
    edition: str
    """Version and date of the file the event is from."""
    country: str
    categories: tuple[str, ...]
    """Empty when no list says what kind of site a target is: then all targets count."""
    listed: tuple[str, ...]
    """The URLs that a list puts under these categories; another list makes another plan."""
    targets: tuple[str, ...]
    """Hosts that the event itself names."""
    probes: tuple[str, ...]
    before_from: str
    before_to: str
    """The last day of this side."""
    after_from: str
    after_to: str
    alpha: float = 0.05
    least_share_of_days: float = 0.5
    """A series counts when it has data in so many buckets of either side."""
    least_effect: float = 0.05
    """A smaller change of the share is not called one."""
    widest: float = 0.3
    """An interval that reaches further than that to either side decides nothing."""

    @property
    def digest(self) -> str:
        """SHA-256 of the plan as JSON with sorted keys; to be published before the data are in."""
        return sha256(msgspec.json.encode(self, order="sorted")).hexdigest()


def plan_of(
    event: Event,
    edition: str,
    *,
    window: Window | None = None,
    kinds: Iterable[tuple[str, str | None]] | None = None,
) -> Plan:
    """The plan for an event; ``kinds``: URLs of a list, each with its category there, if any."""
    days = window or event.window
    onset = date.fromisoformat(event.onset_from)
    known = event.onset_from == event.onset_to
    after = date.fromisoformat(event.onset_to) + timedelta(days=0 if known else 1)
    past = onset - timedelta(days=days.lead)
    return Plan(
        event=event.id,
        edition=edition,
        country=event.country,
        categories=() if kinds is None else event.categories,
        listed=tuple(sorted({url for url, kind in kinds or () if kind in event.categories})),
        targets=event.targets,
        probes=event.probes,
        before_from=_day(past - timedelta(days=days.before)),
        before_to=_day(past - timedelta(days=1)),
        after_from=_day(after),
        after_to=_day(after + timedelta(days=days.after - 1)),
    )


def about(plan: Plan) -> Callable[[str], bool]:
    """Whether the event is about a target, a URL or a host: as the event or the list names it.

    About all, where neither names any.
    """
    if not plan.targets and not plan.categories:
        return lambda _: True
    listed = {*plan.listed, *(host_of(url) for url in plan.listed)}

    def is_named(target: str) -> bool:
        host = host_of(target)
        by_host = any(host == name or host.endswith(f".{name}") for name in plan.targets)
        return by_host or target in listed

    return is_named


def host_of(target: str) -> str:
    """The host of a URL, or of what begins with one."""
    try:
        return (
            urlsplit(target).hostname if "://" in target else target.partition("/")[0]
        ) or target
    except ValueError:  # anybody's file may hold anything
        return target


def _day(day: date) -> str:
    return day.isoformat()
