"""The rules that rest on what others reported: forged addresses and block pages that are known."""

from analysis.reported import forged_answer, known_page
from analysis.rule import Need, Rule
from analysis.wording import BY_REPORTED_ADDRESS, BY_REPORTED_PAGE
from heliograph.model import ConfidenceWord, State

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
