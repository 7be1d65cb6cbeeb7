"""The web probe: what becomes of a URL when a browser here opens it, compared as it goes.

For every hop of the way the system's resolver and the trusted ones are asked, the host's
addresses raced, TLS and the exchange made, and a control elsewhere asked to do the same.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urljoin

from heliograph.config import NetworkConfig, Resolver
from heliograph.detail import Sought
from heliograph.model import Question, Role, Target
from heliograph.plugin import Connection, Label, Lookup, Need, Net, Reply, Request, Risk
from heliograph.url import MOST_CHARACTERS, BadTarget, parse_target
from heliograph.valid import is_address
from probes.answers import answer
from probes.cookies import Jar
from probes.looks import MOST_PER_FAMILY, both_families
from probes.racing import Race, in_turns

REDIRECTS = frozenset({301, 302, 303, 307, 308})
MOST_HOPS = 11
"""The target and ten redirects; a browser gives up not much later."""

_MOST_STREAMS = 2
_MOST_DATAGRAMS = 2
_OTHER_FAMILY = 1.0
"""Seconds to wait for the other family's answer once one is there."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one look at a healthy https target takes at most, the control left out."""

    connections: int
    queries: int


def first_asked(settings: NetworkConfig) -> tuple[Resolver, ...]:
    """The trusted resolvers that every hop asks; the others are asked when something is odd."""
    streams = [r for r in settings.trusted_resolvers if r.scheme != "udp"]
    datagrams = [r for r in settings.trusted_resolvers if r.scheme == "udp"]
    return (*streams[:_MOST_STREAMS], *datagrams[:_MOST_DATAGRAMS])


def cost(settings: NetworkConfig) -> Cost:
    """The most for a target that leads, over at most two redirects, to one other host."""
    asked = first_asked(settings)
    streams = sum(resolver.scheme != "udp" for resolver in asked)
    first, later, same_host = 2 * MOST_PER_FAMILY, 2, 1
    by_name = sum(resolver.address is None for resolver in asked)
    queries = 2 * 2 * (1 + len(asked) + by_name)
    return Cost(connections=2 * streams + first + later + same_host, queries=queries)


class WebProbe:
    """Opens the target as a browser does, redirects included, and asks a control for each hop."""

    name = "web"
    version = 1
    risk = Risk.ORDINARY
    needs: frozenset[Need] = frozenset()

    async def measure(self, target: Target, net: Net) -> None:
        """See heliograph.plugin.Probe."""
        async with asyncio.TaskGroup() as beside:
            await Visit(net, beside).follow(target)

    async def answer(self, question: Question, net: Net) -> None:
        """See heliograph.plugin.AnsweringProbe."""
        await answer(question, net)


@dataclass(frozen=True, slots=True)
class Manner:
    """How a way is gone: as what, what its pages are searched for, and what is compared."""

    role: Role = Role.TEST
    pair: str | None = None
    sought: tuple[Sought, ...] = ()
    compared: bool = True
    """Trusted resolvers are asked, and all addresses tried."""
    asks_control: bool = True


AS_USUAL = Manner()


class Visit:
    """One way from a target to its last hop; comparisons go on beside it."""

    def __init__(self, net: Net, beside: asyncio.TaskGroup, manner: Manner = AS_USUAL) -> None:
        self._net = net
        self._beside = beside
        self._manner = manner
        self._jar = Jar()
        self._known: dict[str, tuple[str, ...]] = {}

    async def follow(self, target: Target, most: int = MOST_HOPS) -> Reply | None:
        """Every hop in turn, until one does not redirect or can't be followed; the last reply."""
        place: Target | None = target
        reply: Reply | None = None
        for hop in range(1, most + 1):
            if place is None:
                break
            reply = await self._open(place, hop)
            place = None if reply is None else self._next(place, reply)
        return reply

    async def _open(self, place: Target, hop: int) -> Reply | None:
        manner = self._manner
        label = Label(role=manner.role, pair=manner.pair, hop=hop)
        addresses = await self._addresses(place.host, label)
        headers = self._jar.headers(place.url)
        request = Request(url=place.url, headers=headers, sought=manner.sought)
        if manner.asks_control:
            self._beside.create_task(
                self._net.control(
                    place.url, addresses, headers=headers, sought=manner.sought, label=label
                )
            )
        race = Race(self._net, place.port, place.host, label)
        sni = place.host if place.scheme == "https" else None
        every = manner.compared and hop == 1
        racing = self._beside.create_task(race.run(addresses, sni=sni, every=every))
        connection = await race.winner()
        if connection is None:
            return None
        if sni is not None and not await self._proved(connection, sni):
            await asyncio.wait((racing,))
            connection = await self._second_choice(race.proved, place, label)
        if connection is None:
            return None
        return await self._net.exchange(connection, request)

    async def _proved(self, connection: Connection, sni: str) -> bool:
        shaken = await self._net.handshake(connection, sni)
        if shaken.failure is not None:
            await connection.close()
        return shaken.failure is None

    async def _second_choice(
        self, proved: Sequence[str], place: Target, label: Label
    ) -> Connection | None:
        """Another address of the default path that proved the name, asked for the page."""
        for address in proved[:1]:
            again = await self._net.connect(address, place.port, host=place.host, label=label)
            if again.failure is None and await self._proved(again, place.host):
                return again
        return None

    def _next(self, place: Target, reply: Reply) -> Target | None:
        self._jar.keep(place.url, reply)
        location = reply.header("location")
        if reply.status not in REDIRECTS or not location:
            return None
        if len(location) >= MOST_CHARACTERS:  # Net may have cut it: it would lead elsewhere
            return None
        try:
            return parse_target(urljoin(place.url, location))
        except (BadTarget, ValueError):
            return None

    async def _addresses(self, host: str, label: Label) -> tuple[str, ...]:
        """Where a browser here would go; trusted resolvers are asked beside it."""
        if is_address(host):
            return (host,)
        if host not in self._known:
            for resolver in first_asked(self._net.settings) if self._manner.compared else ():
                self._beside.create_task(
                    both_families(host, self._net, resolver=resolver, label=label)
                )
            self._known[host] = await self._look_up(host, label)
        return self._known[host]

    async def _look_up(self, host: str, label: Label) -> tuple[str, ...]:
        """The first usable answers of both families; the windows stay open meanwhile."""
        v6, v4 = (self._first_answer(host, kind, label) for kind in ("AAAA", "A"))
        await asyncio.wait((v6, v4), return_when=asyncio.FIRST_COMPLETED)
        await asyncio.wait((v6, v4), timeout=_OTHER_FAMILY)
        found = [
            () if not answered.done() else answered.result().routable[:MOST_PER_FAMILY]
            for answered in (v6, v4)
        ]
        if not any(found) and not (v6.done() and v4.done()):
            await asyncio.wait((v6, v4))
            found = [answered.result().routable[:MOST_PER_FAMILY] for answered in (v6, v4)]
        return in_turns(*found)

    def _first_answer(self, host: str, kind: str, label: Label) -> "asyncio.Future[Lookup]":
        first: asyncio.Future[Lookup] = asyncio.get_running_loop().create_future()

        def heard(lookup: Lookup) -> None:
            if not first.done():
                first.set_result(lookup)

        async def ask() -> None:
            heard(await self._net.resolve(host, kind, label=label, heard=heard))

        self._beside.create_task(ask())
        return first
