"""What looks by the keyword probe mean: a word that is stopped where filler of its form passes.

Every request went to a server of the operator's own, which answers all alike; and each was sent
where filler of the same length and form had just been answered. What is stopped again and again so,
and so much more often than filler that losses can't be the reason, is stopped for its words.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

from analysis.beside.chance import as_often
from analysis.beside.reading import BesideRule, Reading, standing
from heliograph.detail import HttpDetail, read
from heliograph.failure import NOT_ATTEMPTED, Failure
from heliograph.model import (
    WORD,
    ConfidenceWord,
    Ground,
    Measurement,
    Role,
    Side,
    Standing,
    State,
    Step,
    StepKind,
)
from heliograph.text import for_terminal

_LEAST_HITS = 2
_CHANCE = 0.02
"""So improbable must losses be as the reason."""
_LEAST_PASSES = 3
_LONGEST = 120
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_BY_FAILURE = {
    Failure.CONNECTION_RESET: "http.reset",
    Failure.GENERIC_TIMEOUT_ERROR: "http.timeout",
    Failure.EOF_ERROR: "http.eof",
}

Words = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Try:
    """One request, and what became of it."""

    step: Step
    words: Words
    signed: bool
    cool: bool
    """At this place filler of the same form had been answered, and nothing been stopped since."""
    technique: str
    """How it was stopped; empty: it was answered, or failed in a way that says nothing."""


@dataclass(frozen=True)
class WordFacts:
    """One look, as its rules ask about it."""

    measurement: Measurement

    @property
    def host(self) -> str:
        """The target's."""
        return self.measurement.target.host

    @cached_property
    def tries(self) -> tuple[Try, ...]:
        """All requests, filler included, in their order."""
        return tuple(_tries(self.measurement.steps))

    @cached_property
    def fillers(self) -> tuple[Try, ...]:
        """Requests without a word of the target's."""
        return tuple(each for each in self.tries if not each.words)

    @cached_property
    def hits(self) -> tuple[Try, ...]:
        """Requests that were stopped or answered by another, where filler had passed."""
        return tuple(t for t in self.tries if t.words and t.cool and t.technique)

    @cached_property
    def passes(self) -> tuple[Try, ...]:
        """Requests with words of the target's that were answered as they were sent."""
        return tuple(each for each in self.tries if each.words and each.signed)

    @cached_property
    def way(self) -> str:
        """How the least words are stopped most often; empty if they never are."""
        ways = Counter(each.technique for each in self._least_hits)
        return min(ways, key=lambda way: (-ways[way], way), default="")

    @cached_property
    def chance(self) -> float:
        """How probable it is that the least words are stopped so much more often than filler, if
        both are stopped alike, as on a line with losses (Fisher's exact test, one-sided).

        The first that was stopped is left out: the search for words goes where requests fail.
        """
        tried = sum(each.cool and each.words == self.least for each in self.tries) - 1
        hits = sum(each.technique == self.way for each in self._least_hits) - 1
        lost = sum(not each.signed for each in self.fillers)
        return as_often(hits, tried, hits + lost, tried + len(self.fillers))

    @cached_property
    def technique(self) -> str | None:
        """How the least words are stopped, if beyond chance."""
        return self.way if self.hits and self.chance <= _CHANCE else None

    @cached_property
    def least(self) -> Words:
        """The fewest words that were stopped twice; of none, the fewest that were stopped once."""
        counts: dict[Words, int] = {}
        for each in self.hits:
            counts[each.words] = counts.get(each.words, 0) + 1
        order = sorted(counts, key=lambda words: (_length(words), words))
        return next((w for w in order if counts[w] >= _LEAST_HITS), order[0] if order else ())

    @cached_property
    def _least_hits(self) -> tuple[Try, ...]:
        return tuple(each for each in self.hits if each.words == self.least)

    @property
    def stopped(self) -> int:
        """How often the least was stopped where filler had passed."""
        return len(self._least_hits)

    @property
    def passed(self) -> int:
        """How often the least was answered as it was sent."""
        return sum(each.words == self.least for each in self.passes)

    @property
    def is_sure(self) -> bool:
        """The least was stopped beyond chance, and never passed."""
        return self.technique is not None and not self.passed


def _length(words: Words) -> int:
    return sum(len(text) for _, text in words)


def _tries(steps: tuple[Step, ...]) -> Iterator[Try]:
    cool: set[str] = set()
    for step in steps:
        if step.kind is not StepKind.HTTP_EXCHANGE or step.failure in NOT_ATTEMPTED:
            continue
        pair = step.pair or ""
        if not pair.startswith(WORD):
            continue
        detail = read(step, HttpDetail)
        signed = detail.signed is True
        yield Try(step, detail.words, signed, pair in cool, _technique(step, detail))
        if signed and step.role is Role.CONTROL_BEFORE:
            cool.add(pair)
        elif not signed:
            cool.discard(pair)


def _technique(step: Step, detail: HttpDetail) -> str:
    if step.failure is not None:
        return _BY_FAILURE.get(step.failure, "")
    if detail.signed is not False:
        return ""
    return "http.redirect" if detail.status in _REDIRECTS else "http.blockpage"


def _times(count: int) -> str:
    return {0: "never", 1: "once", 2: "twice"}.get(count, f"{count} times")


def _stopped(technique: str) -> Callable[[WordFacts], bool]:
    return lambda f: f.technique == technique


def _passes(f: WordFacts) -> bool:
    """All that the target says was let through, as often as chance is excluded."""
    most = max((_length(each.words) for each in f.passes), default=0)
    whole = [each for each in f.passes if _length(each.words) == most]
    return not f.hits and len(whole) >= _LEAST_PASSES


def words_in(words: Words) -> str:
    """Which words in which parts, for a sentence."""
    told = (f"“{for_terminal(text, _LONGEST)}” in the {part}" for part, text in words)
    return " and ".join(told)


def _told(f: WordFacts) -> dict[str, str]:
    return {"words": words_in(f.least)}


_ENDS = {
    "http.reset": "is reset on its way",
    "http.timeout": "gets no answer",
    "http.eof": "is cut off on its way",
    "http.blockpage": "is answered by somebody else",
    "http.redirect": "is led elsewhere by somebody else",
}

RULES: tuple[BesideRule[WordFacts], ...] = (
    *(
        BesideRule(
            f"keyword.{technique.partition('.')[2]}",
            State.BLOCKED,
            0.95,
            f"A request with {{words}} {ends}, at a server of the operator's own that answers"
            " everything alike, and where filler of the same form had just been answered.",
            _stopped(technique),
            technique,
            ConfidenceWord.CONFIRMED,
            _told,
            {"words": "some words of the target"},
        )
        for technique, ends in _ENDS.items()
    ),
    BesideRule(
        "keyword.passes",
        State.OK,
        0.85,
        "No word of this address is stopped on the way to a server of the operator's own: not"
        " {host}, nor its path and query, nor all of it in a header.",
        _passes,
    ),
)


def undecided(f: WordFacts) -> str:
    """What was seen, and what is missing."""
    if not f.tries:
        return "No sink of the operator's could be reached, so no word was tried."
    if not any(each.signed for each in f.fillers):
        return (
            "Not even filler was answered by the operator's own sink as it was sent: it is down, or"
            " somebody on the way changes all requests."
        )
    if f.hits:
        lost = sum(not each.signed for each in f.fillers)
        return (
            f"A request with {words_in(f.least)} was stopped {_times(f.stopped)}, and passed"
            f" {_times(f.passed)}; filler was stopped {_times(lost)}, and passed"
            f" {_times(len(f.fillers) - lost)}. A line with losses may do that; more places of the"
            " sink (network.sinks) would settle it."
        )
    return f"Too few requests with the words of {f.host} were answered to say that all pass."


def confounders(f: WordFacts) -> dict[str, Standing]:
    """Other explanations of a request that is stopped."""
    answered = any(each.signed for each in f.fillers)
    return {
        "server_down": standing(ruled_out=answered, tested=bool(f.fillers)),
        "server_refuses_name": standing(ruled_out=answered, tested=bool(f.fillers)),
        "request_too_long": standing(ruled_out=answered, tested=bool(f.fillers)),
        "hiccup": standing(ruled_out=f.technique is not None or _passes(f), tested=bool(f.hits)),
        "residual_censorship": standing(ruled_out=bool(f.hits) or _passes(f), tested=False),
        "filter_nearby": standing(ruled_out=_passes(f), tested=bool(f.hits)),
    }


def anomalies(f: WordFacts) -> Iterator[str]:
    """The word, for programs; only one that was stopped beyond chance, and never passed."""
    if f.is_sure:
        for part, text in f.least:
            yield f"keyword {part} {text}"


def grounds(f: WordFacts) -> Iterator[Ground]:
    """The requests, one by one."""
    number = {id(step): place for place, step in enumerate(f.measurement.steps)}
    for each in f.tries:
        said = words_in(each.words) or "filler alone"
        ended = "was answered as it was sent" if each.signed else _ended(each)
        steps = (number[id(each.step)],)
        yield Ground(side=_side(each), text=f"a request with {said} {ended}", steps=steps)


def _side(each: Try) -> Side:
    """A failure that no filter is known by speaks for nothing."""
    if not (each.words and each.cool):
        return Side.FACT
    if each.technique:
        return Side.FOR
    return Side.AGAINST if each.signed else Side.FACT


def _ended(each: Try) -> str:
    if each.step.failure is not None:
        return f"ended in {each.step.failure}"
    return "was answered otherwise than the sink does"


KEYWORD: Reading[WordFacts] = Reading(
    facts=WordFacts,
    rules=RULES,
    undecided=undecided,
    confounders=confounders,
    anomalies=anomalies,
    grounds=grounds,
)
