"""The steps of one hop of a measurement, arranged the way rules ask about them."""

from collections.abc import Iterable

from analysis.answers import Answers, Trial
from analysis.once import once
from analysis.pace import Pair, pairs_of
from analysis.pages import leads_to_host, same_page
from heliograph.detail import HttpDetail, TcpDetail, TlsDetail, read
from heliograph.failure import CERTIFICATE_FAILURES, NOT_ATTEMPTED, Failure
from heliograph.model import (
    AGAIN,
    OUT_OF_TIME,
    PACE,
    PAGE,
    PAIR_SHAPE,
    PAIR_STRANGER,
    PAIR_SWAP,
    SECURE,
    Role,
    Step,
    StepKind,
    pair_at,
)

_NO_ROUTE = frozenset(
    {
        Failure.NETWORK_UNREACHABLE,
        Failure.ADDRESS_FAMILY_NOT_SUPPORTED,
        Failure.ADDRESS_NOT_AVAILABLE,
    }
)
_BROKEN_OFF = frozenset(
    {Failure.GENERIC_TIMEOUT_ERROR, Failure.CONNECTION_RESET, Failure.EOF_ERROR}
)

_NONE_MADE = Trial(control=None, test=None)


def is_unsent(step: Step) -> bool:
    """A connection that this host's own routes or rules refused: no packet left."""
    is_failed = step.kind is StepKind.TCP_CONNECT and step.failure is not None
    return is_failed and step.detail != "{}" and read(step, TcpDetail).unsent


class Evidence(Answers):
    """Everything a rule may ask of one hop. Looks nothing up; the facts are in the steps.

    ``target`` is where this hop leads (the measurement's own for the first one), ``before`` the
    hop that led here. The default path is what a browser here would use: the system resolver's
    answers, or the literal address of the target.
    """

    @once
    def answer_in_doubt(self) -> bool:
        """The system's resolver failed, or leads where the target's name is not proved."""
        strange = {s.address for s in self.handshakes if s.failure in CERTIFICATE_FAILURES}
        return bool(self.system) and (
            not self.system_public
            or not strange.isdisjoint(self.system_public)
            or (not self.reached and self.answers_differ)
            or any(fact.contradicted or fact.resent for fact in self.system)
        )

    @once
    def answers_differ(self) -> bool:
        """The system's resolver leads to none of the addresses that others know."""
        others = self.told_by_others
        return bool(self.system_public and others) and self.system_public.isdisjoint(others)

    @once
    def denied_by_others(self) -> bool:
        """The system's resolver gives an address of a name that, for a resolver nobody can forge
        and for the control, does not exist."""
        nowhere = Failure.DNS_NXDOMAIN_ERROR
        denied = nowhere in self.trusted_failures and self.remote.dns_failure is nowhere
        return bool(self.system_public) and denied

    @once
    def control_proved(self) -> bool | None:
        """Whether the innocuous name was led to a server that proves it; None: never tried."""
        led_to = frozenset() if self.resolver_control is None else self.resolver_control.public
        tried = [
            step.failure
            for step in self.measurement.steps
            if step.kind is StepKind.TLS_HANDSHAKE and step.address in led_to
            if step.resolver is None
            if step.role in {Role.CONTROL_BEFORE, Role.CONTROL_AFTER} and not _is_beside(step)
        ]
        if None in tried:
            return True
        return False if not CERTIFICATE_FAILURES.isdisjoint(tried) else None

    # Connections

    @once
    def default_addresses(self) -> frozenset[str]:
        """Addresses of the default path; an empty one where somebody else's tool told none."""
        if self.system:
            return self.system_public
        imported = self.measurement.source is not None
        return frozenset({self.host, ""} if imported else {self.host})

    @once
    def connects(self) -> tuple[Step, ...]:
        """Connections tried for the target, to any address, a missing IPv6 route left out."""
        return tuple(s for s in self._own(StepKind.TCP_CONNECT) if not _lacks_ipv6(s))

    @once
    def lacks_ipv6(self) -> bool:
        """Only IPv6 addresses were to be had, and this host has no route to them."""
        return not self.connects and any(_lacks_ipv6(s) for s in self._own(StepKind.TCP_CONNECT))

    @once
    def handshakes(self) -> tuple[Step, ...]:
        """Handshakes made in the target's name with addresses thought to be its own."""
        return self._own(StepKind.TLS_HANDSHAKE)

    @once
    def exchanges(self) -> tuple[Step, ...]:
        """Requests for the target."""
        return self._own(StepKind.HTTP_EXCHANGE)

    @once
    def authentic(self) -> frozenset[str]:
        """Addresses that proved the target's name by a valid certificate."""
        return frozenset(step.address or "" for step in self.handshakes if step.failure is None)

    @once
    def reaches_elsewhere(self) -> bool:
        """An address from a trusted resolver, or the control's, proved the target's name."""
        return not self.authentic.isdisjoint(self.trusted_public | self.remote.addresses)

    @once
    def lives(self) -> bool:
        """The name exists for somebody who can't be lied to on the path."""
        return self.reaches_elsewhere or bool(self.vouched) or bool(self.remote.proved)

    @once
    def known(self) -> frozenset[str]:
        """Addresses of the target by a certificate, or from a resolver nobody can forge."""
        return self.authentic | self.vouched | self.remote.proved

    def on_default_path(self, steps: Iterable[Step]) -> tuple[Step, ...]:
        """Those of the steps that went to an address and port of the default path."""
        addresses, port = self.default_addresses, self.target.port
        return tuple([s for s in steps if s.port == port and (s.address or "") in addresses])

    @once
    def reached(self) -> frozenset[str]:
        """Addresses of the default path that proved the target's name."""
        return self.authentic & self.default_addresses

    @once
    def stopped(self) -> Step | None:
        """The step at which the default path ended, where the name had been sent: TLS or HTTP."""
        if self.plain:
            tried = self.on_default_path(self.exchanges)
            if any(self.answered(step) for step in tried):
                return None
            sent = [s for s in tried if s.failure is not None and s.failure not in NOT_ATTEMPTED]
            return next((s for s in sent if self.http(s).stage == "headers"), None)
        if self.reached:
            return None
        return next(
            (s for s in self.on_default_path(self.handshakes) if s.failure not in NOT_ATTEMPTED),
            None,
        )

    def same_address(self, step: Step) -> Trial:
        """The innocuous name said to the same address and port."""
        if not self._said:
            return Trial(control=None, test=step)
        pair = pair_at(step.address, step.port)
        found = (s for s in self._said if s.role is Role.CONTROL_AFTER and s.pair == pair)
        return Trial(control=next(found, None), test=step)

    def again(self, step: Step) -> Trial:
        """The same try made once more, after an innocuous server was reached."""
        if not self._compared:
            return _NONE_MADE
        pair = pair_at(step.address, step.port, AGAIN)
        made = [s for s in self._compared if s.pair == pair and s.kind is step.kind]
        spoken = {StepKind.TLS_HANDSHAKE, StepKind.HTTP_EXCHANGE}
        before = [
            s
            for s in self._compared
            if s.kind in spoken and s.pair == pair and s.role is Role.CONTROL_BEFORE
        ]
        tests = tuple(
            s
            for s in made
            if s.role is Role.TEST and s.failure not in NOT_ATTEMPTED and not self._spoiled(s)
        )
        return Trial(
            control=next((s for s in before if self._shows_the_line(s, step)), None),
            test=next(iter(tests), None),
            tests=tests,
        )

    def _shows_the_line(self, control: Step, step: Step) -> bool:
        """An innocuous server was reached, as itself, over the same family of addresses."""
        if (":" in (control.address or "")) != (":" in (step.address or "")):
            return False
        if control.kind is StepKind.TLS_HANDSHAKE:
            return control.failure is None
        return self.answered(control)

    def page_at(self, address: str) -> Trial:
        """Pages in the clear at an address the name was led to: for it, for another name."""
        pair = pair_at(address, 80, PAGE)
        made = [s for s in self._compared if s.pair == pair and s.kind is StepKind.HTTP_EXCHANGE]
        return Trial(
            control=next((s for s in made if s.role is Role.CONTROL_AFTER), None),
            test=next((s for s in made if s.role is Role.TEST), None),
        )

    @once
    def own_addresses(self) -> frozenset[str]:
        """Every address anybody was given for the name."""
        return self.default_addresses | self.trusted_public | self.known | self.remote.addresses

    def is_told(self, address: str) -> bool:
        """Others lead to this address, or to its network; or nobody else was asked."""
        others = self.told_by_others
        return not others or address in others or self.same_network(address, others)

    def is_strangers(self, address: str | None) -> bool:
        """The address is no server of the target's, nor in its network as far as a table knows."""
        if address is None or address in self.own_addresses:
            return False
        return not self.same_network(address, self.own_addresses)

    @once
    def swap(self) -> Trial:
        """Both names, and a third, said to the innocuous name's address, a stranger's server.

        Where another look had just provoked a filter there, the target's name counts only if the
        innocuous one was answered right after it.
        """
        if not self._said:
            return _NONE_MADE
        pairs = {PAIR_SWAP, PAIR_STRANGER}
        said = [s for s in self._said if s.pair in pairs and self.is_strangers(s.address)]
        swapped = [s for s in said if s.pair == PAIR_SWAP]
        test = next((s for s in swapped if s.role is Role.TEST), None)
        if test is not None and self._spoiled(test):
            check = next((s for s in swapped if s.role is Role.RESIDUAL_CHECK), None)
            test = test if self.answered(check) else None
        return Trial(
            control=next((s for s in swapped if s.role is Role.CONTROL_BEFORE), None),
            test=test,
            stranger=next((s for s in said if s.pair == PAIR_STRANGER), None),
        )

    @once
    def said_elsewhere(self) -> tuple[Step, ...]:
        """The target's name said to servers of an innocuous one, in whose network ever they are."""
        stopped = None if self.stopped is None else self.stopped.address
        return tuple(
            s
            for s in self._said
            if s.pair == PAIR_SWAP and s.role is Role.TEST and s.address != stopped
        )

    def _spoiled(self, step: Step) -> bool:
        """It failed where another name had just been stopped, and nobody been answered since."""
        if step.failure is None:
            return False
        if step.kind is StepKind.TCP_CONNECT:
            return read(step, TcpDetail).residual
        if step.kind is StepKind.HTTP_EXCHANGE:
            return self.http(step).residual
        return step.kind is StepKind.TLS_HANDSHAKE and self.tls(step).residual

    @once
    def secure(self) -> Step | None:
        """The request for the page over TLS, at an address of the default path that proved it."""
        made = [
            s
            for s in self._compared
            if s.kind is StepKind.HTTP_EXCHANGE and (s.pair or "").startswith(SECURE)
            if s.address in self.default_addresses and s.failure is None
        ]
        return made[0] if made else None

    @once
    def paced(self) -> tuple[Pair, ...]:
        """Pairs of trials of how fast the page comes, under this name and under another."""
        return pairs_of(self.measurement.steps, self.hop) if self.has_trials else ()

    # What the default path ended with

    @once
    def unconnected(self) -> tuple[Step, ...]:
        """The failed connections of the default path, when not one of them was taken.

        Those this host itself refused to make say nothing of anybody else.
        """
        made = (s for s in self.on_default_path(self.connects) if not is_unsent(s))
        tried = [s for s in made if s.failure not in NOT_ATTEMPTED]
        return tuple(tried) if all(s.failure is not None for s in tried) else ()

    @once
    def final(self) -> Step | None:
        """The exchange of the default path; over TLS, from an address that proved the name."""
        tried = [s for s in self.on_default_path(self.exchanges) if s.failure not in NOT_ATTEMPTED]
        if self.plain:
            return next((s for s in tried if self.answered(s)), None) or next(iter(tried), None)
        return next((s for s in tried if (s.address or "") in self.reached), None)

    @once
    def frozen(self) -> Step | None:
        """The exchange of the default path, when its page began and never ended."""
        final = self.final
        if final is None or final.failure not in _BROKEN_OFF:
            return None
        return final if self.http(final).stage == "body" else None

    @once
    def page(self) -> HttpDetail | None:
        """The response the default path ended with."""
        return self.shown(self.final)

    @once
    def leads_to(self) -> str | None:
        """The host this hop redirects to."""
        return leads_to_host(self.page)

    @once
    def went_no_further(self) -> bool:
        """The web probe was led on from here, and the look ended before it went there."""
        if OUT_OF_TIME not in self.measurement.context or self.measurement.probe != "web":
            return False
        last = max((s.hop for s in self.measurement.steps), default=1)
        return self.leads_to is not None and last == self.hop

    @once
    def agrees(self) -> bool | None:
        """Whether the page is the one the control is shown; None when nothing tells."""
        return None if self.remote.poisoned else same_page(self.page, self.remote.page)

    @once
    def sees_other_page(self) -> bool:
        """The page came in the clear, and a control that can be believed was shown another."""
        return self.plain and self.agrees is False

    @once
    def doubts_page(self) -> bool:
        """The page came in the clear, and is not the one that a control was shown, for all that
        can be told."""
        compared = self.page is not None and self.remote.page is not None
        return self.plain and compared and self.agrees is not True and not self.remote.poisoned

    @once
    def sees_same_page(self) -> bool:
        """The control was shown the same page, and neither was led to it by a lie."""
        return (
            self.agrees is True
            and self.final is not None
            and self._credible(self.final.address or "")
        )

    def _credible(self, address: str) -> bool:
        """Other than by the control's word, the address is known to be the target's."""
        if not self.known:
            others = self.trusted_public or self.remote.addresses
            return address in self.remote.addresses and address in others
        return address in self.known or self.same_network(address, self.known)

    def answered(self, step: Step | None) -> bool:
        """The peer answered in this step, whatever its certificate or status is worth."""
        if step is None:
            return False
        if step.kind is StepKind.HTTP_EXCHANGE:
            return self.http(step).status is not None
        return step.failure is None or step.failure in CERTIFICATE_FAILURES

    def alert(self, step: Step) -> int | None:
        """The number of the alert that ended a handshake; None for any other step."""
        return self.tls(step).alert if step.kind is StepKind.TLS_HANDSHAKE else None

    def ending_alert(self, step: Step) -> int | None:
        """The same, where the handshake was never completed."""
        return None if self.tls(step).completed else self.alert(step)

    def tls(self, step: Step) -> TlsDetail:
        """The handshake's detail."""
        return read(step, TlsDetail)

    def shown(self, step: Step | None) -> HttpDetail | None:
        """The response in this step; None when none came."""
        detail = None if step is None else self.http(step)
        return None if detail is None or detail.status is None else detail

    def http(self, step: Step) -> HttpDetail:
        """The exchange's detail; read once, since a page may be long."""
        known = self._exchanges_read.get(id(step))
        if known is None:
            known = self._exchanges_read[id(step)] = read(step, HttpDetail)
        return known

    @once
    def _exchanges_read(self) -> dict[int, HttpDetail]:
        """By the identity of a step, which lives as long as the measurement."""
        return {}

    @once
    def _said(self) -> list[Step]:
        """What was said for comparison, a name at a time."""
        kind = StepKind.HTTP_EXCHANGE if self.plain else StepKind.TLS_HANDSHAKE
        return [step for step in self._compared if step.kind is kind]

    def _own(self, kind: StepKind) -> tuple[Step, ...]:
        return tuple([step for step in self._tried if step.kind is kind])

    @once
    def _tried(self) -> list[Step]:
        """What was tried for the target by itself, beside all comparisons."""
        return [
            step
            for step in self._ours
            if step.pair is None and step.role is Role.TEST and step.host == self.host
        ]


def _is_beside(step: Step) -> bool:
    """Made to find out about a filter, where the name may be one that the server does not know."""
    return step.pair == PAIR_SHAPE or (step.pair or "").startswith(PACE)


def _lacks_ipv6(step: Step) -> bool:
    return step.failure in _NO_ROUTE and ":" in (step.address or "")
