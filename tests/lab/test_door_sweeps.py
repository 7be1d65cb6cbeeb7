"""Sweeps through the door: what servers on loopback, one hop away, leave on record.

What routers do to them is tried in the lab: its rows have a chain of five.
"""

from collections.abc import Sequence

from heliograph.detail import HopTrial, SweepDetail, read
from heliograph.failure import Failure
from heliograph.lab import answers, handshakes
from heliograph.lab.nameserver import Nameserver
from heliograph.lab.origins import Origin, Site
from heliograph.model import Step, StepKind
from heliograph.plugin import SweepPlan
from probes.net.spending import Budget
from tests.lab.net_fixtures import HERE, NAME, Bench, look

TTLS = (1, 2)


async def swept(
    bench: Bench, port: int, plan: SweepPlan, budget: Budget | None = None
) -> tuple[Step, Sequence[HopTrial]]:
    async with look(bench.around(), budget) as made:
        await made.door.sweep(HERE, port, plan)
    step = made.of(StepKind.HOP_PROBE)
    return step, read(step, SweepDetail).trials


def tls(**more: object) -> SweepPlan:
    return SweepPlan(ttls=TTLS, said="tls", name=NAME, reach=1, **more)  # type: ignore[arg-type]


async def test_a_server_answers_every_name_that_gets_to_it(bench: Bench) -> None:
    async with Origin({NAME: bench.site()}, address=HERE) as origin:
        step, trials = await swept(bench, origin.port, tls())

    assert (step.failure, step.host, step.sni) == (None, NAME, NAME)
    assert [(t.ttl, t.ended, t.answer) for t in trials] == [
        (1, "answered", "tls"),
        (2, "answered", "tls"),
    ]
    assert step.bytes_sent > 2 * 200


async def test_a_request_is_answered_by_how_the_response_begins(bench: Bench) -> None:
    async with Origin({NAME: bench.site()}, address=HERE) as origin:
        plan = SweepPlan(ttls=TTLS, said="http", name=NAME, reach=1)
        step, trials = await swept(bench, origin.port, plan)

    assert step.failure is None
    assert all(trial.answer.startswith("HTTP/1.1 ") for trial in trials)


async def test_a_reset_is_told_from_silence_and_from_an_end(bench: Bench) -> None:
    for stage, word, failure in (
        (handshakes.reset(), "reset", Failure.CONNECTION_RESET),
        (handshakes.silence(), "silent", Failure.GENERIC_TIMEOUT_ERROR),
        (handshakes.finish(), "closed", Failure.EOF_ERROR),
    ):
        async with Origin({NAME: Site(stage, bench.site().http)}, address=HERE) as origin:
            step, trials = await swept(bench, origin.port, tls())

        assert ({trial.ended for trial in trials}, step.failure) == ({word}, failure)


async def test_silence_short_of_the_server_is_no_failure(bench: Bench) -> None:
    site = Site(handshakes.silence(), bench.site().http)
    async with Origin({NAME: site}, address=HERE) as origin:
        plan = SweepPlan(ttls=TTLS, said="tls", name=NAME, reach=3)
        step, _ = await swept(bench, origin.port, plan)

    assert step.failure is None


async def test_where_nobody_listens_nothing_is_said(bench: Bench) -> None:
    step, trials = await swept(bench, 9009, tls())

    assert {trial.ended for trial in trials} == {"unconnected"}
    assert step.failure is Failure.GENERIC_TIMEOUT_ERROR


async def test_a_query_is_answered_with_addresses_and_their_time_to_live(bench: Bench) -> None:
    zone = {NAME: answers.addresses("203.0.113.7")}
    async with Nameserver(zone, address=HERE) as server:
        plan = SweepPlan(ttls=TTLS, said="dns", name=NAME)
        _, trials = await swept(bench, server.port, plan)

    assert {(t.ended, t.answer, t.ip_ttl) for t in trials} == {("answered", "203.0.113.7", 64)}


async def test_a_datagram_to_a_port_without_anybody_is_refused_by_the_server(bench: Bench) -> None:
    _, trials = await swept(bench, 9010, SweepPlan(ttls=TTLS))

    assert {(t.ended, t.router) for t in trials} == {("refused", HERE)}


async def test_a_sweep_ends_where_the_budget_does(bench: Bench) -> None:
    async with Origin({NAME: bench.site()}, address=HERE) as origin:
        step, trials = await swept(bench, origin.port, tls(), Budget(connections=1))

    assert (step.failure, trials) == (Failure.X_BUDGET_EXHAUSTED, ())


async def test_a_place_that_is_not_public_is_not_swept(bench: Bench) -> None:
    async with look(bench.around(admitted=())) as made:
        await made.door.sweep(HERE, 443, tls())

    step = made.of(StepKind.HOP_PROBE)
    assert step.failure is Failure.X_ADDRESS_REFUSED
    assert step.bytes_sent == 0
