"""What resolvers said of one hop's host: the system's, the trusted ones, the control's."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from analysis.lookups import LookupFact, as_lookup, failure_of, union
from analysis.once import once
from analysis.remote import Remote
from analysis.rewriting import restored
from analysis.surroundings import rewriting
from heliograph.failure import NOT_ATTEMPTED, Failure
from heliograph.model import (
    PAIR_AGAIN,
    PAIR_NOBODY,
    Measurement,
    Role,
    Step,
    StepKind,
    Target,
)


@dataclass(frozen=True)
class Trial:
    """The two halves of a paired trial that differ in the name alone."""

    control: Step | None
    test: Step | None
    stranger: Step | None = None
    """A third name, at home at neither server, said to the control's."""
    tests: tuple[Step, ...] = ()
    """Every repeat of the test."""


class Answers:
    """One hop of a measurement, and what was said of its host, at whatever hop it was asked."""

    def __init__(
        self,
        measurement: Measurement,
        hop: int = 1,
        target: Target | None = None,
        before: Self | None = None,
    ) -> None:
        self.measurement = measurement
        self.hop = hop
        self.before = before
        self.target = target or measurement.target
        self.host = self.target.host
        self.plain = self.target.scheme == "http"
        steps = restored(measurement.steps, rewriting(measurement.context))
        own = [step for step in steps if step.role is not Role.REMOTE_CONTROL]
        self._queries = [
            s for s in own if s.kind is StepKind.DNS_QUERY and s.failure not in NOT_ATTEMPTED
        ]
        self._ours = [s for s in own if s.hop == hop and s.resolver is None and not _unwritten(s)]
        self.remote = Remote((s for s in steps if s.hop == hop), self.host, self.target.port)

    @once
    def lookups(self) -> tuple[LookupFact, ...]:
        """All queries for the target's own name, at whatever hop: answers are kept."""
        return tuple(
            as_lookup(step)
            for step in self._queries
            if step.host == self.host and step.role is Role.TEST and step.pair is None
        )

    @once
    def system(self) -> tuple[LookupFact, ...]:
        """Those the default path rests on."""
        return tuple(fact for fact in self.lookups if fact.detail.standing == "system")

    @once
    def trusted(self) -> tuple[LookupFact, ...]:
        """Those made for comparison."""
        return tuple(fact for fact in self.lookups if fact.detail.standing == "trusted")

    @once
    def system_addresses(self) -> frozenset[str]:
        """What the system's resolver answered, bogons included."""
        return union(fact.addresses for fact in self.system)

    @once
    def system_public(self) -> frozenset[str]:
        """What the system's resolver answered and can be connected to."""
        return union(fact.public for fact in self.system)

    @once
    def trusted_public(self) -> frozenset[str]:
        """Public addresses any trusted resolver gave."""
        return union(fact.public for fact in self.trusted)

    @once
    def vouched(self) -> frozenset[str]:
        """Public addresses a trusted resolver gave over a channel nobody can forge."""
        return union(fact.public for fact in self.trusted if fact.encrypted)

    @once
    def system_failure(self) -> Failure | None:
        """How the system's resolver failed for the name; None when it gave any address."""
        return failure_of(self.system)

    @once
    def failure_again(self) -> Failure | None:
        """How it failed when it was asked for the name once more, after the control."""
        return failure_of(self.asked_again)

    @once
    def addresses_again(self) -> frozenset[str]:
        """Public addresses it gave when it was asked for the name once more."""
        return union(fact.public for fact in self.asked_again)

    @once
    def addresses_told_again(self) -> frozenset[str]:
        """All addresses it gave then, those no public host can have included."""
        return union(fact.addresses for fact in self.asked_again)

    @once
    def asked_again(self) -> tuple[LookupFact, ...]:
        """Its queries for the name once more."""
        return tuple(
            as_lookup(step)
            for step in self._queries
            if step.pair == PAIR_AGAIN and step.host == self.host
        )

    @once
    def from_nobody(self) -> Trial:
        """Replies from an address where no resolver lives: for the target, for another name."""
        asked = [s for s in self._queries if s.pair == PAIR_NOBODY]
        return Trial(
            control=next((s for s in asked if s.role is Role.CONTROL_AFTER), None),
            test=next((s for s in asked if s.role is Role.TEST and s.host == self.host), None),
        )

    @once
    def trusted_failures(self) -> frozenset[Failure | None]:
        """What encrypted trusted resolvers said; None stands for an answer.

        That a name has no AAAA record is nothing unusual, and left out.
        """
        return frozenset(
            f.step.failure
            for f in self.trusted
            if f.encrypted and f.taken is not None
            if f.detail.query_type == "A" or f.step.failure is not Failure.DNS_NO_ANSWER
        )

    @once
    def _controls_asked(self) -> tuple[LookupFact, ...]:
        return tuple(
            as_lookup(s)
            for s in self._queries
            if s.role in {Role.CONTROL_BEFORE, Role.CONTROL_AFTER}
        )

    @once
    def fails_innocuous_names(self) -> bool:
        """The system's resolver failed for an innocuous name at least once."""
        return any(
            f.step.failure is not None
            for f in self._controls_asked
            if f.step.pair != PAIR_NOBODY and f.detail.standing == "system"
            if f.detail.query_type == "A"
        )

    @once
    def told_by_others(self) -> frozenset[str]:
        """Where others lead: by answers nobody on the path can forge, or else by any."""
        return self.vouched | self.remote.addresses or self.trusted_public

    @once
    def resolver_control(self) -> LookupFact | None:
        """The system's resolver asked for an innocuous name."""
        asked = (f for f in self._controls_asked if f.step.pair != PAIR_NOBODY)
        return next((fact for fact in asked if fact.detail.standing == "system"), None)

    def same_network(self, address: str, others: Iterable[str]) -> bool:
        """The address is in the network of one of the others, as far as a table knows them."""
        networks = {self._networks.get(other) for other in others} - {None}
        return self._networks.get(address) in networks

    @once
    def _networks(self) -> dict[str, int]:
        """Autonomous system numbers by address."""
        facts = (*self.lookups, *self.remote.lookups, *self._controls_asked)
        return {
            a.value: a.asn
            for fact in facts
            for reply in fact.detail.replies
            for a in reply.answers
            if a.asn
        }


def _unwritten(step: Step) -> bool:
    """A request cut off before anything of it was written down."""
    return step.kind is StepKind.HTTP_EXCHANGE and step.detail == "{}"
