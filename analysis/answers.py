"""What resolvers said of one hop's host: the system's, the trusted ones, the control's."""

from collections.abc import Iterable
from typing import Self

import msgspec

from analysis.lookups import LookupFact, as_lookup, failure_of, union
from analysis.once import once
from analysis.remote import Remote
from analysis.rewriting import restored
from analysis.surroundings import rewriting
from heliograph.detail import DnsAnswer
from heliograph.failure import NOT_ATTEMPTED, Failure
from heliograph.model import (
    NO_IPV6,
    PAIR_AGAIN,
    PAIR_END,
    PAIR_EXPLAINED,
    PAIR_IPV6,
    PAIR_NOBODY,
    UNKNOWN_COUNTRY,
    Measurement,
    Role,
    Step,
    StepKind,
    Target,
)


class Trial(msgspec.Struct, frozen=True):
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
        theirs: list[Step] = []
        own: list[Step] = []
        for step in steps:
            (theirs if step.role is Role.REMOTE_CONTROL else own).append(step)
        self._queries = [
            s for s in own if s.kind is StepKind.DNS_QUERY and s.failure not in NOT_ATTEMPTED
        ]
        self._ours = [s for s in own if s.hop == hop and s.resolver is None and not _unwritten(s)]
        here = [step for step in theirs if step.hop == hop and step.pair != PAIR_END]
        self.remote = Remote(here, self.host, self.target.port, self._end(theirs))

    def _end(self, steps: Iterable[Step]) -> Step | None:
        """The control's request at the end of its way, when this hop is the end of ours."""
        ends = [step for step in steps if step.pair == PAIR_END]
        last = max((s.hop for s in self.measurement.steps), default=1) if ends else 0
        return ends[0] if ends and self.hop == last else None

    @once
    def lookups(self) -> tuple[LookupFact, ...]:
        """All queries for the target's own name, at whatever hop: answers are kept."""
        own = [s for s in self._queries if s.pair is None and s.host == self.host]
        return tuple([as_lookup(step) for step in own if step.role is Role.TEST])

    @once
    def system(self) -> tuple[LookupFact, ...]:
        """Those the default path rests on."""
        told = [fact for fact in self.lookups if fact.detail.standing == "system"]
        return tuple(told if self._both_families else _of(told, "A"))

    @once
    def trusted(self) -> tuple[LookupFact, ...]:
        """Those made for comparison."""
        return tuple([fact for fact in self.lookups if fact.detail.standing == "trusted"])

    @once
    def system_addresses(self) -> frozenset[str]:
        """What the system's resolver answered, bogons included."""
        return union([fact.addresses for fact in self.system])

    @once
    def system_public(self) -> frozenset[str]:
        """What the system's resolver answered and can be connected to."""
        return union([fact.public for fact in self.system])

    @once
    def trusted_public(self) -> frozenset[str]:
        """Public addresses any trusted resolver gave."""
        return union([fact.public for fact in self.trusted])

    @once
    def vouched(self) -> frozenset[str]:
        """Public addresses a trusted resolver gave over a channel nobody can forge."""
        return union([fact.public for fact in self.trusted if fact.encrypted])

    @once
    def system_failure(self) -> Failure | None:
        """How the system's resolver failed for the name; None when it gave any address."""
        return failure_of(self.system, self._family)

    @once
    def failure_again(self) -> Failure | None:
        """How it failed when it was asked for the name once more, after the control."""
        return failure_of(self.asked_again, self._family)

    @once
    def addresses_again(self) -> frozenset[str]:
        """Public addresses it gave when it was asked for the name once more."""
        return union([fact.public for fact in self.asked_again])

    @once
    def addresses_told_again(self) -> frozenset[str]:
        """All addresses it gave then, those no public host can have included."""
        return union([fact.addresses for fact in self.asked_again])

    @once
    def asked_again(self) -> tuple[LookupFact, ...]:
        """Its queries for the name once more."""
        asked = [
            as_lookup(step)
            for step in self._queries
            if step.pair == PAIR_AGAIN and step.host == self.host
        ]
        return tuple(asked if self._both_families else _of(asked, "A"))

    @once
    def explained(self) -> LookupFact | None:
        """Its answer when it was asked for its reason, checking off."""
        asked = (s for s in self._queries if s.pair == PAIR_EXPLAINED and s.host == self.host)
        return next((as_lookup(step) for step in asked), None)

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

        That a name has no addresses of one family is nothing unusual, and left out.
        """
        return frozenset(
            f.step.failure
            for f in self.trusted
            if f.encrypted and f.taken is not None
            if f.detail.query_type == self._family or f.step.failure is not Failure.DNS_NO_ANSWER
        )

    @once
    def _controls_asked(self) -> tuple[LookupFact, ...]:
        controls = {Role.CONTROL_BEFORE, Role.CONTROL_AFTER}
        return tuple([as_lookup(s) for s in self._queries if s.role in controls])

    @property
    def has_other_names(self) -> bool:
        """An innocuous name was looked up."""
        return bool(self._controls_asked)

    @once
    def _compared(self) -> list[Step]:
        """What was tried at this hop for comparison."""
        return [step for step in self._ours if step.pair is not None]

    @property
    def has_trials(self) -> bool:
        """Something was."""
        return bool(self._compared)

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
        other = {PAIR_NOBODY, PAIR_IPV6}
        asked = (f for f in self._controls_asked if f.step.pair not in other)
        return next((fact for fact in asked if fact.detail.standing == "system"), None)

    # Families of addresses

    @once
    def has_ipv6_only(self) -> bool:
        """Resolvers nobody can forge know IPv6 addresses of the name, and that it has no others."""
        no_others = any(
            fact.encrypted and fact.step.failure is Failure.DNS_NO_ANSWER
            for fact in _of(self.trusted, "A")
        )
        return no_others and bool(self.vouched) and all(":" in address for address in self.vouched)

    @once
    def withholds_ipv6(self) -> bool:
        """The system's resolver says truly that there is no IPv4 address, and gives no other.

        Many resolvers give nobody IPv6 addresses, and mean no harm.
        """
        honest = any(f.step.failure is Failure.DNS_NO_ANSWER for f in _of(self.system, "A"))
        return self.has_ipv6_only and honest and not self.system_addresses

    @once
    def is_told_half(self) -> bool:
        """The system's resolver gives addresses, and others know IPv6 ones as well."""
        return bool(self.system_addresses) and any(":" in address for address in self.vouched)

    @once
    def gives_ipv6(self) -> bool | None:
        """Whether it gives an innocuous name the IPv6 address it has; None: it was not asked."""
        asked = [
            fact
            for fact in self._controls_asked
            if fact.step.pair == PAIR_IPV6 and fact.detail.standing == "system"
        ]
        return any(fact.public for fact in asked) if asked else None

    @once
    def ipv6_asked(self) -> tuple[Step, ...]:
        """Its queries for the IPv6 address of an innocuous name."""
        return tuple([f.step for f in self._controls_asked if f.step.pair == PAIR_IPV6])

    @once
    def _family(self) -> str:
        """The type of query that finds the name's addresses."""
        return "AAAA" if self.has_ipv6_only else "A"

    @once
    def _both_families(self) -> bool:
        """Whether IPv6 addresses count here: not without a route, unless there are no others.

        A route of which the host's table knows nothing shows in a connection that was made.
        """
        if NO_IPV6 not in self.measurement.context or self.has_ipv6_only:
            return True
        made = (s for s in self._ours if s.kind is StepKind.TCP_CONNECT and s.failure is None)
        return any(":" in (step.address or "") for step in made)

    def same_network(self, address: str, others: Iterable[str]) -> bool:
        """The address is in the network of one of the others, as far as a table knows them."""
        return bool(self.networks_of((address,)) & self.networks_of(others))

    def networks_of(self, addresses: Iterable[str]) -> frozenset[int]:
        """The autonomous systems of these addresses, as far as a table knows them."""
        known = (self._answers_by_address.get(address) for address in addresses)
        return frozenset([answer.asn for answer in known if answer is not None and answer.asn])

    def is_near(self, address: str) -> bool:
        """The address is in the vantage's own network or country, or nobody knows where."""
        answer, vantage = self._answers_by_address.get(address), self.measurement.vantage
        if answer is None:
            return True
        if answer.asn and answer.asn == vantage.asn:
            return True
        return answer.country == vantage.country != UNKNOWN_COUNTRY

    @once
    def _answers_by_address(self) -> dict[str, DnsAnswer]:
        facts = (*self.lookups, *self.remote.lookups, *self._controls_asked)
        return {
            answer.value: answer
            for fact in facts
            for reply in fact.detail.replies
            for answer in reply.answers
            if answer.asn or answer.country
        }


def _of(facts: Iterable[LookupFact], query_type: str) -> list[LookupFact]:
    return [fact for fact in facts if fact.detail.query_type == query_type]


def _unwritten(step: Step) -> bool:
    """A request cut off before anything of it was written down."""
    return step.kind is StepKind.HTTP_EXCHANGE and step.detail == "{}"
