"""Kinds of sites that are off: which targets of a run's lists are left out, and why."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from heliograph.categories import CATEGORIES, off
from heliograph.cli.output import say
from heliograph.cli.targets import Refused, Wanted
from heliograph.model import Target
from heliograph.plugin import Expectation
from heliograph.risk import CountryRisk


@dataclass(frozen=True, slots=True)
class Split:
    """What a run looks at, what it leaves out with the reason, and what could not be used."""

    targets: tuple[Target, ...]
    left_out: tuple[tuple[Target, str], ...]
    refused: tuple[Refused, ...]
    expectations: Mapping[str, Expectation] = field(default_factory=dict)
    """By URL: what is expected of some of them."""


def off_here(wanted: Wanted, risk: CountryRisk) -> dict[str, str]:
    """The URLs of lists whose kind is off in this country unless it is opted into, with it."""
    codes = {kind.code for kind in off(most_care=risk.tier.asks_for_most_care)}
    return {url: code for url, code in wanted.kinds.items() if code in codes}


def split(wanted: Wanted, risk: CountryRisk, opted: Collection[str]) -> Split:
    """Leave out what lists hold of kinds that are off and not opted into, and say so."""
    skipped = {url: code for url, code in off_here(wanted, risk).items() if code not in opted}
    looked_at = tuple(target for target in wanted.targets if target.url not in skipped)
    left_out = tuple(
        (target, _reason(skipped[target.url])) for target in wanted.targets if target.url in skipped
    )
    if skipped:
        counted = Counter(skipped.values())
        told = ", ".join(f"{n} {CATEGORIES[code].words}" for code, n in sorted(counted.items()))
        say(
            f"skipped, since these kinds of sites are off: {told};"
            " run it in a terminal to switch kinds on, or name a site yourself"
        )
    return Split(looked_at, left_out, wanted.refused, wanted.expectations)


def _reason(code: str) -> str:
    words = CATEGORIES[code].words
    return f"the list says {code} ({words}), a kind of site that is off here until you opt into it"
