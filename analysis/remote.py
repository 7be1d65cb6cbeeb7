"""What a control elsewhere saw of one hop, and whether it can be believed."""

from collections.abc import Iterable

from analysis.lookups import LookupFact, as_lookup, failure_of, union
from analysis.once import once
from heliograph.detail import Certificate, HttpDetail, TlsDetail, read
from heliograph.failure import NOT_ATTEMPTED, Failure
from heliograph.model import PAIR_ASKED, Role, Step, StepKind

_NOTHING_SAID = NOT_ATTEMPTED | {
    Failure.HOST_UNREACHABLE,
    Failure.INVALID_ARGUMENT,
    Failure.NETWORK_UNREACHABLE,
    Failure.ADDRESS_FAMILY_NOT_SUPPORTED,
    Failure.ADDRESS_NOT_AVAILABLE,
}


class Remote:
    """The control's steps for one hop: ``host`` at ``port``.

    ``end`` is its request for the page at the end of the way, where it followed the redirects by
    itself and this hop is the last that was gone here.
    """

    def __init__(
        self, steps: Iterable[Step], host: str, port: int, end: Step | None = None
    ) -> None:
        everything = [step for step in steps if step.role is Role.REMOTE_CONTROL]
        self._seen = tuple([s for s in everything if s.pair is None])
        self._asked = tuple([s for s in everything if s.pair == PAIR_ASKED])
        self._host = host
        self._port = port
        self._end = end

    @property
    def tried(self) -> bool:
        """A control was asked, whatever came of it."""
        return bool(self._asked or self._seen)

    @once
    def answered(self) -> bool:
        """A control made the look."""
        made = self._seen if self._end is None else (*self._seen, self._end)
        return any(s.failure not in NOT_ATTEMPTED for s in made)

    @once
    def lookups(self) -> tuple[LookupFact, ...]:
        """Its queries for the name."""
        return tuple(
            as_lookup(step)
            for step in self._seen
            if step.kind is StepKind.DNS_QUERY and step.host == self._host
            if step.failure not in NOT_ATTEMPTED
        )

    @once
    def dns_failure(self) -> Failure | None:
        """How its own resolver failed for the name; None when it gave any address."""
        return failure_of(tuple(f for f in self.lookups if f.detail.standing == "system"))

    @once
    def poisoned(self) -> bool:
        """Its own answers contradict each other: somebody lies to it, too."""
        return any(fact.contradicted for fact in self.lookups)

    @once
    def addresses(self) -> frozenset[str]:
        """Public addresses it was given for the name."""
        return union(fact.public for fact in self.lookups)

    @once
    def connected(self) -> frozenset[str]:
        """Addresses that took its connection at the target's port."""
        return _places(s for s in self._of(StepKind.TCP_CONNECT) if s.failure is None)

    @once
    def proved(self) -> frozenset[str]:
        """Addresses that proved the name to it, at any port."""
        shaken = (s for s in self._seen if s.kind is StepKind.TLS_HANDSHAKE)
        return _places(s for s in shaken if s.host == self._host and s.failure is None)

    def failure_at(self, kind: StepKind, address: str | None) -> Failure | None:
        """How a step of this kind failed for it at an address; None when it did not, or could not
        be made: a control without IPv6 says nothing of it."""
        made = (s for s in self._of(kind) if s.address == address)
        return next((s.failure for s in made if s.failure not in _NOTHING_SAID), None)

    def made_at(self, kind: StepKind, address: str | None) -> Step | None:
        """Its step of this kind at an address, whatever came of it."""
        return next((s for s in self._of(kind) if s.address == address), None)

    def shut_out(self, address: str, port: int | None) -> bool:
        """It got no connection at an address and port, whatever the target's port is."""
        connects = (s for s in self._seen if s.kind is StepKind.TCP_CONNECT and s.port == port)
        failed = (s.failure for s in connects if s.address == address and s.host == self._host)
        return any(word not in _NOTHING_SAID for word in failed if word is not None)

    @once
    def told(self) -> frozenset[str]:
        """All addresses it was given for the name, those no public host can have included."""
        return union(fact.addresses for fact in self.lookups)

    def leaf_at(self, address: str | None) -> Certificate | None:
        """The certificate it was presented at an address; None when unknown."""
        shaken = (s for s in self._of(StepKind.TLS_HANDSHAKE) if s.address == address)
        chains = (read(s, TlsDetail).chain for s in shaken if s.detail != "{}")
        return next((chain[0] for chain in chains if chain), None)

    @once
    def exchange(self) -> Step | None:
        """Its request for the page."""
        return next(iter(self._of(StepKind.HTTP_EXCHANGE)), self._end)

    @property
    def at_the_end(self) -> bool:
        """That request is the one at the end of its way."""
        return self._end is not None and self.exchange is self._end

    @once
    def page(self) -> HttpDetail | None:
        """The response it got, from whatever address it took to be the target's."""
        if self.exchange is None or self.exchange.detail == "{}":
            return None
        detail = read(self.exchange, HttpDetail)
        return None if detail.status is None else detail

    @once
    def showed_page(self) -> frozenset[str]:
        """The address it got the response from, if it got one."""
        shown = () if self.exchange is None or self.page is None else (self.exchange,)
        return _places(shown)

    def _of(self, kind: StepKind) -> list[Step]:
        return [step for step in self._at_the_port if step.kind is kind]

    @once
    def _at_the_port(self) -> list[Step]:
        return [
            s
            for s in self._seen
            if s.port == self._port and s.host == self._host and s.resolver is None
        ]


def _places(steps: Iterable[Step]) -> frozenset[str]:
    return frozenset(step.address or "" for step in steps)
