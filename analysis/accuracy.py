"""How often verdicts are right where the truth is known, with intervals.

An interval is Wilson's score interval (Wilson 1927, JASA 22:209), which holds for rates of 0 and 1
and for small counts; 95 % unless said otherwise.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from math import sqrt

import msgspec

from heliograph.model import State

_Z95 = 1.959963984540054
"""The standard normal quantile of 97.5 %."""


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """One verdict on a condition that is known."""

    condition: str
    expected: str
    """The state it must get."""
    also: tuple[str, ...] = ()
    """Other states that are right as well."""
    got: str
    """The state it got; ``none`` when there was no verdict."""
    techniques: tuple[str, ...] = ()
    """The main one must be the first."""
    expected_technique: str | None = None
    hop: int | None = None
    expected_hop: int | None = None
    rules: tuple[str, ...] = ()

    @property
    def right(self) -> bool:
        """Whether the state is one it may get."""
        return self.got == self.expected or self.got in self.also


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
        technique=_rate(case.techniques[:1] == (case.expected_technique,) for case in blocked),
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
