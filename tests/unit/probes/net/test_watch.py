"""A look says where another name may be to blame for what failed, though it shows only later."""

import asyncio
import itertools
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from heliograph.detail import TcpDetail, TlsDetail, read
from heliograph.failure import Failure
from heliograph.model import ADDRESS_BUSY, PAIR_SWAP, RESIDUAL_POSSIBLE, Role, Step, StepKind
from heliograph.plugin import TEST, Label
from heliograph.trace import OpenStep, Trace
from probes.net.connection import OpenConnection
from probes.net.ledger import Ledger
from probes.net.watch import Watch

PLACE = ("203.0.113.10", 443)
RESET, REFUSED = ConnectionResetError(104, "reset"), ConnectionRefusedError(111, "refused")


class Looks:
    """Looks that share a ledger, each with a trace of its own."""

    def __init__(self) -> None:
        ticks = itertools.count()
        self.clock = lambda: next(ticks) / 1000
        self.ledger = Ledger(200, self.clock)

    def begin(self) -> "Look":
        return Look(self)


class Look:
    def __init__(self, looks: Looks) -> None:
        self.trace = Trace(looks.clock, lambda text: text)
        self.watch = Watch(looks.ledger, self.trace)

    def connects(
        self, host: str, error: BaseException | None = None, label: Label = TEST
    ) -> OpenConnection:
        made = OpenConnection(PLACE, label, None, host)
        with (
            self.trace.step(StepKind.TCP_CONNECT, label, host=host, peer=PLACE) as step,
            self.watch.connecting(step, made),
        ):
            step.detail = TcpDetail()
            if error is not None:
                raise error
        return made

    def says(
        self,
        name: str,
        error: BaseException | None = None,
        label: Label = TEST,
        resolver: str | None = None,
    ) -> None:
        with self.saying(name, label, resolver):
            if error is not None:
                raise error

    @contextmanager
    def saying(
        self, name: str, label: Label = TEST, resolver: str | None = None
    ) -> Iterator[OpenStep]:
        """While a name waits for its answer."""
        made = OpenConnection(PLACE, label, resolver, name)
        with (
            self.trace.step(StepKind.TLS_HANDSHAKE, label, host=name, peer=PLACE) as step,
            self.watch.saying(step, made, name),
        ):
            step.detail = TlsDetail()
            yield step

    @property
    def flags(self) -> list[str]:
        return list(self.trace.flags)

    @property
    def marks(self) -> list[bool]:
        return [is_marked(step) for step in self.trace.steps()]


def is_marked(step: Step) -> bool:
    if step.kind is StepKind.TCP_CONNECT:
        return read(step, TcpDetail).residual
    return read(step, TlsDetail).residual


@pytest.fixture
def looks() -> Looks:
    return Looks()


def test_what_fails_where_another_name_was_stopped_is_flagged_and_marked(looks: Looks) -> None:
    looks.begin().says("stopped.example", RESET)
    other = looks.begin()
    other.connects("other.example", REFUSED)

    assert (other.flags, other.marks) == ([RESIDUAL_POSSIBLE], [True])


def test_what_succeeds_there_is_not(looks: Looks) -> None:
    looks.begin().says("stopped.example", RESET)
    other = looks.begin()
    other.connects("other.example")
    other.says("other.example")

    assert (other.flags, other.marks) == ([], [False, False])


def test_a_failure_that_no_provocation_explains_is_not(looks: Looks) -> None:
    looks.begin().says("stopped.example", RESET)
    other = looks.begin()
    other.connects("other.example", OSError(101, "unreachable"))

    assert (other.flags, other.marks) == ([], [False])


def test_a_name_is_not_its_own_excuse_in_one_look(looks: Looks) -> None:
    look = looks.begin()
    look.says("stopped.example", RESET)
    look.connects("stopped.example", REFUSED)

    assert (look.flags, look.marks) == ([], [False, False])


def test_a_connection_pays_for_the_same_name_said_by_another_look(looks: Looks) -> None:
    """Such an address is not closed: it is the name, and that is another technique."""
    looks.begin().says("stopped.example", RESET)
    later = looks.begin()
    later.connects("stopped.example", REFUSED)
    again = looks.begin()
    again.says("stopped.example", RESET)

    assert later.flags == [RESIDUAL_POSSIBLE]
    assert again.flags == [], "the name itself was said, and stopped again"


def test_what_shows_only_later_is_flagged_then(looks: Looks) -> None:
    first, other = looks.begin(), looks.begin()
    with first.saying("stopped.example"):
        other.connects("other.example", REFUSED)
        assert other.flags == [], "it may get its answer yet"
        raise RESET

    assert (other.flags, other.marks) == ([RESIDUAL_POSSIBLE], [True])


def test_a_name_without_an_answer_by_the_end_of_the_look_may_be_to_blame(looks: Looks) -> None:
    first, other = looks.begin(), looks.begin()
    with first.saying("silent.example"):
        other.connects("other.example", REFUSED)
        other.watch.settle(over=True)

    assert (other.flags, other.marks) == ([RESIDUAL_POSSIBLE], [True])


def test_a_name_that_got_its_answer_is_not_to_blame(looks: Looks) -> None:
    first, other = looks.begin(), looks.begin()
    with first.saying("slow.example"):
        other.connects("other.example", REFUSED)
    other.watch.settle(over=True)

    assert (other.flags, other.marks) == ([], [False])


async def test_a_look_waits_a_moment_for_who_may_be_to_blame(looks: Looks) -> None:
    first, other = looks.begin(), looks.begin()
    made = OpenConnection(PLACE, TEST, None, "slow.example")
    with (
        first.trace.step(StepKind.TLS_HANDSHAKE, peer=PLACE) as step,
        first.watch.saying(step, made, "slow.example"),
    ):
        other.connects("other.example", REFUSED)
        waiting = asyncio.get_running_loop().create_task(other.watch.hear_out())
        await asyncio.sleep(0.05)
        assert not waiting.done()
    async with asyncio.timeout(0.5):
        await waiting
    other.watch.settle(over=True)

    assert (other.flags, other.marks) == ([], [False])


async def test_it_waits_no_longer_than_a_moment_and_for_nobody_else(
    looks: Looks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("probes.net.watch._PATIENCE", 0.04)
    first, other = looks.begin(), looks.begin()
    async with asyncio.timeout(5):
        await other.watch.hear_out()
        made = OpenConnection(PLACE, TEST, None, "silent.example")
        with (
            first.trace.step(StepKind.TLS_HANDSHAKE, peer=PLACE) as step,
            first.watch.saying(step, made, "silent.example"),
        ):
            other.connects("other.example", REFUSED)
            await other.watch.hear_out()
            other.watch.settle(over=True)

    assert (other.flags, other.marks) == ([RESIDUAL_POSSIBLE], [True])


def test_half_a_trial_elsewhere_is_marked_and_not_the_look(looks: Looks) -> None:
    looks.begin().says("stopped.example", RESET)
    other = looks.begin()
    other.says("other.example", RESET, Label(pair=PAIR_SWAP))
    other.says("control.example", RESET, Label(role=Role.CONTROL_BEFORE, pair=PAIR_SWAP))

    assert (other.flags, other.marks) == ([], [True, True])


def test_after_somebody_was_answered_a_failure_is_not_marked_but_the_look_is_flagged(
    looks: Looks,
) -> None:
    looks.begin().says("stopped.example", RESET)
    other = looks.begin()
    other.says("control.example", label=Label(role=Role.CONTROL_AFTER))
    other.says("other.example", RESET)

    assert (other.flags, other.marks) == ([RESIDUAL_POSSIBLE], [False, False])


def test_innocuous_names_provoke_nobody_but_hosts_of_resolvers_may(looks: Looks) -> None:
    control = Label(role=Role.CONTROL_AFTER)
    looks.begin().says("control.example", RESET, control)
    before = looks.begin()
    before.connects("other.example", REFUSED)
    looks.begin().says("dns.example", RESET, control, "https://dns.example/dns-query@192.0.2.1")
    after = looks.begin()
    after.connects("other.example", REFUSED)

    assert (before.flags, after.flags) == ([], [RESIDUAL_POSSIBLE])


def test_a_certificate_for_another_name_is_an_answer(looks: Looks) -> None:
    look = looks.begin()
    with look.saying("site.example") as step:
        step.fail(Failure.SSL_INVALID_HOSTNAME)

    assert looks.ledger.seen(PLACE).answered > 0
    assert looks.ledger.cool_in(PLACE) == 0


def test_a_cause_noted_on_a_step_is_kept_beside_its_mark(looks: Looks) -> None:
    looks.begin().says("stopped.example", RESET)
    other = looks.begin()
    other.connects("other.example", REFUSED)
    (step,) = other.trace.steps()
    detail = read(step, TcpDetail)

    assert detail.residual
    assert detail.cause is not None
    assert detail.cause.errno == 111
    assert step.failure is Failure.CONNECTION_REFUSED


def test_an_address_that_took_connections_moments_ago_is_busy(looks: Looks) -> None:
    looks.begin().connects("site.example")
    other = looks.begin()
    other.connects("other.example", REFUSED, Label(pair="again"))
    assert other.flags == []
    other.connects("other.example", REFUSED)

    assert other.flags == [ADDRESS_BUSY]
