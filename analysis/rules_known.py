"""The rules that rest on what others reported: forged answers, block pages and filters known."""

from analysis.evidence import Evidence
from analysis.reported import filter_here, forged_answer, known_page, liftable, of_unknown_owner
from analysis.rule import Need, Rule
from analysis.wording import BY_REPORTED_ADDRESS, BY_REPORTED_PAGE, Wording
from heliograph.model import ConfidenceWord, State


def _by_filter(e: Evidence) -> str:
    entry = filter_here(e)
    return "" if entry is None else f" ({entry.quoted})"


_BY_FILTER = Wording("", _by_filter)

FILTERS_OF_ONES_OWN: tuple[Rule, ...] = (
    Rule(
        "known.optional",
        State.INCONCLUSIVE,
        0.95,
        "In the place of {host} answers a provider's filter that its customer can have taken"
        " off{compared}; that says nothing of what others there can see.",
        liftable,
        compared=_BY_FILTER,
    ),
    Rule(
        "known.product",
        State.INCONCLUSIVE,
        0.95,
        "In the place of {host} answers a filter that anybody may install or choose{compared}; who"
        " set it up, a household, an office, a provider or a state, is not known.",
        of_unknown_owner,
        compared=_BY_FILTER,
    ),
)
"""First of all rules about what was found: whatever else holds there, it may be that filter's."""

KNOWN_ANSWERS: tuple[Rule, ...] = tuple(
    Rule(
        f"known.{technique}",
        State.BLOCKED,
        0.97,
        "This network's resolver gives {host} an address that was reported as a forged answer"
        "{compared}; others are led elsewhere.",
        forged_answer(bogon=bogon),
        technique,
        ConfidenceWord.CONFIRMED,
        BY_REPORTED_ADDRESS,
    )
    for technique, bogon in (("dns.bogon", True), ("dns.wrong_address", False))
)

_SHOWN = (
    ("http.redirect", "leads to a page", True),
    ("http.blockpage", "shows a page", False),
)
_COMPARED = (
    ("", 0.97, ConfidenceWord.CONFIRMED, "a control elsewhere is shown another", True),
    (".alone", 0.85, ConfidenceWord.LIKELY, "no control elsewhere was shown any", False),
)

KNOWN_PAGES: tuple[Rule, ...] = tuple(
    Rule(
        f"known.{technique}{ending}",
        State.BLOCKED,
        weight,
        f"In the clear, {{host}} {does} that was reported as a block page{{compared}}; {others}.",
        known_page(redirect=redirect, compared=compared),
        technique,
        word,
        BY_REPORTED_PAGE,
        needs=frozenset({Need.PAGE}),
    )
    for ending, weight, word, others, compared in _COMPARED
    for technique, does, redirect in _SHOWN
)
