"""How often verdicts are right where the truth is known, with intervals.

An interval is Wilson's score interval (Wilson 1927, JASA 22:209), which holds for rates of 0 and 1
and for small counts; 95 % unless said otherwise.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from math import sqrt

import msgspec

from heliograph.model import State

NO_VERDICT = "none"
"""In the place of a state, where there was no verdict."""

_Z95 = 1.959963984540054
"""The standard normal quantile of 97.5 %."""


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """One verdict on a condition that is known."""

    condition: str
    expected: str
    """The state it must get."""
    also: tuple[str, ...] = ()
    """Other verdicts that are right as well: a state, or a state and its main technique."""
    got: str
    """The state it got, or ``NO_VERDICT``."""
    techniques: tuple[str, ...] = ()
    """The main one must be the first."""
    expected_technique: str | None = None
    hop: int | None = None
    expected_hop: int | None = None
    anomalies: tuple[str, ...] = ()
    odd: str = ""
    """How an anomaly begins that must be recorded beside the verdict."""
    context: tuple[str, ...] = ()
    excuse: str = ""
    """The context flag that ``inconclusive`` must come with."""
    rules: tuple[str, ...] = ()

    @property
    def right(self) -> bool:
        """Whether the state is one it may get."""
        return self.got in {self.expected, *(words.split()[0] for words in self.also)}

    @property
    def named(self) -> bool:
        """Whether state and main technique together are what they may be."""
        wanted = (self.expected, *((self.expected_technique,) if self.expected_technique else ()))
        return " ".join((self.got, *self.techniques[:1])) in {" ".join(wanted), *self.also}

    @property
    def faults(self) -> tuple[str, ...]:
        """What is not as it must be: state, technique, hop, anomaly, excuse."""
        blocked = self.right and self.got == State.BLOCKED
        missing = self.odd and not any(one.startswith(self.odd) for one in self.anomalies)
        found = {
            "state": not self.right,
            "technique": blocked and not self.named,
            "hop": blocked and self.hop != (self.expected_hop or 1),
            "anomaly": missing,
            "excuse": self.got == State.INCONCLUSIVE and self.excuse not in {"", *self.context},
        }
        return tuple(name for name, is_so in found.items() if is_so)


class Rate(msgspec.Struct, frozen=True, kw_only=True):
    """So many of so many, and between which rates the true one lies."""

    right: int
    of: int
    low: float
    high: float

    @property
    def value(self) -> float | None:
        """The rate itself; None of nothing."""
        return self.right / self.of if self.of else None


class RuleAccuracy(msgspec.Struct, frozen=True, kw_only=True):
    """A rule: how often the verdict it fired for was right."""

    rule: str
    fired: Rate


class Accuracy(msgspec.Struct, frozen=True, kw_only=True):
    """What a set of cases says of a set of rules."""

    ruleset_version: int
    conditions: int
    cases: int
    state: Rate
    """Verdicts whose state is right."""
    sensitivity: Rate
    """Interference that is called blocked."""
    specificity: Rate
    """Everything else that is not called blocked: what is missing are false accusations."""
    technique: Rate
    """Interference whose main technique is named rightly."""
    settled: Rate = Rate(right=0, of=0, low=0.0, high=1.0)
    """The same, of what one look can settle: where an inconclusive verdict is not right as well."""
    hop: Rate
    """Interference called blocked at the hop where it happens."""
    confusion: dict[str, dict[str, int]]
    """Cases by the state they must get and the state they got."""
    rules: tuple[RuleAccuracy, ...]
    accused: tuple[str, ...]
    """Conditions that were called blocked at least once, and are not."""
    missed: tuple[str, ...]
    """Those whose state was wrong at least once in any other way."""


def wilson(right: int, of: int, z: float = _Z95) -> Rate:
    """Wilson's score interval; of nothing it is 0 to 1. Raises ValueError for impossible counts."""
    if not 0 <= right <= of:
        raise ValueError(f"{right} of {of}: a count is between 0 and the whole")
    if of == 0:
        return Rate(right=0, of=0, low=0.0, high=1.0)
    share, scale = right / of, 1 + z * z / of
    middle = (share + z * z / (2 * of)) / scale
    half = z / scale * sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    low = 0.0 if right == 0 else max(0.0, middle - half)
    high = 1.0 if right == of else min(1.0, middle + half)
    return Rate(right=right, of=of, low=round(low, 6), high=round(high, 6))


def accuracy(cases: Sequence[Case], ruleset_version: int) -> Accuracy:
    """Count the cases; an inconclusive verdict on interference is a miss, and never a false one."""
    blocked = [case for case in cases if case.expected == State.BLOCKED]
    others = [case for case in cases if case.expected != State.BLOCKED]
    found = [case for case in blocked if case.got == State.BLOCKED]
    return Accuracy(
        ruleset_version=ruleset_version,
        conditions=len({case.condition for case in cases}),
        cases=len(cases),
        state=_rate(case.right for case in cases),
        sensitivity=_rate(case.got == State.BLOCKED for case in blocked),
        specificity=_rate(case.got != State.BLOCKED for case in others),
        technique=_rate(case.got == State.BLOCKED and case.named for case in blocked),
        settled=_rate(
            case.got == State.BLOCKED and case.named
            for case in blocked
            if State.INCONCLUSIVE not in case.also
        ),
        hop=_rate(case.hop == (case.expected_hop or 1) for case in found),
        confusion=_confusion(cases),
        rules=_by_rule(cases),
        accused=_conditions(case for case in others if case.got == State.BLOCKED),
        missed=_conditions(case for case in cases if not case.right and case.got != State.BLOCKED),
    )


def _rate(right: Iterable[bool]) -> Rate:
    told = tuple(right)
    return wilson(sum(told), len(told))


def _conditions(cases: Iterable[Case]) -> tuple[str, ...]:
    return tuple(sorted({case.condition for case in cases}))


def _confusion(cases: Iterable[Case]) -> dict[str, dict[str, int]]:
    counted = Counter((case.expected, case.got) for case in cases)
    table: dict[str, dict[str, int]] = {}
    for (expected, got), number in sorted(counted.items()):
        table.setdefault(expected, {})[got] = number
    return table


def _by_rule(cases: Sequence[Case]) -> tuple[RuleAccuracy, ...]:
    names = sorted({rule for case in cases for rule in case.rules})
    return tuple(
        RuleAccuracy(
            rule=name,
            fired=_rate(case.right for case in cases if name in case.rules),
        )
        for name in names
    )
