"""Which stored results a command is about: the filters that ``results`` and ``report`` share."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import get_close_matches

from analysis.rules import RULES
from heliograph.categories import CATEGORIES
from heliograph.cli.exits import ExitCode, Stop
from heliograph.cli.targets import packs, read_named
from heliograph.model import SURROUNDINGS, State
from probes.registry import installed
from storage.queries import RowQuery
from storage.store import Store


@dataclass(frozen=True, slots=True)
class Filters:
    """What the user wrote; None is no filter."""

    state: str | None = None
    host: str | None = None
    probe: str | None = None
    since: str | None = None
    technique: str | None = None
    category: str | None = None
    limit: int = 100

    def query(self) -> RowQuery:
        """What to ask the store; raises Stop for what can't be understood."""
        return RowQuery(
            state=_state(self.state),
            host=self.host and self.host.lower(),
            probe=self.probe,
            since=_moment(self.since),
            technique=self.technique and self.technique.lower(),
            targets=_targets_of(self.category),
            limit=self.limit,
        )

    def in_words(self) -> str:
        """What is left of all results, for the head of a report; empty when nothing is left out."""
        said = (
            ("verdict", self.state),
            ("host", self.host),
            ("probe", self.probe),
            ("since", self.since),
            ("technique", self.technique),
            ("category", self.category),
        )
        chosen = [f"{name} {value}" for name, value in said if value is not None]
        return f"only {', '.join(chosen)}" if chosen else ""


def require_known(filters: Filters, store: Store) -> None:
    """Raise Stop for a probe or technique that nobody knows and nothing stored names."""
    if filters.probe is not None:
        known = {SURROUNDINGS, *installed().probes}
        if filters.probe not in known:
            _require("--probe", filters.probe, known | {row.probe for row in store.rows()})
    technique = filters.technique and filters.technique.lower()
    if technique is not None and technique not in _families(_techniques()):
        stored = _families(name for row in store.rows() for name in row.techniques)
        _require("--technique", technique, stored | _families(_techniques()))


def _techniques() -> set[str]:
    return {rule.technique for rule in RULES if rule.technique is not None}


def _families(techniques: Iterable[str]) -> set[str]:
    """The techniques, and what they are families of: ``dns`` for ``dns.bogon``."""
    parts = (name.split(".") for name in techniques)
    return {".".join(part[:n]) for part in parts for n in range(1, len(part) + 1)}


def _require(option: str, name: str, known: set[str]) -> None:
    """A name that is unknown is a mistake, not an empty result."""
    if name in known:
        return
    near = get_close_matches(name, sorted(known), n=3)
    meant = f"did you mean {', '.join(near)}?" if near else f"there are {', '.join(sorted(known))}"
    raise Stop(ExitCode.USAGE, f"{option} {name!r} is not known; {meant}")


def _state(text: str | None) -> State | None:
    if text is None:
        return None
    try:
        return State(text.lower())
    except ValueError as error:
        known = ", ".join(State)
        raise Stop(ExitCode.USAGE, f"--state {text!r} is not one of {known}") from error


def _moment(text: str | None) -> datetime | None:
    """A day or a moment; without a time zone, UTC."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        expected = "a day (2026-11-23) or a moment (2026-11-23T18:00) is expected, in UTC"
        raise Stop(ExitCode.USAGE, f"--since {text!r} can't be read; {expected}") from error
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _targets_of(category: str | None) -> tuple[str, ...] | None:
    """The targets that a list which comes with Heliograph puts into this category.

    Results do not say from which list a target came: only what these lists hold has a category.
    """
    if category is None:
        return None
    code = category.upper()
    if code not in CATEGORIES:
        known = ", ".join(CATEGORIES)
        raise Stop(ExitCode.USAGE, f"--category {category!r} is not one of {known}")
    entries = (entry for pack in packs() for entry in read_named(pack).entries)
    return tuple(sorted({entry.target.url for entry in entries if entry.category == code}))
