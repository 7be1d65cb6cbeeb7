"""Whatever a probe does, its look ends in time and leaves a record."""

import asyncio
import itertools
from datetime import UTC, datetime

import pytest

from heliograph.config import NetworkConfig, Resolver
from heliograph.failure import Failure
from heliograph.fake import FakeNet
from heliograph.ids import measurement_id
from heliograph.model import (
    OUT_OF_TIME,
    STOPPED,
    Measurement,
    Outcome,
    Question,
    QuestionKind,
    State,
    Step,
    StepKind,
    Target,
)
from heliograph.plugin import Contact, Cost, Need, Net, Probe
from heliograph.url import parse_target
from probes.http import HttpProbe
from probes.tls import TlsProbe
from scheduler.looks import Finished, Look
from tests.unit.scheduler.surroundings import (
    IDENTITY,
    SITE,
    STACK,
    Doing,
    Surroundings,
    filtered,
    reachable,
)


def kinds(measurement: Measurement) -> list[StepKind]:
    return [step.kind for step in measurement.steps]


async def test_a_look_brings_a_measurement_with_its_origin_and_a_verdict() -> None:
    made = Surroundings(reachable)
    finished = await made.runner().look(Look(SITE, TlsProbe()))
    measurement, verdict = finished.measurement, finished.verdict

    assert (measurement.probe, measurement.probe_version, measurement.target) == ("tls", 1, SITE)
    assert (measurement.vantage, measurement.software) == (IDENTITY.vantage(), "heliograph 0")
    assert (measurement.stack, measurement.consent) == (STACK, "consent-1")
    assert measurement.context == ("ipv6_missing",)
    assert measurement.started == datetime(2026, 11, 23, 12, tzinfo=UTC)
    assert measurement.seconds > 0
    assert (measurement.outcome, measurement.reason) == (Outcome.MEASURED, None)
    assert measurement.id == measurement_id(measurement)
    assert verdict is not None
    assert verdict.measurement_id == measurement.id
    assert verdict.state is State.OK
    assert made.opened[0].closed


async def test_what_would_settle_an_anomaly_is_asked_until_nothing_is_left_to_ask() -> None:
    finished = await Surroundings(filtered).runner().look(Look(SITE, TlsProbe()))
    verdict = finished.verdict

    assert verdict is not None
    assert (verdict.state, verdict.techniques) == (State.BLOCKED, ("tls.reset",))
    assert [fired.rule for fired in verdict.fired] == ["tls.reset"]
    assert len(finished.measurement.steps) == 21
    assert [step.pair for step in finished.measurement.steps[17:]] == ["shape"] * 4


async def test_a_settled_look_is_not_asked_about() -> None:
    finished = await Surroundings(reachable).runner().look(Look(SITE, TlsProbe()))

    assert {step.resolver for step in finished.measurement.steps} == {None, "udp://192.0.2.53"}


async def test_a_page_that_refuses_everybody_or_only_us_stays_open_and_asking_ends() -> None:
    finished = await Surroundings(reachable).runner().look(Look(SITE, HttpProbe()))

    assert finished.verdict is not None
    assert finished.verdict.state is State.INCONCLUSIVE


class Insisting(TlsProbe):
    """Counts the questions and answers each with a new riddle."""

    name = "insisting"

    def __init__(self) -> None:
        self.asked: list[Question] = []

    async def answer(self, question: Question, net: Net) -> None:
        self.asked.append(question)
        for resolver in net.settings.trusted_resolvers:
            await net.resolve("site.example", resolver=resolver)


async def test_no_question_is_asked_twice_however_a_probe_answers() -> None:
    probe = Insisting()
    await Surroundings(filtered).runner().look(Look(SITE, probe))

    assert len(set(probe.asked)) == len(probe.asked)
    assert [question.kind for question in probe.asked] == [
        QuestionKind.REMOTE_CONTROL,
        QuestionKind.OTHER_RESOLVER,
        QuestionKind.CONTROL_NAME_SAME_ADDRESS,
    ]


async def test_the_rounds_of_questions_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    ports = itertools.count(1)

    def endless(*_: object) -> tuple[Question, ...]:
        return (
            Question(kind=QuestionKind.VALIDATE_ADDRESS, host="site.example", port=next(ports)),
        )

    monkeypatch.setattr("scheduler.runner.questions", endless)
    probe = Insisting()
    await Surroundings(filtered).runner().look(Look(SITE, probe))

    assert len(probe.asked) == 5


async def test_a_probe_that_answers_no_questions_is_asked_none() -> None:
    async def look_up(net: Net) -> None:
        await net.resolve("site.example")

    finished = await Surroundings().runner().look(Look(SITE, Doing(look_up)))

    assert finished.measurement.outcome is Outcome.MEASURED
    assert kinds(finished.measurement) == [StepKind.DNS_QUERY]


async def test_a_deadline_keeps_what_was_seen_and_what_was_under_way() -> None:
    made = Surroundings(reachable)

    async def hang(net: Net) -> None:
        await net.resolve("site.example")
        assert isinstance(net, FakeNet)
        with net._trace.step(StepKind.TCP_CONNECT, peer=("203.0.113.10", 443)):
            await asyncio.Event().wait()

    finished = await made.runner(seconds=0.01).look(Look(SITE, Doing(hang)))

    assert finished.measurement.outcome is Outcome.MEASURED
    assert [step.failure for step in finished.measurement.steps] == [None, Failure.INTERRUPTED]
    assert finished.measurement.context[-1] == OUT_OF_TIME
    assert finished.verdict is not None
    assert finished.verdict.state is State.INCONCLUSIVE
    assert made.opened[0].closed


async def test_an_error_on_the_way_out_of_a_deadline_is_not_the_probes_bug() -> None:
    async def clumsy(net: Net) -> None:
        await net.resolve("site.example")
        try:
            await asyncio.Event().wait()
        finally:
            raise RuntimeError("while cleaning up")

    finished = await Surroundings().runner(seconds=0.01).look(Look(SITE, Doing(clumsy)))

    assert finished.measurement.outcome is Outcome.MEASURED


async def test_a_deadline_before_the_first_step_leaves_no_evidence() -> None:
    async def idle(_net: Net) -> None:
        await asyncio.Event().wait()

    finished = await Surroundings().runner(seconds=0.01).look(Look(SITE, Doing(idle)))

    assert (finished.measurement.outcome, finished.verdict) == (Outcome.BROKEN, None)
    assert finished.measurement.reason == "the probe recorded no step"


async def test_a_look_that_is_given_up_is_told_with_all_it_had_sent() -> None:
    async def hang(net: Net) -> None:
        await net.resolve("site.example")
        await asyncio.Event().wait()

    async def idle(_net: Net) -> None:
        await asyncio.Event().wait()

    given_up: list[Finished] = []
    done: list[Finished] = []
    runner = Surroundings(reachable).runner(parallel=2)
    runner.given_up = given_up.append
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.02):
            await runner.run([Look(SITE, Doing(hang)), Look(SITE, Doing(idle))], done.append)

    assert done == []
    (finished,) = given_up
    measurement = finished.measurement
    assert (measurement.outcome, measurement.reason) == (Outcome.BROKEN, STOPPED)
    assert finished.verdict is None
    assert kinds(measurement) == [StepKind.DNS_QUERY]
    assert measurement.id == measurement_id(measurement)


async def test_a_bug_in_a_probe_is_told_and_the_run_goes_on() -> None:
    async def buggy(net: Net) -> None:
        await net.resolve("site.example")
        raise ZeroDivisionError("at 192.0.2.77 \x00")

    done: list[Finished] = []
    runner = Surroundings(reachable).runner(parallel=1)
    await runner.run([Look(SITE, Doing(buggy)), Look(SITE, TlsProbe())], done.append)
    broken, fine = done

    assert (broken.measurement.outcome, broken.verdict) == (Outcome.BROKEN, None)
    assert broken.measurement.reason is not None
    assert "Traceback" in broken.measurement.reason
    assert broken.measurement.reason.endswith("ZeroDivisionError: at [own] \\x00\n")
    assert kinds(broken.measurement) == [StepKind.DNS_QUERY]
    assert fine.measurement.outcome is Outcome.MEASURED


async def test_only_the_end_of_a_long_traceback_is_kept() -> None:
    async def verbose(_net: Net) -> None:
        raise ValueError("x" * 5000 + "end")

    finished = await Surroundings().runner().look(Look(SITE, Doing(verbose)))

    assert finished.measurement.reason is not None
    assert len(finished.measurement.reason) == 2000
    assert finished.measurement.reason.endswith("end\n")


async def test_a_bug_in_an_answer_is_the_probes_bug() -> None:
    class Failing(TlsProbe):
        async def answer(self, question: Question, net: Net) -> None:
            raise LookupError(question.host)

    finished = await Surroundings(filtered).runner().look(Look(SITE, Failing()))

    assert finished.measurement.outcome is Outcome.BROKEN
    assert "LookupError: site.example" in (finished.measurement.reason or "")


async def test_a_target_a_probe_can_not_measure_is_skipped_with_its_reason() -> None:
    target = parse_target("http://site.example/")
    finished = await Surroundings().runner().look(Look(target, TlsProbe()))

    assert (finished.measurement.outcome, finished.verdict) == (Outcome.SKIPPED, None)
    assert finished.measurement.reason == "an http:// target has no TLS; write it as https://"
    assert finished.measurement.id == measurement_id(finished.measurement)


class Privileged(TlsProbe):
    name = "privileged"
    needs = frozenset({Need.RAW_SOCKET, Need.IPV6})


@pytest.mark.parametrize(
    ("available", "outcome", "reason"),
    [
        (
            frozenset[Need](),
            Outcome.SKIPPED,
            "this host lacks what the probe needs: ipv6, raw_socket",
        ),
        (
            frozenset({Need.IPV6}),
            Outcome.SKIPPED,
            "this host lacks what the probe needs: raw_socket",
        ),
        (frozenset(Need), Outcome.MEASURED, None),
    ],
)
async def test_a_probe_runs_only_where_its_needs_are_met(
    available: frozenset[Need], outcome: Outcome, reason: str | None
) -> None:
    made = Surroundings(reachable)
    finished = await made.runner(available=available).look(Look(SITE, Privileged()))

    assert (finished.measurement.outcome, finished.measurement.reason) == (outcome, reason)
    assert bool(made.opened) is (outcome is Outcome.MEASURED)


class Thrifty(TlsProbe):
    """Says that it costs less than it takes."""

    name = "thrifty"

    def cost(self, target: Target, settings: NetworkConfig) -> Cost:
        return Cost(connections=1, queries=2, packets=30, bytes=9000, seconds=0.05)

    def plan(
        self, target: Target, settings: NetworkConfig, resolver: Resolver
    ) -> tuple[Contact, ...]:
        return ()

    async def measure(self, target: Target, net: Net) -> None:
        await net.resolve(target.host)
        await asyncio.sleep(60)


async def test_a_look_is_held_to_what_its_probe_said_it_costs() -> None:
    made = Surroundings(reachable)
    finished = await made.runner(seconds=30).look(Look(SITE, Thrifty()))

    assert OUT_OF_TIME in finished.measurement.context
    assert kinds(finished.measurement) == [StepKind.DNS_QUERY]
    assert [net.kept_to for net in made.opened] == [Thrifty().cost(SITE, NetworkConfig())]


async def test_a_probe_that_says_no_cost_has_the_usual_limits() -> None:
    made = Surroundings(reachable)
    await made.runner().look(Look(SITE, TlsProbe()))

    assert [net.kept_to for net in made.opened] == [None]


async def test_a_refused_target_is_skipped_before_anything_is_opened() -> None:
    made = Surroundings(reachable)
    runner = made.runner(refuse=lambda target: f"{target.host} at 192.0.2.77 is ours")
    finished = await runner.look(Look(SITE, TlsProbe()))

    assert (finished.measurement.outcome, finished.verdict) == (Outcome.SKIPPED, None)
    assert finished.measurement.reason == "site.example at [own] is ours"
    assert made.opened == []


def test_a_look_can_be_skipped_from_outside() -> None:
    finished = Surroundings().runner().skip(Look(SITE, TlsProbe()), "no time left")

    assert (finished.measurement.outcome, finished.verdict) == (Outcome.SKIPPED, None)
    assert finished.measurement.reason == "no time left"
    assert finished.measurement.steps == ()


@pytest.mark.parametrize(("parallel", "most"), [(1, 1), (3, 3), (50, 8)])
async def test_no_more_looks_are_under_way_than_allowed_and_each_is_done_once(
    parallel: int, most: int
) -> None:
    inside = peak = 0

    async def crowd(net: Net) -> None:
        nonlocal inside, peak
        inside += 1
        peak = max(peak, inside)
        await asyncio.sleep(0)
        await net.resolve("site.example")
        inside -= 1

    done: list[str] = []
    probe: Probe = Doing(crowd)
    looks = [Look(parse_target(f"site{number}.example"), probe) for number in range(8)]
    runner = Surroundings().runner(parallel=parallel)
    await runner.run(looks, lambda finished: done.append(finished.measurement.target.host))

    assert peak == most
    assert sorted(done) == [f"site{number}.example" for number in range(8)]


async def test_a_run_of_nothing_is_over_at_once() -> None:
    await Surroundings().runner().run([], lambda finished: pytest.fail(str(finished)))


async def test_the_steps_are_those_of_the_look_alone() -> None:
    done: list[tuple[Step, ...]] = []
    runner = Surroundings(reachable).runner()
    await runner.run(
        [Look(SITE, TlsProbe())] * 3, lambda finished: done.append(finished.measurement.steps)
    )

    assert [len(steps) for steps in done] == [4, 4, 4]
