"""Politeness to addresses, by a clock that moves only when somebody waits."""

import asyncio

import pytest

from probes.net.pacing import Pacer

HERE, THERE = "203.0.113.10", "203.0.113.11"


class Clock:
    """Time that passes in sleeps alone."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(asyncio, "sleep", made.sleep)
    return made


async def starts(pacer: Pacer, clock: Clock, *addresses: str) -> list[float]:
    found = []
    for address in addresses:
        async with pacer.slot(address):
            found.append(clock() - 100)
    return found


async def test_new_connections_to_one_address_keep_their_distance(clock: Clock) -> None:
    assert await starts(Pacer(2, 4.0, clock), clock, HERE, HERE, HERE) == [0.0, 0.25, 0.5]


async def test_another_address_waits_for_nobody(clock: Clock) -> None:
    assert await starts(Pacer(2, 4.0, clock), clock, HERE, THERE, HERE) == [0.0, 0.0, 0.25]


async def test_after_a_pause_nobody_waits_and_nothing_is_saved_up(clock: Clock) -> None:
    pacer = Pacer(2, 4.0, clock)
    await starts(pacer, clock, HERE)
    clock.now += 60

    assert await starts(pacer, clock, HERE, HERE) == [60.0, 60.25]


async def test_no_more_than_so_many_are_open_to_one_address_at_once(clock: Clock) -> None:
    pacer = Pacer(2, 1000.0, clock)
    let_go, inside, most = asyncio.Event(), 0, 0

    async def hold() -> None:
        nonlocal inside, most
        async with pacer.slot(HERE):
            inside += 1
            most = max(most, inside)
            await let_go.wait()
            inside -= 1

    async with asyncio.TaskGroup() as group:
        for _ in range(7):
            group.create_task(hold())
        group.create_task(asyncio.to_thread(lambda: None)).add_done_callback(lambda _: let_go.set())

    assert most == 2


async def test_a_failure_inside_gives_the_slot_back(clock: Clock) -> None:
    pacer = Pacer(1, 1000.0, clock)
    with pytest.raises(RuntimeError, match="inside"):
        async with pacer.slot(HERE):
            raise RuntimeError("inside")

    async with asyncio.timeout(1), pacer.slot(HERE):
        assert clock() >= 100


async def test_addresses_of_the_past_are_forgotten(clock: Clock) -> None:
    pacer = Pacer(1, 2.0, clock)
    for number in range(4096):
        async with pacer.slot(str(number)):
            clock.now += 1

    assert len(pacer._places) < 4
