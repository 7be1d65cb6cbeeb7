"""A report in short: what was found, how often, when, from where and at what cost."""

from collections import Counter
from collections.abc import Sequence

import msgspec

from heliograph.model import (
    SURROUNDINGS,
    UNKNOWN_COUNTRY,
    Measurement,
    Outcome,
    State,
    VerdictRow,
)
from heliograph.pages.published import amount_in_words
from heliograph.text import counted
from heliograph.usage import Usage, in_units, used

MEANINGS: dict[str, str] = {
    State.OK: "reached, and it proved to be the site itself",
    State.BLOCKED: "what a browser here would do is interfered with, by the technique named",
    State.RESTRICTED: "the site itself turns this place away",
    State.REMOVED: "the site answers, and what was looked for is gone for everybody",
    State.THROTTLED: "reached, but slowed down",
    State.DOWN: "it fails the same way for others",
    State.INCONCLUSIVE: "not enough evidence to say; never to be read as ok",
    Outcome.SKIPPED: "not looked at, for the reason given",
    Outcome.BROKEN: "no result, for the reason given: stopped half way, or a mistake of ours",
}
"""What each word at the head of a report means, in the order they stand there."""

AROUND: dict[str, str] = {
    State.OK: "a look at the surroundings: nothing in this network stood in the way",
    State.INCONCLUSIVE: "a look at the surroundings: this network did something to every site",
    Outcome.BROKEN: "a look at the surroundings that was stopped, or failed by a mistake of ours",
}
"""The same of looks at what holds for every site: they are about no site."""


class Digest(msgspec.Struct, frozen=True, kw_only=True):
    """What stands at the head of a report."""

    counts: tuple[tuple[str, int, str], ...]
    """A state (or an outcome without one), how often, and what it means."""
    first: str
    last: str
    """When the first and the last measurement began, UTC; empty without any."""
    places: tuple[str, ...]
    data_used: str
    """With what the looks at the surroundings used, and how much that was."""


def digest(
    rows: Sequence[VerdictRow],
    measurements: Sequence[Measurement],
    beside: Sequence[Measurement] = (),
) -> Digest:
    """The head of a report on these; ``beside`` are the looks at the surroundings of their runs."""
    seen = Counter((row.probe == SURROUNDINGS, str(row.state or row.outcome)) for row in rows)
    moments = sorted(row.started for row in rows)
    spent, besides = _used(measurements), _used(beside)
    looks = f"{counted(len(beside), 'look')} at the surroundings"
    of_which = f", {in_units(besides.total)} of it for {looks}" if beside else ""
    return Digest(
        counts=tuple(
            (word, seen[around, word], meaning)
            for around, meanings in ((False, MEANINGS), (True, {**MEANINGS, **AROUND}))
            for word, meaning in meanings.items()
            if seen[around, word]
        ),
        first=moment(moments[0]) if moments else "",
        last=moment(moments[-1]) if moments else "",
        places=tuple(sorted({place_of(row) for row in rows})),
        data_used=amount_in_words(spent + besides, [*measurements, *beside]) + of_which,
    )


def _used(measurements: Sequence[Measurement]) -> Usage:
    return sum((used(m.steps) for m in measurements), Usage())


def moment(started: str) -> str:
    """RFC 3339 as a person writes it."""
    return f"{started.replace('T', ' ').removesuffix('Z')} UTC"


def place_of(row: VerdictRow) -> str:
    """Where a measurement was made; what is unknown says so."""
    network = f"network AS{row.asn}" if row.asn else "unknown network"
    return f"{network}, {row.country if row.country != UNKNOWN_COUNTRY else 'unknown country'}"
