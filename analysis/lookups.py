"""DNS queries for one name, and what each of them brought."""

from collections.abc import Iterable

from analysis.once import once
from heliograph.detail import DnsDetail, DnsReply, read
from heliograph.failure import Failure
from heliograph.model import Step

_ADDRESS_TYPES = frozenset({"A", "AAAA"})

_ENCRYPTED = frozenset({"tls", "https"})


class LookupFact:
    """One DNS query for the target's name."""

    def __init__(self, step: Step, detail: DnsDetail) -> None:
        self.step = step
        self.detail = detail
        self.taken = _taken(detail.replies)
        """The reply a stub resolver would use."""
        self.encrypted = detail.transport in _ENCRYPTED
        """Nobody on the path could forge the reply."""
        self.public: frozenset[str] = frozenset() if self.taken is None else _public(self.taken)
        """Addresses in the reply taken that a public host could have."""
        self.contradicted = len(detail.replies) > 1 and _contradict(detail)
        """One query, sent once, got replies that can't all be from one resolver."""

    @once
    def addresses(self) -> frozenset[str]:
        """Addresses in the reply taken, bogons included."""
        return frozenset() if self.taken is None else _addresses(self.taken)

    @once
    def bogons(self) -> tuple[str, ...]:
        """Why addresses in the reply taken can't be a public host's."""
        answers = () if self.taken is None else self.taken.answers
        return tuple([a.bogon for a in answers if a.type in _ADDRESS_TYPES and a.bogon])

    @once
    def reasons(self) -> frozenset[int]:
        """Numbers of the extended errors in the reply taken (RFC 8914)."""
        return frozenset() if self.taken is None else frozenset(self.taken.reasons)

    @once
    def resent(self) -> bool:
        """The query was sent again and brought several answers, which proves nothing."""
        return self.detail.sends > 1 and len({_addresses(r) for r in self.detail.replies}) > 1

    @once
    def later(self) -> frozenset[str]:
        """Addresses in acceptable replies after the first."""
        accepted = [reply for reply in self.detail.replies if reply.problem is None]
        return union(_addresses(reply) for reply in accepted[1:])

    @once
    def from_two_places(self) -> bool:
        """Acceptable replies to one query came over paths at least two hops apart in length."""
        told = [r.ip_ttl for r in self.detail.replies if r.problem is None and r.ip_ttl is not None]
        return bool(told) and max(told) - min(told) >= 2


def as_lookup(step: Step) -> LookupFact:
    """The query of a step."""
    return LookupFact(step, read(step, DnsDetail))


def failure_of(facts: tuple[LookupFact, ...], family: str = "A") -> Failure | None:
    """How a resolver failed for the name; None when it gave any address.

    ``family`` is the type of the query whose failure is the word.
    """
    if not facts or any(fact.addresses for fact in facts):
        return None
    words = [f.step.failure for f in facts if f.detail.query_type == family]
    if Failure.GENERIC_TIMEOUT_ERROR in words:
        silent = all(f.step.failure is Failure.GENERIC_TIMEOUT_ERROR for f in facts)
        return Failure.GENERIC_TIMEOUT_ERROR if silent else None
    return next((word for word in words if word is not None), None)


def _taken(replies: tuple[DnsReply, ...]) -> DnsReply | None:
    for reply in replies:
        if reply.problem is None:
            return reply
    return None


def _public(reply: DnsReply) -> frozenset[str]:
    return frozenset(
        [a.value for a in reply.answers if a.type in _ADDRESS_TYPES and a.bogon is None]
    )


def _contradict(detail: DnsDetail) -> bool:
    """Whether the replies to a query that was sent once exclude each other.

    A resend may fairly be answered with another set, so only single sends count; and a resolver
    that gives up may be outrun by another one behind the same address.
    """
    if detail.sends > 1:
        return False
    told = {
        (r.rcode, _addresses(r))
        for r in detail.replies
        if r.problem is None and r.rcode in {"NOERROR", "NXDOMAIN"}
    }
    sets = [addresses for _, addresses in told]
    pairs = ((a, b) for i, a in enumerate(sets) for b in sets[i + 1 :])
    return any(a.isdisjoint(b) for a, b in pairs if a or b)


def _addresses(reply: DnsReply) -> frozenset[str]:
    return frozenset([a.value for a in reply.answers if a.type in _ADDRESS_TYPES])


def union(sets: Iterable[frozenset[str]]) -> frozenset[str]:
    """All of them in one."""
    return frozenset().union(*sets)
