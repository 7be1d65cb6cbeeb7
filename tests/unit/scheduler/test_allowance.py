"""A run spends no more than it may, give or take the looks under way."""

import asyncio
from datetime import UTC, datetime

import pytest

from heliograph.limits import LimitsConfig
from heliograph.model import Measurement, Step, StepKind, Vantage
from heliograph.url import parse_target
from heliograph.usage import Usage
from scheduler.allowance import Allowance
from scheduler.looks import Finished, Look
from tests.unit.scheduler.surroundings import Doing, Surroundings


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def costing(sent: int, received: int) -> Measurement:
    step = Step(kind=StepKind.HTTP_EXCHANGE, bytes_sent=sent, bytes_received=received)
    return Measurement(
        probe="web",
        probe_version=1,
        target=parse_target("site.example"),
        vantage=Vantage(),
        started=datetime(2026, 11, 24, tzinfo=UTC),
        steps=(step,),
    )


def test_without_a_budget_a_run_goes_on_for_ever() -> None:
    clock = Clock()
    allowance = Allowance(LimitsConfig(run_megabytes=0), clock)
    allowance.count(costing(10**9, 10**9))
    clock.now += 10**9

    assert (allowance.spent, allowance.over) == (None, False)
    assert allowance.usage == Usage(sent=10**9, received=10**9)


def test_time_is_spent_when_it_is_over() -> None:
    clock = Clock()
    allowance = Allowance(LimitsConfig(run_seconds=60), clock)
    clock.now += 59.9
    assert not allowance.over
    clock.now += 0.1

    assert allowance.over
    assert allowance.spent == "the 60 s that limits.run_seconds allows"


def test_bytes_count_both_ways() -> None:
    allowance = Allowance(LimitsConfig(run_megabytes=1.5), Clock())
    allowance.count(costing(500_000, 999_999))
    assert not allowance.over
    allowance.count(costing(1, 0))

    assert allowance.over
    assert allowance.spent == "the 1.5 MB that limits.run_megabytes allows"


@pytest.mark.parametrize(("limit", "lasts"), [(0, True), (31, True), (30, False), (5, False)])
def test_a_look_that_starts_later_must_do_so_within_the_time_of_the_run(
    limit: float, lasts: bool
) -> None:
    clock = Clock()
    allowance = Allowance(LimitsConfig(run_seconds=limit), clock)
    clock.now += 10

    assert allowance.lasts(20) == lasts


def test_a_stopped_run_is_over_and_has_spent_nothing() -> None:
    allowance = Allowance(LimitsConfig(), Clock())
    allowance.stop()

    assert (allowance.over, allowance.spent) == (True, None)


async def test_a_pause_ends_when_the_run_is_stopped() -> None:
    allowance = Allowance(LimitsConfig(), Clock())
    await allowance.pause(0)
    await allowance.pause(0.001)
    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        group.create_task(allowance.pause(60))
        await asyncio.sleep(0)
        allowance.stop()


@pytest.mark.parametrize("parallel", [1, 2])
async def test_once_it_is_over_no_look_starts_and_those_under_way_end(parallel: int) -> None:
    allowance = Allowance(LimitsConfig(), Clock())
    finished: list[Finished] = []

    async def wait(_: object) -> None:
        await asyncio.sleep(0)
        allowance.stop()

    looks = [Look(parse_target(f"s{n}.example"), Doing(wait)) for n in range(9)]
    await Surroundings().runner(parallel=parallel).run(looks, finished.append, allowance)

    assert len(finished) == parallel
