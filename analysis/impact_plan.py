"""What an examination of an event will do, set down before it sees a number; its fingerprint."""

from collections.abc import Collection
from datetime import date, timedelta
from hashlib import sha256

import msgspec

from analysis.events import Event, Window

METHOD = 1
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
    targets: tuple[str, ...]
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
    event: Event, edition: str, *, window: Window | None = None, with_kinds: bool = False
) -> Plan:
    """The plan for an event; ``with_kinds``: there is a list that knows targets' categories."""
    days = window or event.window
    onset = date.fromisoformat(event.onset_from)
    known = event.onset_from == event.onset_to
    after = date.fromisoformat(event.onset_to) + timedelta(days=0 if known else 1)
    past = onset - timedelta(days=days.lead)
    return Plan(
        event=event.id,
        edition=edition,
        country=event.country,
        categories=event.categories if with_kinds else (),
        targets=event.targets,
        probes=event.probes,
        before_from=_day(past - timedelta(days=days.before)),
        before_to=_day(past - timedelta(days=1)),
        after_from=_day(after),
        after_to=_day(after + timedelta(days=days.after - 1)),
    )


def is_named(plan: Plan, host: str, kinds: Collection[str]) -> bool:
    """Whether the event is about a target: by its host or one of its kinds; about all, if none."""
    if not plan.targets and not plan.categories:
        return True
    by_host = any(host == name or host.endswith(f".{name}") for name in plan.targets)
    return by_host or any(kind in plan.categories for kind in kinds)


def _day(day: date) -> str:
    return day.isoformat()
