"""Places to work in, places to wait in, and no more."""

import asyncio

import pytest

from heliograph.collector.admission import Admission, Busy


async def hold(admission: Admission, leave: asyncio.Event) -> str:
    try:
        async with admission.place():
            await leave.wait()
            return "served"
    except Busy:
        return "busy"


async def test_those_beyond_the_queue_are_sent_away_at_once() -> None:
    admission, leave = Admission(1, 1, 60.0), asyncio.Event()
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(hold(admission, leave)) for _ in range(4)]
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        assert [task.done() for task in tasks] == [False, False, True, True]
        leave.set()

    assert [task.result() for task in tasks] == ["served", "served", "busy", "busy"]


async def test_who_waits_too_long_is_sent_away() -> None:
    admission, leave = Admission(1, 1, 0.0), asyncio.Event()
    async with asyncio.TaskGroup() as group:
        first = group.create_task(hold(admission, leave))
        second = group.create_task(hold(admission, leave))
        await asyncio.wait((second,))
        leave.set()

    assert (first.result(), second.result()) == ("served", "busy")


async def test_a_place_is_free_again_after_an_error() -> None:
    admission = Admission(1, 0, 60.0)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            async with admission.place():
                raise ZeroDivisionError
    async with admission.place():
        pass
