"""What looks by the throttle probe mean: a page that is slow under one name alone, pair by pair.

Slowness is the rule on many lines at many hours. So it counts beside the same page of the same
server, under another name, moments before or after; and only if that was quick every time.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from analysis.beside.reading import BesideRule, Reading, standing
from analysis.pace import LEAST_PAIRS, Half, Pair, even, frozen, kilobits, pairs_of, slowed, told
from heliograph.model import (
    PACE,
    ConfidenceWord,
    Ground,
    Measurement,
    Side,
    Standing,
    State,
    Step,
    StepKind,
)


@dataclass(frozen=True)
class PaceFacts:
    """One look, as its rules ask about it."""

    measurement: Measurement

    @property
    def host(self) -> str:
        """The target's."""
        return self.measurement.target.host

    @cached_property
    def pairs(self) -> tuple[Pair, ...]:
        """The trials, two by two."""
        return pairs_of(self.measurement.steps)

    @cached_property
    def alike(self) -> tuple[Pair, ...]:
        """Those in which the server gave the same page under both names."""
        return tuple(pair for pair in self.pairs if pair.alike)

    @cached_property
    def proof(self) -> tuple[Step, ...]:
        """Handshakes that proved the target's name, before all trials."""
        return tuple(step for step in self._alone(StepKind.TLS_HANDSHAKE) if step.failure is None)

    @property
    def paced(self) -> bool:
        """A trial was made at all."""
        return any((step.pair or "").startswith(PACE) for step in self.measurement.steps)

    @property
    def unproved(self) -> tuple[Step, ...]:
        """What failed on the way to such a proof."""
        kinds = (StepKind.TCP_CONNECT, StepKind.TLS_HANDSHAKE)
        return tuple(s for kind in kinds for s in self._alone(kind) if s.failure is not None)

    def _alone(self, kind: StepKind) -> list[Step]:
        steps = self.measurement.steps
        own = [step for step in steps if step.kind is kind and step.resolver is None]
        return [step for step in own if not (step.pair or "").startswith(PACE)]


def _throttled(f: PaceFacts) -> bool:
    return bool(f.proof) and slowed(f.pairs)


def _frozen(f: PaceFacts) -> bool:
    return bool(f.proof) and frozen(f.pairs)


def _even(f: PaceFacts) -> bool:
    return bool(f.proof) and even(f.pairs)


RULES: tuple[BesideRule[PaceFacts], ...] = (
    BesideRule(
        "throttle.frozen",
        State.BLOCKED,
        0.88,
        "Whatever {host} sends stops on its way, each time, while its server sends all of the same"
        " page under {other}.",
        _frozen,
        "http.truncated",
        ConfidenceWord.LIKELY,
        lambda f: {"other": told(f.alike)["other"]},
        {"other": "another name"},
    ),
    BesideRule(
        "throttle.name",
        State.THROTTLED,
        0.9,
        "{host} comes at {slow} kbit/s, and the same page of the same server, under {other}, at"
        " {fast} kbit/s: {part} of the speed, in {pairs} pairs of trials.",
        _throttled,
        "throttle",
        ConfidenceWord.LIKELY,
        lambda f: told(f.pairs),
        {
            "slow": "few",
            "fast": "many",
            "other": "another name",
            "part": "a small part",
            "pairs": "at least five",
        },
    ),
    BesideRule(
        "throttle.even",
        State.OK,
        0.9,
        "{host} comes as fast under its own name as the same page of the same server does under"
        " {other}.",
        _even,
        words=lambda f: {"other": told(f.pairs)["other"]},
        general={"other": "another name"},
    ),
)


def undecided(f: PaceFacts) -> str:
    """What was seen, and what is missing."""
    if not f.proof:
        failed = f.unproved
        how = f" ({failed[0].failure})" if failed else ""
        return f"No address of {f.host} proved its name{how}: the web probe looks into that."
    if not f.paced:
        return f"The page of {f.host} was asked for under no other name, so its speed says nothing."
    if not f.alike:
        return (
            f"The server of {f.host} gives that page under no other name, or one too short to tell"
            " a speed: without a pair nothing can be said."
        )
    return (
        f"{f.host} was slower under its own name in some of {len(f.pairs)} pairs of trials, which"
        " may be chance."
    )


def confounders(f: PaceFacts) -> dict[str, Standing]:
    """Other explanations of a slow page."""
    timed = [pair for pair in f.pairs if pair.timed]
    compared = bool(timed) or frozen(f.pairs)
    beyond = slowed(f.pairs) or frozen(f.pairs) or even(f.pairs)
    return {
        "slow_line": standing(ruled_out=beyond, tested=compared),
        "slow_server": standing(ruled_out=beyond, tested=compared),
        "hiccup": standing(ruled_out=beyond, tested=len(f.pairs) > 1),
        "filter_nearby": standing(ruled_out=even(f.pairs), tested=compared),
    }


def grounds(f: PaceFacts) -> Iterator[Ground]:
    """The pairs, one by one."""
    number = {id(step): place for place, step in enumerate(f.measurement.steps)}
    for pair in f.pairs:
        steps = tuple(number[id(step)] for half in pair for step in half.steps)
        text = f"{f.host}: {_came(pair.target)}; {_other(pair)}: {_came(pair.control)}"
        yield Ground(side=_side(pair), text=text, steps=steps)


def _side(pair: Pair) -> Side:
    if pair.alike and (pair.target.frozen or slowed([pair] * LEAST_PAIRS)):
        return Side.FOR
    return Side.AGAINST if pair.timed else Side.FACT


def _other(pair: Pair) -> str:
    return told([pair])["other"] if pair.timed else pair.control.name


def _came(half: Half) -> str:
    if half.status is None:
        return f"no answer ({half.failure})"
    size = f"status {half.status}, {half.bytes / 1000:,.0f} kB at {kilobits(half):,.0f} kbit/s"
    return f"{size}, then {half.failure}" if half.failure is not None else size


THROTTLE: Reading[PaceFacts] = Reading(
    facts=PaceFacts,
    rules=RULES,
    undecided=undecided,
    confounders=confounders,
    grounds=grounds,
)
