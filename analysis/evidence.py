"""The steps of one measurement, arranged the way rules ask about them."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from heliograph.detail import DnsDetail, DnsReply, HttpDetail, TlsDetail, read
from heliograph.failure import CERTIFICATE_FAILURES, NOT_ATTEMPTED, Failure
from heliograph.model import PAIR_AGAIN, PAIR_SWAP, Measurement, Role, Step, StepKind

_ADDRESS_TYPES = frozenset({"A", "AAAA"})
_NO_ROUTE = frozenset(
    {
        Failure.NETWORK_UNREACHABLE,
        Failure.ADDRESS_FAMILY_NOT_SUPPORTED,
        Failure.ADDRESS_NOT_AVAILABLE,
    }
)


@dataclass(frozen=True)
class LookupFact:
    """One DNS query for the target's name."""

    step: Step
    detail: DnsDetail

    @property
    def taken(self) -> DnsReply | None:
        """The reply a stub resolver would use."""
        return next((reply for reply in self.detail.replies if reply.problem is None), None)

    @property
    def addresses(self) -> frozenset[str]:
        """Addresses in the reply taken, bogons included."""
        return frozenset() if self.taken is None else _addresses(self.taken)

    @property
    def public(self) -> frozenset[str]:
        """Addresses in the reply taken that a public host could have."""
        if self.taken is None:
            return frozenset()
        return frozenset(a.value for a in self.taken.answers if _is_public(a.type, a.bogon))

    @property
    def contradicted(self) -> bool:
        """One query, sent once, got replies that can't all be from one resolver.

        A resend may fairly be answered with another set, so only single sends count; and a
        resolver that gives up may be outrun by another one behind the same address.
        """
        told = {
            (r.rcode, _addresses(r))
            for r in self.detail.replies
            if r.problem is None and r.rcode in {"NOERROR", "NXDOMAIN"}
        }
        if self.detail.sends > 1 or len(told) < 2:
            return False
        sets = [addresses for _, addresses in told]
        pairs = ((a, b) for i, a in enumerate(sets) for b in sets[i + 1 :])
        return any(a.isdisjoint(b) for a, b in pairs if a or b)

    @property
    def later(self) -> frozenset[str]:
        """Addresses in acceptable replies after the first."""
        accepted = [reply for reply in self.detail.replies if reply.problem is None]
        return _union(_addresses(reply) for reply in accepted[1:])

    @property
    def from_two_places(self) -> bool:
        """Acceptable replies to one query came over paths at least two hops apart in length."""
        told = [r.ip_ttl for r in self.detail.replies if r.problem is None and r.ip_ttl is not None]
        return bool(told) and max(told) - min(told) >= 2

    @property
    def encrypted(self) -> bool:
        """Nobody on the path could forge the reply."""
        return self.detail.transport in {"tls", "https"}


@dataclass(frozen=True)
class Trial:
    """The two halves of a paired trial that differ in the name alone."""

    control: Step | None
    test: Step | None


class Evidence:
    """Everything a rule may ask of one measurement. Looks nothing up; the facts are in the steps.

    The default path is what a browser here would use: the system resolver's answers, or the
    literal address of the target.
    """

    def __init__(self, measurement: Measurement) -> None:
        self.measurement = measurement
        self.target = measurement.target
        self.host = measurement.target.host
        self._plain = measurement.target.scheme == "http"
        self._ours = [
            step for step in measurement.steps if step.resolver is None and not _unwritten(step)
        ]

    # DNS

    @cached_property
    def lookups(self) -> tuple[LookupFact, ...]:
        """All queries for the target's own name."""
        return tuple(
            LookupFact(step, read(step, DnsDetail))
            for step in self.measurement.steps
            if step.kind is StepKind.DNS_QUERY
            and step.host == self.host
            and step.role is Role.TEST
            and step.pair is None
            and step.failure not in NOT_ATTEMPTED
        )

    @cached_property
    def system(self) -> tuple[LookupFact, ...]:
        """Those the default path rests on."""
        return tuple(fact for fact in self.lookups if fact.detail.standing == "system")

    @cached_property
    def trusted(self) -> tuple[LookupFact, ...]:
        """Those made for comparison."""
        return tuple(fact for fact in self.lookups if fact.detail.standing == "trusted")

    @cached_property
    def system_addresses(self) -> frozenset[str]:
        """What the system's resolver answered, bogons included."""
        return _union(fact.addresses for fact in self.system)

    @cached_property
    def system_public(self) -> frozenset[str]:
        """What the system's resolver answered and can be connected to."""
        return _union(fact.public for fact in self.system)

    @cached_property
    def trusted_public(self) -> frozenset[str]:
        """Public addresses any trusted resolver gave."""
        return _union(fact.public for fact in self.trusted)

    @cached_property
    def vouched(self) -> frozenset[str]:
        """Public addresses a trusted resolver gave over a channel nobody can forge."""
        return _union(fact.public for fact in self.trusted if fact.encrypted)

    @cached_property
    def system_failure(self) -> Failure | None:
        """How the system's resolver failed for the name; None when it gave any address."""
        return _failure_of(self.system)

    @cached_property
    def failure_again(self) -> Failure | None:
        """How it failed when it was asked for the name once more, after the control."""
        return _failure_of(
            tuple(
                LookupFact(step, read(step, DnsDetail))
                for step in self.measurement.steps
                if step.kind is StepKind.DNS_QUERY
                and step.pair == PAIR_AGAIN
                and step.failure not in NOT_ATTEMPTED
            )
        )

    @cached_property
    def answer_in_doubt(self) -> bool:
        """The system's resolver failed, or leads where the target's name is not proved."""
        strange = {s.address for s in self.handshakes if s.failure in CERTIFICATE_FAILURES}
        return bool(self.system) and (
            not self.system_public or not strange.isdisjoint(self.system_public)
        )

    @cached_property
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

    @cached_property
    def resolver_control(self) -> LookupFact | None:
        """The system's resolver asked for an innocuous name."""
        asked = (
            LookupFact(step, read(step, DnsDetail))
            for step in self.measurement.steps
            if step.kind is StepKind.DNS_QUERY
            and step.role in {Role.CONTROL_BEFORE, Role.CONTROL_AFTER}
            and step.failure not in NOT_ATTEMPTED
        )
        return next((fact for fact in asked if fact.detail.standing == "system"), None)

    @cached_property
    def control_proved(self) -> bool | None:
        """Whether the innocuous name was led to a server that proves it; None: never tried."""
        led_to = frozenset() if self.resolver_control is None else self.resolver_control.public
        tried = [
            step.failure
            for step in self._ours
            if step.kind is StepKind.TLS_HANDSHAKE and step.address in led_to
            if step.role in {Role.CONTROL_BEFORE, Role.CONTROL_AFTER}
        ]
        if None in tried:
            return True
        return False if not CERTIFICATE_FAILURES.isdisjoint(tried) else None

    # Connections

    @cached_property
    def default_addresses(self) -> frozenset[str]:
        """Addresses of the default path."""
        looked_up = bool(self.system)
        return self.system_public if looked_up else frozenset({self.host})

    @cached_property
    def connects(self) -> tuple[Step, ...]:
        """Connections tried for the target, to any address, a missing IPv6 route left out."""
        return tuple(s for s in self._own(StepKind.TCP_CONNECT) if not _lacks_ipv6(s))

    @cached_property
    def lacks_ipv6(self) -> bool:
        """Only IPv6 addresses were to be had, and this host has no route to them."""
        return not self.connects and any(_lacks_ipv6(s) for s in self._own(StepKind.TCP_CONNECT))

    @cached_property
    def handshakes(self) -> tuple[Step, ...]:
        """Handshakes made in the target's name with addresses thought to be its own."""
        return self._own(StepKind.TLS_HANDSHAKE)

    @cached_property
    def exchanges(self) -> tuple[Step, ...]:
        """Requests for the target."""
        return self._own(StepKind.HTTP_EXCHANGE)

    @cached_property
    def authentic(self) -> frozenset[str]:
        """Addresses that proved the target's name by a valid certificate."""
        return _union(
            frozenset({step.address or ""}) for step in self.handshakes if step.failure is None
        )

    @cached_property
    def reaches_elsewhere(self) -> bool:
        """An address from a trusted resolver proved the target's name."""
        return not self.authentic.isdisjoint(self.trusted_public)

    @cached_property
    def lives(self) -> bool:
        """The name exists for somebody who can't be lied to on the path."""
        return self.reaches_elsewhere or bool(self.vouched)

    def on_default_path(self, steps: Iterable[Step]) -> tuple[Step, ...]:
        """Those of the steps that went to an address and port of the default path."""
        return tuple(
            step
            for step in steps
            if step.address in self.default_addresses and step.port == self.target.port
        )

    @cached_property
    def reached(self) -> frozenset[str]:
        """Addresses of the default path that proved the target's name."""
        return self.authentic & self.default_addresses

    @cached_property
    def stopped(self) -> Step | None:
        """The step at which the default path ended, where the name had been sent: TLS or HTTP."""
        if self._plain:
            tried = self.on_default_path(self.exchanges)
            if any(self.answered(step) for step in tried):
                return None
            sent = [s for s in tried if s.failure is not None and s.failure not in NOT_ATTEMPTED]
            return next((s for s in sent if read(s, HttpDetail).stage == "headers"), None)
        if self.reached:
            return None
        return next(
            (s for s in self.on_default_path(self.handshakes) if s.failure not in NOT_ATTEMPTED),
            None,
        )

    def same_address(self, step: Step) -> Trial:
        """The innocuous name said to the same address and port."""
        pair = f"{step.address}:{step.port}"
        found = (s for s in self._said() if s.role is Role.CONTROL_AFTER and s.pair == pair)
        return Trial(control=next(found, None), test=step)

    @cached_property
    def swap(self) -> Trial:
        """Both names said to the innocuous name's own address, if that is another server."""
        own = self.default_addresses | self.trusted_public
        said = [s for s in self._said() if s.pair == PAIR_SWAP and s.address not in own]
        return Trial(
            control=next((s for s in said if s.role is Role.CONTROL_BEFORE), None),
            test=next((s for s in said if s.role is Role.TEST), None),
        )

    def answered(self, step: Step | None) -> bool:
        """The peer answered in this step, whatever its certificate or status is worth."""
        if step is None:
            return False
        if step.kind is StepKind.HTTP_EXCHANGE:
            return read(step, HttpDetail).status is not None
        return step.failure is None or step.failure in CERTIFICATE_FAILURES

    def tls(self, step: Step) -> TlsDetail:
        """The handshake's detail."""
        return read(step, TlsDetail)

    def http(self, step: Step) -> HttpDetail:
        """The exchange's detail."""
        return read(step, HttpDetail)

    def _said(self) -> Iterable[Step]:
        kind = StepKind.HTTP_EXCHANGE if self._plain else StepKind.TLS_HANDSHAKE
        return (step for step in self._ours if step.kind is kind)

    def _own(self, kind: StepKind) -> tuple[Step, ...]:
        return tuple(
            step
            for step in self._ours
            if step.kind is kind
            and step.role is Role.TEST
            and step.pair is None
            and step.host == self.host
        )


def _unwritten(step: Step) -> bool:
    """A request cut off before anything of it was written down."""
    return step.kind is StepKind.HTTP_EXCHANGE and step.detail == "{}"


def _failure_of(facts: tuple[LookupFact, ...]) -> Failure | None:
    if not facts or any(fact.addresses for fact in facts):
        return None
    words = [f.step.failure for f in facts if f.detail.query_type == "A"]
    if Failure.GENERIC_TIMEOUT_ERROR in words:
        silent = all(f.step.failure is Failure.GENERIC_TIMEOUT_ERROR for f in facts)
        return Failure.GENERIC_TIMEOUT_ERROR if silent else None
    return next((word for word in words if word is not None), None)


def _lacks_ipv6(step: Step) -> bool:
    return step.failure in _NO_ROUTE and ":" in (step.address or "")


def _addresses(reply: DnsReply) -> frozenset[str]:
    return frozenset(a.value for a in reply.answers if a.type in _ADDRESS_TYPES)


def _is_public(kind: str, bogon: str | None) -> bool:
    return kind in _ADDRESS_TYPES and bogon is None


def _union(sets: Iterable[frozenset[str]]) -> frozenset[str]:
    return frozenset().union(*sets)
