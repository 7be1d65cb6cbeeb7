"""The steps of a look at the surroundings, arranged the way flags ask about them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from analysis.lookups import LookupFact, as_lookup, union
from analysis.once import once
from heliograph.detail import Certificate, DnsDetail, HttpDetail, TlsDetail, read
from heliograph.failure import CERTIFICATE_FAILURES, NOT_ATTEMPTED, Failure
from heliograph.model import (
    PAIR_CHECK,
    PAIR_INNOCUOUS,
    PAIR_NOWHERE,
    UNKNOWN_COUNTRY,
    Role,
    Step,
    StepKind,
)

_SILENT = NOT_ATTEMPTED | {
    Failure.GENERIC_TIMEOUT_ERROR,
    Failure.TIMED_OUT,
    Failure.NETWORK_UNREACHABLE,
    Failure.HOST_UNREACHABLE,
    Failure.NETWORK_DOWN,
    Failure.ADDRESS_FAMILY_NOT_SUPPORTED,
    Failure.ADDRESS_NOT_AVAILABLE,
}
_PROOF = frozenset({None})
_OUTDATED = ("(code 9,", "(code 10,")
"""How OpenSSL's words end for a certificate that is not valid yet, or not any more."""


@dataclass(frozen=True, slots=True)
class Host:
    """What a host tells of itself without a packet."""

    country: str = UNKNOWN_COUNTRY
    seen_country: str = UNKNOWN_COUNTRY
    """The country of the address that others see this host with."""
    tunnel: str | None = None
    """The interface of a tunnel through which traffic leaves."""
    ipv6: bool = True


@dataclass(frozen=True, slots=True)
class Dated:
    """A certificate of an innocuous name that is good, or that only its dates speak against."""

    certificate: Certificate

    def valid_at(self, moment: datetime) -> bool:
        """Whether its dates include the moment."""
        told = moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return self.certificate.not_before <= told <= self.certificate.not_after


class Name:
    """An innocuous name: what resolvers said of it."""

    def __init__(
        self, host: str, steps: Iterable[Step], proved: frozenset[str], strange: frozenset[str]
    ) -> None:
        """``proved`` are addresses that proved the name, ``strange`` those that had another's."""
        facts = [as_lookup(s) for s in steps if s.kind is StepKind.DNS_QUERY and s.host == host]
        self._system = [f for f in facts if f.detail.standing == "system"]
        self._others = [f for f in facts if f.detail.standing == "trusted"]
        self._proved = proved
        self._strange = strange

    @property
    def addresses(self) -> frozenset[str]:
        """What the system's resolver answered."""
        return union(fact.addresses for fact in self._system)

    @property
    def failed(self) -> bool:
        """The system's resolver was asked, and gave no address."""
        return bool(self._system) and not self.addresses

    @property
    def found_elsewhere(self) -> bool:
        """Another resolver gave an address."""
        return bool(union(fact.public for fact in self._others))

    @property
    def misled(self) -> bool:
        """The name is proved where others lead, and not where the system's resolver does."""
        others = union(fact.public for fact in self._others)
        return not self._proved.isdisjoint(others) and self._proved.isdisjoint(self.addresses)

    @property
    def elsewhere(self) -> bool:
        """Where the system's resolver leads, somebody else's certificate is shown."""
        return not self._strange.isdisjoint(self.addresses)


class Around:
    """Everything a flag may ask of the surroundings."""

    def __init__(self, steps: tuple[Step, ...], host: Host, started: datetime) -> None:
        self.steps = tuple(s for s in steps if s.role is not Role.REMOTE_CONTROL)
        """What a control saw elsewhere says nothing of the network here."""
        self.host = host
        self._started = started
        self._queries = [s for s in self.steps if s.kind is StepKind.DNS_QUERY and s.detail != "{}"]

    @once
    def heard(self) -> bool:
        """Somebody said something, if only no."""
        return any(step.failure not in _SILENT for step in self.steps)

    # Connectivity checks

    @once
    def _checks(self) -> tuple[HttpDetail, ...]:
        return tuple(read(s, HttpDetail) for s in self._exchanges(PAIR_CHECK))

    @once
    def check_passed(self) -> bool:
        """A check was answered by an empty 204."""
        return any(c.status == 204 and not c.body_bytes for c in self._checks)

    @once
    def check_answered(self) -> bool:
        """A check was answered by anything."""
        return any(c.status is not None for c in self._checks)

    # Names

    @once
    def names(self) -> tuple[Name, ...]:
        """The innocuous names that were looked up."""
        asked = dict.fromkeys(s.host for s in self._queries if s.pair == PAIR_INNOCUOUS and s.host)
        own = [s for s in self._queries if s.pair == PAIR_INNOCUOUS]
        known = {s.host for s in own if read(s, DnsDetail).standing == "system"}
        return tuple(
            Name(
                host, own, self._shown_at(host, _PROOF), self._shown_at(host, CERTIFICATE_FAILURES)
            )
            for host in asked
            if host in known
        )

    def _shown_at(self, host: str, words: frozenset[Failure | None]) -> frozenset[str]:
        """Addresses where a handshake for the name ended so."""
        shaken = (s for s in self._handshakes if s.host == host and s.failure in words)
        return frozenset(s.address or "" for s in shaken)

    @once
    def one_answer(self) -> bool:
        """All names, and they are several, are given the very same addresses."""
        return len(self.names) > 1 and len({name.addresses for name in self.names}) == 1

    @once
    def _nowhere(self) -> tuple[LookupFact, ...]:
        return tuple(as_lookup(s) for s in self._queries if s.pair == PAIR_NOWHERE)

    @once
    def rewriting(self) -> frozenset[str]:
        """Addresses the system's resolver, and no other, gives a name that nobody has."""
        told = union(f.addresses for f in self._nowhere if f.detail.standing == "system")
        return told - union(f.addresses for f in self._nowhere if f.detail.standing != "system")

    @once
    def led_as_nowhere(self) -> bool:
        """Every innocuous name is led where the name that nobody has is led."""
        led = [name.addresses for name in self.names]
        return bool(led) and all(each and each <= self.rewriting for each in led)

    # Certificates

    @once
    def _handshakes(self) -> tuple[Step, ...]:
        """Handshakes with innocuous names, resolvers and controls of our own asking."""
        return tuple(
            s
            for s in self.steps
            if s.kind is StepKind.TLS_HANDSHAKE and s.detail != "{}" and s.pair is not None
        )

    @once
    def visited(self) -> frozenset[str]:
        """Innocuous names that somebody presented a certificate for."""
        return frozenset(
            s.host or ""
            for s in self._handshakes
            if s.pair == PAIR_INNOCUOUS and s.resolver is None and read(s, TlsDetail).completed
        )

    @once
    def proved(self) -> bool:
        """An innocuous name was proved by a valid certificate."""
        return any(
            s.failure is None and s.pair == PAIR_INNOCUOUS and s.resolver is None
            for s in self._handshakes
        )

    @once
    def unknown_issuers(self) -> frozenset[tuple[str, str]]:
        """Names presented with certificates of unknown authorities, and who issued these."""
        chains = (
            (s.host or "", read(s, TlsDetail).chain)
            for s in self._handshakes
            if s.failure is Failure.SSL_UNKNOWN_AUTHORITY
        )
        return frozenset((host, chain[0].issuer) for host, chain in chains if chain)

    @once
    def dated(self) -> tuple[Dated, ...]:
        """Innocuous names' certificates, when nothing but the host's clock speaks against any."""
        tried = [
            s
            for s in self._handshakes
            if s.pair == PAIR_INNOCUOUS and s.resolver is None and read(s, TlsDetail).completed
        ]
        details = [read(s, TlsDetail) for s in tried]
        late = (any(word in (d.verification or "") for word in _OUTDATED) for d in details)
        if not all(s.failure is None or dates for s, dates in zip(tried, late, strict=True)):
            return ()
        return tuple(Dated(d.chain[0]) for d in details if d.chain)

    # The time

    @once
    def ahead(self) -> tuple[timedelta, ...]:
        """How far the host's clock is ahead of each server's that told its own."""
        told = ((s, read(s, HttpDetail)) for s in self._exchanges(PAIR_CHECK, PAIR_INNOCUOUS))
        found = (self._ahead(step, detail) for step, detail in told)
        return tuple(each for each in found if each is not None)

    def _ahead(self, step: Step, detail: HttpDetail) -> timedelta | None:
        text = next((v for k, v in detail.headers if k.lower() == "date"), "")
        try:
            moment = parsedate_to_datetime(text)
        except (ValueError, IndexError, OverflowError):
            return None
        if moment.tzinfo is None:
            return None
        return self._started + timedelta(seconds=step.started + step.seconds) - moment

    @once
    def told_over_tls(self) -> bool:
        """An innocuous name's own server told the time where nobody could change it."""
        shaken = {(s.host, s.address) for s in self._handshakes if read(s, TlsDetail).completed}
        told = (s for s in self._exchanges(PAIR_INNOCUOUS) if (s.host, s.address) in shaken)
        return any(self._ahead(step, read(step, HttpDetail)) is not None for step in told)

    @once
    def times_agree(self) -> bool:
        """Two or more servers told the time, and told the same."""
        ahead = self.ahead
        return len(ahead) > 1 and max(ahead) - min(ahead) < timedelta(hours=1)

    # Here and abroad

    @once
    def _near(self) -> frozenset[str]:
        """Names that the system's resolver places in the vantage's country."""
        if self.host.country == UNKNOWN_COUNTRY:
            return frozenset()
        facts = (as_lookup(s) for s in self._queries if s.pair != PAIR_NOWHERE)
        return frozenset(
            fact.step.host or ""
            for fact in facts
            if fact.detail.standing == "system" and fact.taken is not None
            if any(a.country == self.host.country for a in fact.taken.answers)
        )

    @once
    def _reached(self) -> frozenset[str]:
        """Names in whose place somebody answered."""
        places = [s for s in self.steps if s.resolver is None and s.pair is not None]
        shaken = (s for s in places if s.kind is StepKind.TLS_HANDSHAKE)
        said = (s for s in places if s.kind is StepKind.HTTP_EXCHANGE and s.detail != "{}")
        return frozenset(
            [s.host or "" for s in shaken if s.failure is None or s.failure in CERTIFICATE_FAILURES]
            + [s.host or "" for s in said if read(s, HttpDetail).status is not None]
        )

    @once
    def _tried(self) -> frozenset[str]:
        """Names that were to be visited, controls' included."""
        return frozenset(
            s.host or ""
            for s in self.steps
            if s.kind is StepKind.TCP_CONNECT and s.resolver is None and s.pair is not None
        )

    @once
    def abroad_lost(self) -> bool:
        """Two or more places elsewhere were tried, and not one of them answered."""
        abroad = {s for s in self._tried if s not in self._near}
        return len(abroad) >= 2 and abroad.isdisjoint(self._reached)

    @once
    def near_reached(self) -> bool:
        """A name of this country answered."""
        return not self._near.isdisjoint(self._reached)

    @once
    def resolvers_reached(self) -> bool:
        """A resolver elsewhere took a connection."""
        return any(
            s.kind is StepKind.TCP_CONNECT and s.resolver is not None and s.failure is None
            for s in self.steps
        )

    def _exchanges(self, *pairs: str) -> list[Step]:
        return [
            s
            for s in self.steps
            if s.kind is StepKind.HTTP_EXCHANGE and s.pair in pairs and s.detail != "{}"
            if s.resolver is None
        ]
