"""What another name may have spoiled is looked at once more, when that is over and not before."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from heliograph.failure import Failure
from heliograph.fake import FakeNet
from heliograph.limits import LimitsConfig
from heliograph.model import RESIDUAL_POSSIBLE, Hit, Question, QuestionKind, Role, State
from heliograph.plugin import Label, Net
from heliograph.url import parse_target
from probes.net.ledger import Ledger
from probes.tls import TlsProbe
from scheduler.again import Patience, Repeats, is_spoiled, look_again, spoiled_places
from scheduler.allowance import Allowance
from scheduler.looks import Finished, Look
from tests.unit.scheduler.surroundings import SITE, Doing, Surroundings, reachable

PLACE = ("203.0.113.10", 443)


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def hit(ledger: Ledger, name: str = "stopped.example") -> None:
    ledger.ended(ledger.say(PLACE, name), Failure.CONNECTION_RESET)


async def spoiled(net: Net) -> None:
    """The address resets the connection, and another name was stopped there."""
    assert isinstance(net, FakeNet)
    net.accepts(*PLACE, failure=Failure.CONNECTION_RESET)
    await net.connect(*PLACE, host="site.example")
    net._trace.flag(RESIDUAL_POSSIBLE)


async def fine(net: Net) -> None:
    assert isinstance(net, FakeNet)
    reachable(net)
    await TlsProbe().measure(SITE, net)


class InTurn:
    """A probe whose looks do one thing after another, the last one again and again."""

    name, version, risk, needs = "tls", 1, TlsProbe.risk, TlsProbe.needs

    def __init__(self, *whats: Callable[[Net], Awaitable[None]]) -> None:
        self.whats = list(whats)
        self.looks = 0

    async def measure(self, target: object, net: Net) -> None:
        what = self.whats[min(self.looks, len(self.whats) - 1)]
        self.looks += 1
        await what(net)


@dataclass
class Run:
    """One run over one probe, with a clock that waiting moves."""

    probe: InTurn
    waits: bool = True
    limits: LimitsConfig = field(default_factory=LimitsConfig)
    clock: Clock = field(default_factory=Clock)
    told: list[tuple[int, int]] = field(default_factory=list)
    done: list[Finished] = field(default_factory=list)
    meanwhile: Callable[["Run"], None] = lambda _: None

    def __post_init__(self) -> None:
        self.ledger = Ledger(200, self.clock)
        self.allowance = Allowance(self.limits, self.clock)
        hit(self.ledger)

    async def go(self, monkeypatch: pytest.MonkeyPatch, *hosts: str) -> "Run":
        async def pause(seconds: float) -> None:
            self.clock.now += seconds
            if seconds > 0:
                self.meanwhile(self)

        monkeypatch.setattr(self.allowance, "pause", pause)
        patience = Patience(self.waits, lambda left, s: self.told.append((left, round(s))))
        looks = [Look(parse_target(host), self.probe) for host in hosts or ("site.example",)]
        runner = Surroundings().runner(ledger=self.ledger)
        await runner.run(looks, self.done.append, self.allowance, patience=patience)
        return self

    @property
    def states(self) -> list[tuple[State | None, bool]]:
        return [(f.verdict.state if f.verdict else None, f.is_second) for f in self.done]


async def test_a_second_look_is_a_measurement_of_its_own_after_the_cool_down(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = await Run(InTurn(spoiled, fine)).go(monkeypatch)

    assert run.states == [(State.INCONCLUSIVE, False), (State.OK, True)]
    assert run.told == [(1, 200)]
    assert run.done[0].measurement.id != run.done[1].measurement.id
    assert run.done[1].measurement.context == ("ipv6_missing",)


async def test_without_patience_nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    run = await Run(InTurn(spoiled, fine), waits=False).go(monkeypatch)

    assert (run.states, run.told) == ([(State.INCONCLUSIVE, False)], [])


async def test_what_is_cool_by_the_end_of_the_run_is_looked_at_without_waiting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = Run(InTurn(spoiled, fine), waits=False)
    run.clock.now += 201
    await run.go(monkeypatch)

    assert run.states == [(State.INCONCLUSIVE, False), (State.OK, True)]
    assert run.told == []


async def test_there_is_no_third_look(monkeypatch: pytest.MonkeyPatch) -> None:
    run = await Run(InTurn(spoiled)).go(monkeypatch)

    assert run.states == [(State.INCONCLUSIVE, False), (State.INCONCLUSIVE, True)]


async def test_a_second_look_that_hits_the_filter_delays_the_others_for_a_while_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each of four looks hits it again: the fourth would be the fourth cool-down."""

    async def hits_again(net: Net) -> None:
        hit(run.ledger, "another.example")
        await spoiled(net)

    run = Run(InTurn(*[spoiled] * 4, hits_again))
    await run.go(monkeypatch, *(f"s{n}.example" for n in range(4)))

    assert run.told == [(4, 200), (3, 200), (2, 200)]
    assert len(run.done) == 4 + 3


async def test_no_waiting_beyond_the_time_of_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    limits = LimitsConfig(run_seconds=150)
    run = await Run(InTurn(spoiled, fine), limits=limits).go(monkeypatch)

    assert (run.states, run.told) == ([(State.INCONCLUSIVE, False)], [])


async def test_a_run_that_is_stopped_while_it_waits_makes_no_second_look(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = Run(InTurn(spoiled, fine), meanwhile=lambda run: run.allowance.stop())
    await run.go(monkeypatch)

    assert run.states == [(State.INCONCLUSIVE, False)]


async def test_waiting_ends_at_once_when_the_run_is_stopped() -> None:
    ledger = Ledger(200, Clock())
    hit(ledger)
    repeats = Repeats(ledger)
    repeats.note(*(await looked_at(ledger)))
    allowance = Allowance(LimitsConfig(), Clock())
    patience = Patience(waits=True)

    async def never(_: Look) -> None:
        pytest.fail("it was stopped")

    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        group.create_task(look_again(repeats, allowance, patience, never))
        await asyncio.sleep(0)
        allowance.stop()


async def looked_at(ledger: Ledger) -> tuple[Look, Finished]:
    look = Look(SITE, InTurn(spoiled))
    return look, await Surroundings().runner(ledger=ledger).look(look)


async def test_an_undecided_look_that_nobody_spoiled_is_not_repeated(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def undecided(net: Net) -> None:
        await net.connect("203.0.113.99", 443, host="site.example")

    run = await Run(InTurn(undecided, fine)).go(monkeypatch)

    assert run.states == [(State.INCONCLUSIVE, False)]


async def test_a_decided_look_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    async def decided(net: Net) -> None:
        await fine(net)
        assert isinstance(net, FakeNet)
        net._trace.flag(RESIDUAL_POSSIBLE)

    run = await Run(InTurn(decided)).go(monkeypatch)

    assert run.states == [(State.OK, False)]


async def test_the_places_that_were_spoiled_are_where_the_target_was_tried() -> None:
    async def tried(net: Net) -> None:
        assert isinstance(net, FakeNet)
        for address in ("203.0.113.1", "203.0.113.2", "203.0.113.3", "203.0.113.4"):
            net.accepts(address, 443, failure=Failure.CONNECTION_REFUSED)
        net.accepts("203.0.113.2", 443, failure=Failure.HOST_UNREACHABLE)
        await net.connect("203.0.113.1", 443, host="site.example")
        await net.connect("203.0.113.1", 443, host="site.example")
        await net.connect("203.0.113.2", 443, host="site.example")
        control = Label(role=Role.CONTROL_AFTER)
        await net.connect("203.0.113.3", 443, host="control.example", label=control)
        await net.resolve("site.example")

    finished = await Surroundings().runner().look(Look(SITE, Doing(tried)))

    assert spoiled_places(finished.measurement) == (("203.0.113.1", 443),)


# Questions


def about(kind: QuestionKind, host: str = "site.example") -> Question:
    return Question(kind=kind, host=host, address=PLACE[0], port=PLACE[1])


ONCE_MORE = {
    QuestionKind.SAME_ADDRESS_AGAIN,
    QuestionKind.PAGE_AGAIN,
    QuestionKind.OTHER_SHAPE,
}


@pytest.mark.parametrize("kind", QuestionKind)
def test_a_repeat_says_nothing_where_another_name_was_just_stopped(kind: QuestionKind) -> None:
    ledger = Ledger(200, Clock())
    assert not is_spoiled(about(kind), ledger)
    hit(ledger)

    assert is_spoiled(about(kind), ledger) == (kind in ONCE_MORE)
    assert not is_spoiled(about(kind, "stopped.example"), ledger)
    assert not is_spoiled(Question(kind=kind, host="site.example"), ledger)


class Answering(Doing):
    def __init__(self) -> None:
        super().__init__(spoiled)
        self.asked: list[Question] = []

    async def answer(self, question: Question, net: Net) -> None:
        self.asked.append(question)


@pytest.mark.parametrize("is_hit", [False, True])
async def test_a_look_is_not_asked_what_would_be_spoiled(
    monkeypatch: pytest.MonkeyPatch, is_hit: bool
) -> None:
    wanted = {about(QuestionKind.SAME_ADDRESS_AGAIN), about(QuestionKind.VALIDATE_ADDRESS)}

    def questions(_: object, __: object, asked: frozenset[Question]) -> tuple[Question, ...]:
        return tuple(wanted - asked)

    monkeypatch.setattr("scheduler.runner.questions", questions)
    ledger, probe = Ledger(200, Clock()), Answering()
    if is_hit:
        hit(ledger)
    await Surroundings().runner(ledger=ledger).look(Look(SITE, probe))

    expected = wanted - ({about(QuestionKind.SAME_ADDRESS_AGAIN)} if is_hit else set())
    assert set(probe.asked) == expected


# What the ledger learned


async def test_hits_go_with_the_look_after_them_and_name_nobody() -> None:
    ledger = Ledger(200, Clock())
    ledger.ended(ledger.say(("192.0.2.77", 443), "own.example"), Failure.EOF_ERROR)
    hit(ledger)
    runner = Surroundings(reachable).runner(ledger=ledger)
    first = await runner.look(Look(SITE, TlsProbe()))
    second = await runner.look(Look(SITE, TlsProbe()))

    assert [(each.address, each.name) for each in first.hits] == [(PLACE[0], "stopped.example")]
    assert second.hits == ()


async def test_a_run_learns_of_the_hits_of_others() -> None:
    ledger = Ledger(200, Clock())
    runner = Surroundings().runner(ledger=ledger)
    moment = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)
    other = Hit(asn=0, address=PLACE[0], port=PLACE[1], name="a.example", stopped=moment)
    runner.learn([other])

    assert ledger.cool_in(PLACE) == pytest.approx(200, abs=1)
