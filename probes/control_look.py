"""The look a control server makes for a vantage: one hop, no redirect followed.

It asks all its resolvers, tries the addresses they give and those the vantage was led to, and
opens the URL where the host proved to be itself.
"""

import asyncio
from collections.abc import Sequence

from heliograph.model import Target
from heliograph.plugin import Connection, Lookup, Net, Request
from heliograph.valid import is_address
from probes.looks import MOST_PER_FAMILY, both_families, secured
from probes.racing import in_turns

MOST_TRIED = 8
"""So many addresses at most are tried: a few of its own, then the vantage's."""

_OTHER_RESOLVERS = 2.0
"""Seconds the trusted resolvers have after the default one is done, before the rest begins."""
_OWN_FIRST = 5.0
"""Seconds in which an address the control found itself comes before the vantage's."""
_TLS_PORT, _PLAIN_PORT = 443, 80

_Attempt = asyncio.Task[Connection | None]


async def look_for_control(
    target: Target, net: Net, addresses: Sequence[str], request: Request
) -> None:
    """Look at one target; ``addresses`` and the headers of the request are the vantage's."""
    async with asyncio.TaskGroup() as beside:
        found = await _found(target.host, net, beside)
        others = [address for address in addresses if address not in found]
        tried = (*found, *others)[:MOST_TRIED]
        attempts = [beside.create_task(_reach(target, net, address)) for address in tried]
        chosen = await _first_good(attempts[: len(found)], _OWN_FIRST)
        chosen = chosen or await _first_good(attempts, None)
        for attempt in attempts:
            beside.create_task(_close(attempt, chosen))
        if chosen is None:
            return
        if target.scheme == "http" and target.port == _PLAIN_PORT:
            beside.create_task(_prove(target.host, net, chosen.address))
        await net.exchange(chosen, request)


async def _found(host: str, net: Net, beside: asyncio.TaskGroup) -> tuple[str, ...]:
    """The literal, or a few addresses of each family, the default resolver's first.

    A trusted resolver that takes long is asked to the end, and not waited for.
    """
    if is_address(host):
        return (host,)
    resolvers = dict.fromkeys((net.resolver, *net.settings.trusted_resolvers))
    asked = [
        beside.create_task(both_families(host, net, resolver=resolver)) for resolver in resolvers
    ]
    await asyncio.wait(asked[:1])
    await asyncio.wait(asked, timeout=_OTHER_RESOLVERS)
    answered = [task.result() for task in asked if task.done()]
    v4 = _few([lookup for lookup, _ in answered])
    v6 = _few([lookup for _, lookup in answered])
    return in_turns(v4, v6)


def _few(lookups: Sequence[Lookup]) -> tuple[str, ...]:
    every = (address for lookup in lookups for address in lookup.routable)
    return tuple(dict.fromkeys(every))[:MOST_PER_FAMILY]


async def _reach(target: Target, net: Net, address: str) -> Connection | None:
    """A connection the URL may be asked over: for https only to who proved the name."""
    peer = (address, target.port)
    if target.scheme == "https":
        connection, shaken = await secured(net, peer, target.host)
        good = shaken is not None and shaken.failure is None
    else:
        connection = await net.connect(*peer, host=target.host)
        good = connection.failure is None
    if good:
        return connection
    await connection.close()
    return None


async def _first_good(attempts: Sequence[_Attempt], seconds: float | None) -> Connection | None:
    """The first connection there is, in time and then in order; None when there is none by then."""
    clock = asyncio.get_running_loop().time
    end = None if seconds is None else clock() + seconds
    while True:
        made = (attempt.result() for attempt in attempts if attempt.done())
        good = next((connection for connection in made if connection is not None), None)
        waiting = [attempt for attempt in attempts if not attempt.done()]
        left = None if end is None else end - clock()
        if good is not None or not waiting or (left is not None and left <= 0):
            return good
        await asyncio.wait(waiting, timeout=left, return_when=asyncio.FIRST_COMPLETED)


async def _close(attempt: _Attempt, chosen: Connection | None) -> None:
    connection = await attempt
    if connection is not None and connection is not chosen:
        await connection.close()


async def _prove(host: str, net: Net, address: str) -> None:
    """What a page over plain http can't prove, a certificate at the same address can."""
    connection, _ = await secured(net, (address, _TLS_PORT), host)
    await connection.close()
