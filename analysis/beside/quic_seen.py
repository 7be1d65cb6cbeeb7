"""What a look by the quic probe holds: who was said what over QUIC, where, and what came of it."""

import re
from dataclasses import dataclass
from typing import NamedTuple

from analysis.beside.chance import as_often
from analysis.beside.reading import owners, recorded
from heliograph.detail import DnsDetail, HttpDetail, QuicDetail, read
from heliograph.failure import CERTIFICATE_FAILURES, NOT_ATTEMPTED, Failure
from heliograph.model import (
    PAIR_STRANGER,
    PAIR_SWAP,
    RESIDUAL_POSSIBLE,
    Measurement,
    Role,
    Step,
    StepKind,
)

_ALPN = re.compile(r'alpn="?([^" ]*)"?')
_TURNED_AWAY = frozenset({Failure.CONNECTION_REFUSED, Failure.HOST_UNREACHABLE})
_SERVICE = re.compile(r'h3="([^":]*):(\d{1,5})"')


@dataclass(frozen=True, slots=True)
class Shake:
    """One handshake, or one offer of a version nobody has."""

    step: Step
    detail: QuicDetail

    @property
    def passed(self) -> bool:
        """The server answered, even if only to say no, and was not silenced afterwards."""
        return self.detail.server_spoke and not self.detail.cut

    @property
    def proved(self) -> bool:
        """It ended well, with a certificate that is good for the name."""
        return self.step.failure is None

    @property
    def lost(self) -> bool:
        """Nothing came, or a second later nothing came any more."""
        return self.step.failure is Failure.GENERIC_TIMEOUT_ERROR and not self.passed

    @property
    def silenced(self) -> bool:
        """The same, and no other name is to blame."""
        return self.lost and not self.detail.residual

    @property
    def refused(self) -> bool:
        """An ICMP message turned it away: nobody is at that port, or nobody may go there."""
        return self.step.failure in _TURNED_AWAY and not self.passed

    @property
    def place(self) -> tuple[str | None, int | None]:
        """Where it was said."""
        return self.step.address, self.step.port

    @property
    def closed(self) -> int | None:
        """The code of a close that anybody on the path could have written."""
        return self.detail.close_code if self.detail.close_in == "initial" else None

    @property
    def odd(self) -> bool:
        """It failed, and through no choice of ours."""
        return self.step.failure is not None and self.step.failure not in NOT_ATTEMPTED


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What was said at an innocuous server: its own name, one nobody has, the target's."""

    offers: tuple[Shake, ...]
    control: Shake | None
    stranger: Shake | None
    test: Shake | None
    is_unrelated: bool
    """It is in another network than the target's server, so neither obeys the other's owner."""

    @property
    def controlled(self) -> bool:
        """Both other names passed there."""
        others = (self.control, self.stranger)
        return all(shake is not None and shake.passed for shake in others)


class Tally(NamedTuple):
    """How many handshakes of a look were silenced, in the target's name and in others."""

    own: tuple[Shake, ...]
    others: tuple[Shake, ...]
    """Offers of a version nobody has among them: a line loses them as well."""

    @property
    def own_lost(self) -> int:
        """Those in the target's name that were."""
        return sum(shake.lost for shake in self.own)

    @property
    def others_lost(self) -> int:
        """Those of others that were."""
        return sum(shake.lost for shake in self.others)

    @property
    def chance(self) -> float:
        """How probable it is that silence keeps so much to the target's name, if all are silenced
        alike, as on a line with losses."""
        lost = self.own_lost + self.others_lost
        return as_often(self.own_lost, len(self.own), lost, len(self.own) + len(self.others))


@dataclass(frozen=True, slots=True)
class QuicFacts:
    """A look as the rules ask about it."""

    measurement: Measurement
    offers: tuple[Shake, ...]
    before: Shake | None
    """The control's name before the target's, where that was said, and after it."""
    after: Shake | None
    tests: tuple[Shake, ...]
    alternated: bool
    """The control's second time was before the target's last."""
    elsewhere: Elsewhere
    tally: Tally
    unconnected: tuple[Step, ...]
    """TCP connections to the target's addresses that failed."""
    connected: bool
    """TCP reached the address that was looked at over QUIC."""
    announced: bool
    """The site says that it speaks HTTP/3: over TLS, or in its DNS."""
    disturbed: bool
    """Another name was stopped at the address shortly before this look."""

    @property
    def host(self) -> str:
        """The target's name."""
        return self.measurement.target.host

    @property
    def alive(self) -> bool:
        """QUIC is spoken at the target's address."""
        return any(shake.passed for shake in (*self.offers, *self.tests))


def facts(measurement: Measurement) -> QuicFacts:
    """What the steps of a look say."""
    shakes = sorted(
        (
            Shake(step, read(step, QuicDetail))
            for step in measurement.steps
            if step.kind is StepKind.QUIC_HANDSHAKE
        ),
        key=lambda shake: shake.step.started,
    )
    here = [shake for shake in shakes if not _is_apart(shake)]
    here = [shake for shake in here if shake.place == here[0].place]
    tests = _of(here, Role.TEST)
    before, after = _around(here, tests)
    place = here[0].step.address if here else None
    connects = [
        step
        for step in measurement.steps
        if step.kind is StepKind.TCP_CONNECT and step.resolver is None and step.pair is None
    ]
    return QuicFacts(
        measurement=measurement,
        offers=_offers(here),
        before=before,
        after=after,
        tests=tests,
        alternated=after is not None and _number(after, here) < _number(tests[-1], here),
        elsewhere=_elsewhere(measurement, shakes, place),
        tally=_tally([*here, *(s for s in shakes if _is_apart(s))], tests),
        unconnected=tuple(s for s in connects if s.failure not in {None, *NOT_ATTEMPTED}),
        connected=any(s.failure is None and s.address == place for s in connects),
        announced=_in_dns(measurement) or _in_headers(measurement),
        disturbed=RESIDUAL_POSSIBLE in measurement.context,
    )


def _is_apart(shake: Shake) -> bool:
    """It was said at an innocuous server."""
    return shake.step.pair in {PAIR_SWAP, PAIR_STRANGER}


def _tally(shakes: list[Shake], tests: tuple[Shake, ...]) -> Tally:
    """What was answered or silenced where QUIC is spoken.

    What follows a name that was stopped may be silent for that, unless others were answered then.
    Of a name that is silenced late, a close at another server says nothing: it came before that.
    """
    there = {shake.place for shake in shakes if shake.passed}
    spoken = [shake for shake in shakes if shake.place in there]
    own = [s for s in _of(spoken, Role.TEST) if s.passed or s.silenced]
    others = [shake for shake in spoken if shake.step.role is not Role.TEST]
    goes_on = not any(other.passed for other in _of(others, Role.CONTROL_AFTER))
    late = any(test.detail.cut for test in tests)
    return Tally(
        own=tuple(s for s in own if not (late and _is_apart(s) and s.closed is not None)),
        others=tuple(s for s in others if s.passed or s.silenced or (s.lost and not goes_on)),
    )


def _around(here: list[Shake], tests: tuple[Shake, ...]) -> tuple[Shake | None, Shake | None]:
    """The control before the target's first time, and after it; none is after what was not said."""
    first = _number(tests[0], here) if tests else len(here)
    before = _of(here[:first], Role.CONTROL_BEFORE)
    return _first(before), _first(_of(here[first:], Role.CONTROL_AFTER))


def _number(shake: Shake, shakes: list[Shake]) -> int:
    """Which it is of these; equal ones are told apart."""
    return next(number for number, each in enumerate(shakes) if each is shake)


def _of(shakes: list[Shake], role: Role) -> tuple[Shake, ...]:
    named = (shake for shake in shakes if shake.step.sni is not None)
    return tuple(shake for shake in named if shake.step.role is role)


def _offers(shakes: list[Shake]) -> tuple[Shake, ...]:
    return tuple(shake for shake in shakes if shake.step.sni is None)


def _first(shakes: tuple[Shake, ...]) -> Shake | None:
    return shakes[0] if shakes else None


def _elsewhere(measurement: Measurement, shakes: list[Shake], place: str | None) -> Elsewhere:
    swap = [shake for shake in shakes if shake.step.pair == PAIR_SWAP]
    offers = _offers(swap)
    test = _first(_of(swap, Role.TEST))
    if test is not None:  # what it is compared with was said there, and before it
        said = shakes[: _number(test, shakes) + 1]
        shakes = [shake for shake in said if shake.place == test.place]
        swap = [shake for shake in shakes if shake.step.pair == PAIR_SWAP]
    stranger = [shake for shake in shakes if shake.step.pair == PAIR_STRANGER]
    networks = owners(measurement)
    here, theirs = networks.get(place), {networks.get(shake.step.address) for shake in swap}
    return Elsewhere(
        offers=offers,
        control=_first(_of(swap, Role.CONTROL_BEFORE)),
        stranger=_first(tuple(stranger)),
        test=test,
        is_unrelated=None not in {here, *theirs} and here not in theirs,
    )


def _in_dns(measurement: Measurement) -> bool:
    """Its HTTPS record lists HTTP/3 (RFC 9460)."""
    return any(
        "h3" in listed.split(",")
        for step in recorded(measurement, StepKind.DNS_QUERY)
        if step.host == measurement.target.host
        for reply in read(step, DnsDetail).replies
        if reply.problem is None
        for answer in reply.answers
        if answer.type == "HTTPS"
        for listed in _ALPN.findall(answer.value)
    )


def _in_headers(measurement: Measurement) -> bool:
    """Its response over TLS names HTTP/3 at the same port (RFC 7838)."""
    target = measurement.target
    values = (
        value
        for step in recorded(measurement, StepKind.HTTP_EXCHANGE)
        if step.role is Role.TEST
        for name, value in read(step, HttpDetail).headers
        if name.lower() == "alt-svc"
    )
    return any(
        host in {"", target.host} and int(port) == target.port
        for value in values
        for host, port in _SERVICE.findall(value)
    )


def shows_stranger(shake: Shake) -> bool:
    """The server presented a certificate that is not good for the name."""
    return shake.step.failure in CERTIFICATE_FAILURES
