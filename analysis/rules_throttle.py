"""The rule about a page that comes slowly under its own name alone."""

from analysis.evidence import Evidence
from analysis.pace import slowed, told
from analysis.rule import Rule
from analysis.wording import Wording
from heliograph.model import ConfidenceWord, State


def page_slowed(e: Evidence) -> bool:
    """The server that proves the name sends the same page quickly under another, pair by pair."""
    return bool(e.reached) and slowed(e.paced)


def _speeds(e: Evidence) -> str:
    words = told(e.paced)
    return (
        f"{words['slow']} kbit/s, and under {words['other']} at {words['fast']} kbit/s:"
        f" {words['part']} of the speed, in {words['pairs']} pairs of trials"
    )


THROTTLED: tuple[Rule, ...] = (
    Rule(
        "throttle.page",
        State.THROTTLED,
        0.9,
        "The page of {host} comes from its own server at {compared}.",
        page_slowed,
        "throttle",
        ConfidenceWord.LIKELY,
        Wording(
            "a small part of the speed at which the same page comes under another name", _speeds
        ),
    ),
)
