"""A run ends soon once there is a reason, and a clock that jumps is one."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from heliograph.limits import LimitsConfig
from scheduler.allowance import Allowance, EarlyEnd
from scheduler.halting import CLOCK_JUMPED, LARGEST_JUMP, Jumps, until_halted

END = EarlyEnd("some_reason", "somebody said so")


class Clocks:
    """A wall clock and a steady one; only the first can be set."""

    def __init__(self) -> None:
        self.wall = datetime(2026, 11, 24, 12, tzinfo=UTC)
        self.steady = 1000.0

    def pass_by(self, seconds: float) -> None:
        self.wall += timedelta(seconds=seconds)
        self.steady += seconds

    def jumps(self) -> Jumps:
        return Jumps(lambda: self.wall, lambda: self.steady)


def test_time_that_passes_is_no_jump() -> None:
    clocks = Clocks()
    jumps = clocks.jumps()
    clocks.pass_by(86_400)

    assert jumps() is None


@pytest.mark.parametrize("way", [1, -1])
def test_a_clock_may_be_corrected_by_a_few_minutes(way: int) -> None:
    clocks = Clocks()
    jumps = clocks.jumps()
    clocks.wall += way * LARGEST_JUMP

    assert jumps() is None


@pytest.mark.parametrize(("minutes", "way"), [(6, "forward"), (-6, "back"), (10**6, "forward")])
def test_a_jump_is_told_with_its_way_and_its_length(minutes: int, way: str) -> None:
    clocks = Clocks()
    jumps = clocks.jumps()
    clocks.wall += timedelta(minutes=minutes)
    clocks.pass_by(2)

    end = jumps()
    assert end is not None
    assert end.flag == CLOCK_JUMPED
    assert f"jumped {way} by {abs(minutes)} minutes" in end.why


class Reason:
    """Comes after so many questions."""

    def __init__(self, after: int) -> None:
        self.left = after

    def __call__(self) -> EarlyEnd | None:
        self.left -= 1
        return END if self.left < 0 else None


class Work:
    """Goes on until it is told to stop, or for ever."""

    def __init__(self, *, obeys: bool = True) -> None:
        self.obeys = obeys
        self.told = asyncio.Event()
        self.came_of_it = "not started"

    def halt(self, end: EarlyEnd) -> None:
        assert end is END
        self.told.set()

    async def __call__(self) -> None:
        self.came_of_it = "cut off"
        await (self.told if self.obeys else asyncio.Event()).wait()
        self.came_of_it = "ended by itself"


@pytest.mark.parametrize(
    ("after", "obeys", "came_of_it"),
    [(0, True, "not started"), (2, True, "ended by itself"), (2, False, "cut off")],
)
async def test_work_has_its_grace_and_not_more(after: int, obeys: bool, came_of_it: str) -> None:
    work = Work(obeys=obeys)
    async with asyncio.timeout(5):
        await until_halted(work, Reason(after), work.halt, every=0.001, grace=0.02)

    assert work.told.is_set()
    assert work.came_of_it == came_of_it


async def test_without_a_reason_the_work_ends_as_it_ends() -> None:
    async def failing() -> None:
        raise TimeoutError("its own")

    with pytest.raises(TimeoutError, match="its own"):
        await until_halted(failing, lambda: None, Work().halt)


async def test_a_signal_that_cancels_it_is_not_taken_for_the_halt() -> None:
    work = Work()
    async with asyncio.TaskGroup() as group:
        task = group.create_task(until_halted(work, lambda: None, work.halt))
        await asyncio.sleep(0)
        task.cancel()

    assert task.cancelled()


def test_a_halted_run_says_why_it_ended() -> None:
    allowance = Allowance(LimitsConfig(), lambda: 0.0)
    assert allowance.end is None
    allowance.halt(END)

    assert allowance.over
    assert allowance.end == END
