"""How the looks of one probe are read: its facts, its rules, and what else may explain them."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from analysis.surroundings import masking, told
from heliograph.detail import DnsDetail, read
from heliograph.model import (
    ConfidenceWord,
    Fired,
    Ground,
    Measurement,
    Standing,
    State,
    Step,
    StepKind,
    Verdict,
)

F = TypeVar("F")
_INTERFERENCE = frozenset({State.BLOCKED, State.THROTTLED})
_WORD_ORDER = tuple(ConfidenceWord)
_MASKED = "Nothing can be said of {host} from here: {context}."


def _no_words(_: Any) -> Mapping[str, str]:
    return {}


def _nothing(_: Any) -> tuple[Any, ...]:
    return ()


def standing(*, ruled_out: bool, tested: bool) -> Standing:
    """Of another explanation; ``tested``: something was done that could have ruled it out."""
    if ruled_out:
        return Standing.RULED_OUT
    return Standing.POSSIBLE if tested else Standing.NOT_TESTED


def recorded(measurement: Measurement, kind: StepKind) -> Iterator[Step]:
    """The steps of a kind that were not cut off before anything was written down."""
    return (step for step in measurement.steps if step.kind is kind and step.detail != "{}")


def owners(measurement: Measurement) -> dict[str | None, int]:
    """The number of the network that each address answered by a resolver belongs to."""
    return {
        answer.value: answer.asn
        for step in recorded(measurement, StepKind.DNS_QUERY)
        for reply in read(step, DnsDetail).replies
        for answer in reply.answers
        if answer.asn is not None
    }


@dataclass(frozen=True, slots=True)
class BesideRule(Generic[F]):
    """When ``holds`` of a look's facts, they support ``state``; ``sentence`` says why.

    An id is stored with every verdict, so it is never renamed or reused; it begins with the
    probe's name. ``weight`` (0 to 1) orders verdicts; ``word`` says what kind of evidence it is.
    """

    id: str
    state: State
    weight: float
    sentence: str
    holds: Callable[[F], bool]
    technique: str | None = None
    word: ConfidenceWord | None = None
    words: Callable[[F], Mapping[str, str]] = _no_words
    """Fill places of the sentence beside ``{host}``, from one look's facts."""
    general: Mapping[str, str] = field(default_factory=dict)
    """Fill the same places where the sentence is told of no look in particular."""

    def told(self, host: str, context: str, facts: F | None = None) -> str:
        """The sentence about one look; without its facts, what it says in general."""
        words = self.general if facts is None else self.words(facts)
        return self.sentence.format(host=host, context=context, **words)


@dataclass(frozen=True, slots=True)
class Reading(Generic[F]):
    """All that is known of one probe's looks; every function is pure."""

    facts: Callable[[Measurement], F]
    rules: tuple[BesideRule[F], ...]
    """The state of the first that holds wins; all of that state that hold are named."""
    undecided: Callable[[F], str]
    """The sentence of a look at which no rule holds: what was seen, and what is missing."""
    confounders: Callable[[F], dict[str, Standing]]
    """Other explanations of what is odd, and what was done about each."""
    anomalies: Callable[[F], Iterable[str]] = _nothing
    """What is odd and not what the verdict rests on."""
    grounds: Callable[[F], Iterable[Ground]] = _nothing
    """What was compared, with the numbers of the steps, for whoever asks why."""
    way: Callable[[Measurement], Measurement] | None = None
    """The part of a look that is the web probe's, where there is one: its rules say whether that
    was interfered with, which then is the verdict, and what else to ask about it."""

    def judge(self, measurement: Measurement, ruleset: int) -> Verdict:
        """The verdict on a look that was made; surroundings that lie mask it."""
        facts = self.facts(measurement)
        masked = bool(masking(measurement.context))
        fired = [] if masked else _first_state([r for r in self.rules if r.holds(facts)])
        state = fired[0].state if fired else State.INCONCLUSIVE
        interferes = state in _INTERFERENCE
        words = [rule.word for rule in fired if rule.word is not None]
        return Verdict(
            measurement_id=measurement.id,
            ruleset_version=ruleset,
            state=state,
            techniques=_techniques(fired) if interferes else (),
            hop=1 if interferes else None,
            confidence=max(rule.weight for rule in fired) if interferes else None,
            confidence_word=max(words, key=_WORD_ORDER.index, default=None) if interferes else None,
            explanation=self._told(measurement, facts, fired, masked=masked),
            anomalies=tuple(dict.fromkeys(self.anomalies(facts))),
            confounders=self.confounders(facts),
            fired=tuple(Fired(rule=rule.id, weight=rule.weight) for rule in fired),
        )

    def _told(
        self, measurement: Measurement, facts: F, fired: list[BesideRule[F]], *, masked: bool
    ) -> str:
        host, context = measurement.target.host, told(measurement.context)
        if masked:
            return _MASKED.format(host=host, context=context)
        if not fired:
            return self.undecided(facts)
        return max(fired, key=lambda rule: rule.weight).told(host, context, facts)


def _first_state(holding: list[BesideRule[F]]) -> list[BesideRule[F]]:
    return [rule for rule in holding if rule.state is holding[0].state]


def _techniques(fired: Iterable[BesideRule[F]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(rule.technique for rule in fired if rule.technique is not None))
