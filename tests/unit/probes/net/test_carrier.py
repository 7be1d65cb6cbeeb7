"""A look's connection to a resolver is one query's at a time."""

import asyncio

from heliograph.plugin import Label
from probes.net.carrier import Carrier
from probes.net.connection import OpenConnection
from probes.net.stream import Stream


def connection(*, made: bool = True) -> OpenConnection:
    found = OpenConnection(("192.0.2.53", 853), Label(), "tls://192.0.2.53", None)
    found.stream = Stream.unconnected("192.0.2.53") if made else None
    return found


async def test_queries_take_turns_in_the_order_they_came() -> None:
    carrier = Carrier()
    order: list[str] = []

    async def query(name: str) -> None:
        async with carrier:
            order.append(f"{name} begins")
            await asyncio.sleep(0)
            order.append(f"{name} ends")

    async with asyncio.TaskGroup() as group:
        for name in ("A", "AAAA"):
            group.create_task(query(name))

    assert order == ["A begins", "A ends", "AAAA begins", "AAAA ends"]


async def test_a_query_that_breaks_off_gives_its_turn_back() -> None:
    carrier = Carrier()
    try:
        async with carrier:
            raise ConnectionResetError
    except ConnectionResetError:
        pass
    async with asyncio.timeout(1), carrier:
        pass


async def test_it_is_open_while_there_is_a_connection_that_can_be_used() -> None:
    carrier = Carrier()
    assert not carrier.open

    carrier.made = connection(made=False)
    assert not carrier.open, "the attempt failed"

    carrier.made = connection()
    assert carrier.open

    await carrier.made.close()
    assert not carrier.open


async def test_a_dropped_connection_is_closed_and_forgotten() -> None:
    carrier = Carrier()
    carrier.made = made = connection()

    await carrier.drop()
    await carrier.drop()

    assert made.stream is not None
    assert made.stream.closed
    assert carrier.made is None
    assert not carrier.open
