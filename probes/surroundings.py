"""The look at the network around this host: what holds for every target, before any is looked at.

It is a measurement of its own: nothing of it is among a target's steps.
"""

import asyncio
from collections.abc import Iterable, Sequence

from heliograph.config import NetworkConfig, Resolver
from heliograph.failure import Failure
from heliograph.model import (
    PAIR_CHECK,
    PAIR_INNOCUOUS,
    PAIR_NEAR,
    PAIR_NOWHERE,
    SURROUNDINGS,
    Role,
    Target,
)
from heliograph.plugin import Label, Lookup, Need, Net, Request, Risk
from heliograph.url import BadTarget, parse_target
from heliograph.valid import is_address

MOST_CHECKS = 3
MOST_NAMES = 3
MOST_RESOLVERS = 4
MOST_NEAR = 8
MOST_VISITED_NEAR = 2
_CHECK = Label(pair=PAIR_CHECK)
_NOWHERE = Label(pair=PAIR_NOWHERE)
_INNOCUOUS = Label(role=Role.CONTROL_BEFORE, pair=PAIR_INNOCUOUS)
_NEAR = Label(pair=PAIR_NEAR)


def innocuous(settings: NetworkConfig) -> tuple[str, ...]:
    """The innocuous names that are looked at."""
    names = (name for name in settings.control_names if not is_address(name))
    return tuple(dict.fromkeys(names))[:MOST_NAMES]


def subject(settings: NetworkConfig) -> Target | None:
    """What the look is filed under: the first check, or innocuous name; None without either."""
    places = (*settings.connectivity_checks, *innocuous(settings))
    return _parsed(places[0]) if places else None


class SurroundingsProbe:
    """Connectivity, resolver, clock and certificates, by places known to be harmless."""

    name = SURROUNDINGS
    version = 1
    risk = Risk.ORDINARY
    needs: frozenset[Need] = frozenset()

    def __init__(self, nowhere: str) -> None:
        """``nowhere`` is a name that nobody has."""
        self._nowhere = nowhere

    async def measure(self, target: Target, net: Net) -> None:
        """See heliograph.plugin.Probe."""
        async with asyncio.TaskGroup() as group:
            for url in net.settings.connectivity_checks[:MOST_CHECKS]:
                group.create_task(_check(url, net))
            for resolver in (None, *_asked(net)):
                asked = net.resolve(self._nowhere, resolver=resolver, label=_NOWHERE)
                group.create_task(asked)
            for name in innocuous(net.settings):
                group.create_task(_name(name, net))
            for name in innocuous(net.settings)[:1]:
                group.create_task(net.control(f"https://{name}/", label=_INNOCUOUS))

    async def look_nearer(self, hosts: Iterable[str], country: str, net: Net) -> None:
        """Visit some of these hosts: those whose addresses lie in the country."""
        names = tuple(dict.fromkeys(host for host in hosts if not is_address(host)))[:MOST_NEAR]
        async with asyncio.TaskGroup() as group:
            found = [group.create_task(net.resolve(name, label=_NEAR)) for name in names]
        near = [
            (name, address)
            for name, lookup in zip(names, found, strict=True)
            for address in _inside(lookup.result(), country)[:1]
        ]
        async with asyncio.TaskGroup() as group:
            for name, address in near[:MOST_VISITED_NEAR]:
                group.create_task(_visit(name, address, net, _NEAR))


def _inside(lookup: Lookup, country: str) -> list[str]:
    """The addresses of an answer that lie in the country."""
    told = [a for reply in lookup.replies for a in reply.answers if a.country == country]
    return [answer.value for answer in told if answer.value in lookup.routable]


def _asked(net: Net) -> Sequence[Resolver]:
    return net.settings.trusted_resolvers[:MOST_RESOLVERS]


def _parsed(place: str) -> Target | None:
    try:
        return parse_target(place)
    except BadTarget:
        return None


async def _check(url: str, net: Net) -> None:
    """Ask for a page that is known to be an empty 204."""
    place = _parsed(url)
    if place is None:
        return
    address: str | None = place.host
    if not is_address(place.host):
        lookup = await net.resolve(place.host, label=_CHECK)
        address = next(iter(lookup.routable), None)
    if address is None:
        return
    connection = await net.connect(address, place.port, host=place.host, label=_CHECK)
    if connection.failure is not None:
        return
    if place.scheme == "https" and not (await net.handshake(connection, place.host)).completed:
        return
    await net.exchange(connection, Request(url=place.url))


async def _name(name: str, net: Net) -> None:
    """Look an innocuous name up everywhere, and visit it where that leads."""
    async with asyncio.TaskGroup() as group:
        elsewhere = [
            group.create_task(net.resolve(name, resolver=resolver, label=_INNOCUOUS))
            for resolver in _asked(net)
        ]
        lookup = await net.resolve(name, label=_INNOCUOUS)
        if not lookup.addresses:  # a hiccup does not come back
            lookup = await net.resolve(name, label=_INNOCUOUS)
        visited = lookup.routable[:1]
        if visited and await _visit(name, visited[0], net, _INNOCUOUS):
            return
        told = [address for each in elsewhere for address in (await each).routable]
        for address in [a for a in told if a not in visited][:1]:
            await _visit(name, address, net, _INNOCUOUS)


async def _visit(name: str, address: str, net: Net, label: Label) -> bool:
    """Whether the name was proved; where nothing takes TLS, it is asked for in the clear."""
    connection = await net.connect(address, 443, host=name, label=label)
    if connection.failure is Failure.CONNECTION_REFUSED:
        await _in_the_clear(name, address, net, label)
    if connection.failure is not None:
        return False
    shaken = await net.handshake(connection, name)
    if shaken.completed:  # for the time it is there
        await net.exchange(connection, Request(url=f"https://{name}/", method="HEAD"))
    return shaken.failure is None


async def _in_the_clear(name: str, address: str, net: Net, label: Label) -> None:
    connection = await net.connect(address, 80, host=name, label=label)
    if connection.failure is None:
        await net.exchange(connection, Request(url=f"http://{name}/", method="HEAD"))
