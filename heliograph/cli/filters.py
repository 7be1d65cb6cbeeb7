"""Which stored results a command is about: the filters that ``results`` and ``report`` share."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import get_close_matches

import msgspec

from analysis.beside.readings import EVERY_RULE
from heliograph.categories import CATEGORIES
from heliograph.cli.exits import ExitCode, Stop
from heliograph.cli.targets import packs, read_named
from heliograph.model import SURROUNDINGS, State, VerdictRow
from heliograph.url import BadTarget, parse_target
from heliograph.valid import is_address, is_assigned
from probes.registry import installed
from storage.queries import RowQuery
from storage.store import Store

Words = str | Sequence[str] | None
"""What stands after an option that may be given more than once; any of several will do."""


@dataclass(frozen=True, slots=True)
class Filters:
    """What the user wrote; None is no filter."""

    state: Words = None
    host: Words = None
    probe: Words = None
    since: str | None = None
    technique: Words = None
    category: Words = None
    limit: int | None = 100
    """At most so many, the newest; None is all."""

    def query(self) -> RowQuery:
        """What to ask the store; raises Stop for what can't be understood."""
        states, hosts, probes, techniques, categories = map(
            several, (self.state, self.host, self.probe, self.technique, self.category)
        )
        return RowQuery(
            states=None if states is None else tuple(map(_state, states)),
            hosts=None if hosts is None else tuple(map(host_of, hosts)),
            probes=probes,
            since=_moment(self.since),
            techniques=None if techniques is None else tuple(map(str.lower, techniques)),
            targets=None if categories is None else _targets_of(categories),
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
        chosen = [f"{name} {' or '.join(words)}" for name, each in said if (words := several(each))]
        return f"only {', '.join(chosen)}" if chosen else ""


def several(words: Words) -> tuple[str, ...] | None:
    """What was written, as one or more words; None for nothing."""
    if isinstance(words, str):
        return (words,)
    return tuple(words) if words else None


def host_of(text: str) -> str:
    """The host that --host means, written in any way that a target may be; raises Stop."""
    try:
        return parse_target(f"[{text}]" if ":" in text and is_address(text) else text).host
    except BadTarget as error:
        raise Stop(ExitCode.USAGE, f"--host {error}") from error


def country_of(text: str, known: Iterable[str]) -> str:
    """The country that --country means; raises Stop for what is the code of none.

    Codes that are ``known`` from what is stored may be asked for, whoever assigned them.
    """
    code = text.upper()
    if not is_assigned(code) and code not in known:
        raise Stop(
            ExitCode.USAGE,
            f"--country {text!r} is no country's code in ISO 3166-1: two letters such as NL",
        )
    return code


def newest(store: Store, query: RowQuery) -> tuple[list[VerdictRow], bool]:
    """The rows asked for, and whether the limit left older ones out."""
    if query.limit is None:
        return list(store.rows(query)), False
    found = list(store.rows(msgspec.structs.replace(query, limit=query.limit + 1)))
    return found[: query.limit], len(found) > query.limit


def require_known(filters: Filters, store: Store) -> None:
    """Raise Stop for a probe or technique that nobody knows and nothing stored names."""
    known = {SURROUNDINGS, *installed().probes}
    for probe in several(filters.probe) or ():
        if probe not in known:
            _require("--probe", probe, known | {row.probe for row in store.rows()})
    ours = _families(_techniques())
    for technique in (name.lower() for name in several(filters.technique) or ()):
        if technique not in ours:
            stored = _families(name for row in store.rows() for name in row.techniques)
            _require("--technique", technique, stored | ours)


def _techniques() -> set[str]:
    return {rule.technique for rule in EVERY_RULE if rule.technique is not None}


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


def _state(text: str) -> State:
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
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        expected = "a day (2026-11-23) or a moment (2026-11-23T18:00) is expected, in UTC"
        raise Stop(ExitCode.USAGE, f"--since {text!r} can't be read; {expected}") from error


def _targets_of(categories: Iterable[str]) -> tuple[str, ...]:
    """The targets that a list which comes with Heliograph puts into any of these categories.

    Results do not say from which list a target came: only what these lists hold has a category.
    """
    codes = {category.upper(): category for category in categories}
    for code, category in codes.items():
        if code not in CATEGORIES:
            known = ", ".join(CATEGORIES)
            raise Stop(ExitCode.USAGE, f"--category {category!r} is not one of {known}")
    entries = (entry for pack in packs() for entry in read_named(pack).entries)
    return tuple(sorted({entry.target.url for entry in entries if entry.category in codes}))
