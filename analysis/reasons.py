"""What resolvers say of their own failures: extended DNS errors (RFC 8914, 4, and IANA's registry).

A resolver that is told to censor may lie here, too, but none has to: it can stay silent.
"""

from analysis.evidence import Evidence
from heliograph.failure import Failure

_CHOSEN = 17
"""Filtered: the client asked for a resolver that filters."""

_MISFORTUNES = {
    1: "it does not know how the name is signed",
    2: "it does not know how the name is signed",
    5: "the name's signatures can't be judged",
    6: "the name's signatures are bad",
    7: "the name's signatures are too old",
    8: "the name's signatures are not valid yet",
    9: "a key for the name's signatures is missing",
    10: "the name's signatures are missing",
    11: "a key for the name's signatures is none for zones",
    12: "the proof that the name is not signed is missing",
    14: "it is not ready yet",
    22: "none of the name's own servers answers it",
    23: "it can't reach the name's own servers",
}
_ON_PURPOSE = {15: "blocked", 16: "censored", 18: "prohibited"}


def own_choice(e: Evidence) -> bool:
    """The resolver filters because its user asked for it: nobody in between does."""
    return e.explained is not None and _CHOSEN in e.explained.reasons


def misfortune(e: Evidence) -> bool:
    """The resolver failed, and its reason is no policy: it names another, or would answer if it
    did not check the name's signatures."""
    told = e.explained
    if told is None or e.system_failure is not Failure.DNS_SERVFAIL_ERROR:
        return False
    return bool(told.addresses) or not told.reasons.isdisjoint(_MISFORTUNES)


def reason_in_words(e: Evidence) -> str | None:
    """The reason it gave, as the rest of a sentence; None when it gave none that is known."""
    told = e.explained
    if told is None:
        return None
    if own_choice(e):
        return "filtered, as its user asked it to"
    purpose = next((_ON_PURPOSE[n] for n in sorted(told.reasons) if n in _ON_PURPOSE), None)
    if purpose is not None:
        return purpose
    if not misfortune(e):
        return None
    known = next((_MISFORTUNES[n] for n in sorted(told.reasons) if n in _MISFORTUNES), None)
    return known or "it answers when it does not check the name's signatures"
