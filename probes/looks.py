"""The looks several probes share: the default path's addresses, and one try at an address."""

import asyncio

from heliograph.config import Resolver
from heliograph.model import Target
from heliograph.plugin import TEST, Connection, Handshake, Label, Lookup, Net
from heliograph.valid import is_address

MOST_PER_FAMILY = 2


async def both_families(
    name: str, net: Net, *, resolver: Resolver | None = None, label: Label = TEST
) -> tuple[Lookup, Lookup]:
    """A and AAAA of a name, asked at the same time; the default resolver when none is given."""
    async with asyncio.TaskGroup() as group:
        v4 = group.create_task(net.resolve(name, "A", resolver=resolver, label=label))
        v6 = group.create_task(net.resolve(name, "AAAA", resolver=resolver, label=label))
    return v4.result(), v6.result()


async def default_addresses(target: Target, net: Net) -> tuple[str, ...]:
    """The addresses a browser here would try: the literal, or the system resolver's answers.

    Bogons are left out: they are recorded as evidence and never connected to.
    """
    if is_address(target.host):
        return (target.host,)
    v4, v6 = await both_families(target.host, net)
    return (*v4.routable[:MOST_PER_FAMILY], *v6.routable[:MOST_PER_FAMILY])


async def secured(
    net: Net, peer: tuple[str, int], name: str, label: Label = TEST
) -> tuple[Connection, Handshake | None]:
    """Connect and shake hands for ``name``; no handshake when the connection failed."""
    connection = await net.connect(*peer, host=name, label=label)
    if connection.failure is not None:
        return connection, None
    return connection, await net.handshake(connection, name)
