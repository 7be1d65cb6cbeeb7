"""The talk with a volunteer at a terminal: country, text, kinds of sites, quiz, agreement."""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from heliograph.categories import CATEGORIES, off
from heliograph.cli.consent_text import (
    AGREE,
    KNOWS_DANGER,
    QUIZ,
    Question,
    country_note,
)
from heliograph.cli.country import Country
from heliograph.cli.exits import ExitCode, Stop
from heliograph.cli.output import say

_NOTHING_SENT = "nothing was sent"


def is_possible() -> bool:
    """Whether somebody is there to read what is written to stderr, and to answer."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def ask(text: str, country: Country) -> tuple[str, ...]:
    """Go through the whole text, and return the categories that were switched on.

    Raises Stop with code 77 as soon as somebody does not agree.
    """
    before, note, after = text.partition(country_note(country.risk))
    with _leaving(f"no consent given; {_NOTHING_SENT}", _NOTHING_SENT):
        say(before + note)
        if country.note:
            say(f"\n{country.note}")
        if country.risk.tier.asks_for_most_care:
            _require(KNOWS_DANGER, "to read on")
        say(after)
        kinds = off(most_care=country.risk.tier.asks_for_most_care)
        opted = _categories([kind.code for kind in kinds])
        say("\nThree questions, so that we know the text was clear. There is no answer filled in.")
        for number, question in enumerate(QUIZ, start=1):
            _until_right(number, question)
        _require(AGREE, "to go on")
    return opted


def more_categories(those_off: Iterable[str]) -> tuple[str, ...]:
    """Those of these categories that somebody switches on now."""
    codes = sorted(those_off)
    say("The list holds kinds of sites that are off, since asking for them can bring trouble:")
    say("\n".join(f"  {code:5} {CATEGORIES[code].words}" for code in codes))
    with _leaving(_NOTHING_SENT, _NOTHING_SENT):
        return _categories(codes)


def confirm(question: str, otherwise: str) -> None:
    """Go on after 'yes'; raise Stop with code 77 after anything else, or when nobody is there."""
    if not is_possible():
        raise Stop(ExitCode.NOT_ALLOWED, f"{otherwise}: add --yes where nobody can be asked")
    with _leaving(otherwise, otherwise):
        say(question)
        _require("yes", "to go on")


class _Left(Exception):
    """Somebody does not go on."""


@contextmanager
def _leaving(told: str, interrupted: str) -> Iterator[None]:
    """Turn leaving the talk, and Ctrl-C in it, into a Stop with these words."""
    try:
        yield
    except _Left:
        raise Stop(ExitCode.NOT_ALLOWED, told) from None
    except KeyboardInterrupt:
        say("")
        raise Stop(ExitCode.INTERRUPTED, f"interrupted; {interrupted}") from None


def _categories(codes: list[str]) -> tuple[str, ...]:
    known = set(codes)
    while True:
        answer = _read("Codes of kinds to switch on, with spaces between; Enter leaves them off: ")
        chosen = set(answer.upper().replace(",", " ").split())
        strange = sorted(chosen - known)
        if not strange:
            break
        say(f"There is no {strange[0][:20]!r} here; there are {' '.join(codes)}.")
    told = ", ".join(CATEGORIES[code].words for code in sorted(chosen)) or "none"
    say(f"Switched on: {told}.")
    return tuple(sorted(chosen))


def _until_right(number: int, question: Question) -> None:
    say(f"\n{number}. {question.words}")
    for letter, words in question.answers.items():
        say(f"   {letter}) {words}")
    letters = ", ".join(question.answers)
    while True:
        answer = _read(f"Your answer ({letters}; q leaves): ").lower().rstrip(").")
        if answer == question.right:
            say("Right.")
            return
        if answer == "q":
            raise _Left
        say(question.explained.get(answer, f"Please type one of {letters}."))


def _require(sentence: str, what_for: str) -> None:
    """Go on after just these words; what is a capital does not matter, and the prompt says so."""
    answer = _read(f"\nType  {sentence}  (capitals or not) {what_for}, anything else to leave: ")
    if answer.lower() != sentence.lower():
        raise _Left


def _read(prompt: str) -> str:
    """One line, asked for on stderr, so that stdout stays for results; the end of input leaves."""
    sys.stderr.write(prompt)
    sys.stderr.flush()
    line = sys.stdin.readline()
    if not line:
        say("")
        raise _Left
    return line.strip()
