"""Kinds of sites that are off: which targets of a run's lists are left out, and why."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

from heliograph.categories import CATEGORIES
from heliograph.cli.output import say
from heliograph.cli.targets import Refused, Wanted
from heliograph.model import Target


@dataclass(frozen=True, slots=True)
class Split:
    """What a run looks at, what it leaves out with the reason, and what could not be used."""

    targets: tuple[Target, ...]
    left_out: tuple[tuple[Target, str], ...]
    refused: tuple[Refused, ...]


def split(wanted: Wanted, opted: Collection[str]) -> Split:
    """Leave out what lists hold of sensitive kinds that are not opted into, and say so."""
    off = {url: code for url, code in wanted.sensitive.items() if code not in opted}
    looked_at = tuple(target for target in wanted.targets if target.url not in off)
    left_out = tuple(
        (target, _reason(off[target.url])) for target in wanted.targets if target.url in off
    )
    if off:
        counted = Counter(off.values())
        told = ", ".join(f"{n} {CATEGORIES[code].words}" for code, n in sorted(counted.items()))
        say(
            f"skipped, since these kinds of sites are off: {told};"
            " run it in a terminal to switch kinds on, or name a site yourself"
        )
    return Split(looked_at, left_out, wanted.refused)


def _reason(code: str) -> str:
    words = CATEGORIES[code].words
    return f"the list says {code} ({words}), a sensitive kind of site that is not opted into"
