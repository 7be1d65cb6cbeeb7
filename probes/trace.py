"""The trace probe: at which hop something happens to the target's name.

Names are said to the target's server in packets that end at the first router, the second, and so
on. An innocuous name comes first and tells how far the server is, and once more at the end.
"""

import asyncio
from collections.abc import Iterable, Iterator

from heliograph.config import NetworkConfig, Resolver
from heliograph.model import PAIR_NOBODY, Role, StepKind, Target, pair_at
from heliograph.plugin import (
    CannotMeasure,
    Contact,
    Cost,
    Label,
    Lookup,
    Need,
    Net,
    Risk,
    Sweep,
    SweepPlan,
)
from heliograph.valid import is_address
from probes.announcing import ALWAYS, given, query, unless

MOST_HOPS = 24
AT_ONCE = 8
BEYOND = 2
"""So many packets more that get to the server, so that one lost is no finding."""

ROUTERS_PORT = 33_434
"""Where traceroute sends its datagrams: nobody listens there."""

_ACTED = frozenset({"reset", "closed", "answered"})
_SWEEPS = 4
_SECONDS = 55.0
_NAMELESS = "no name is said to a bare address, and names are what is followed; write a name"
_ALONE = "no innocuous name is configured to compare with (network.control_names)"


class TraceProbe:
    """Follows the target's name, and an innocuous one, to the target's server."""

    name = "trace"
    version = 1
    risk = Risk.UNUSUAL
    needs: frozenset[Need] = frozenset()
    captures = False

    async def measure(self, target: Target, net: Net) -> None:
        """See heliograph.plugin.Probe."""
        reason = _obstacle(target, net.settings)
        if reason is not None:
            raise CannotMeasure(reason)
        async with asyncio.TaskGroup() as group:
            group.create_task(_queries(target, net))
            address = await _first_address(target.host, net, group)
            if address is not None:
                peer = (address, target.port)
                group.create_task(_routers(address, net))
                group.create_task(_Names(target, net, peer, capture=self.captures).go())

    def cost(self, target: Target, settings: NetworkConfig) -> Cost:
        """See heliograph.plugin.PlannedProbe."""
        connections = _SWEEPS * (MOST_HOPS + BEYOND)
        queries = 3 * MOST_HOPS + 6
        packets = 16 * connections + 6 * queries
        return Cost(
            connections=connections,
            queries=queries,
            packets=packets,
            bytes=packets * 700,
            seconds=_SECONDS,
        )

    def plan(
        self, target: Target, settings: NetworkConfig, resolver: Resolver
    ) -> Iterable[Contact]:
        """See heliograph.plugin.PlannedProbe."""
        return unless(_obstacle(target, settings), _plan(target, settings, resolver))


class RawTraceProbe(TraceProbe):
    """The same, and the packets that come back are captured: what an injector put into them."""

    name = "trace-raw"
    risk = Risk.PRIVILEGED
    needs = frozenset({Need.RAW_SOCKET})
    captures = True


def _obstacle(target: Target, settings: NetworkConfig) -> str | None:
    if is_address(target.host):
        return _NAMELESS
    return None if settings.controls_for(target.host) else _ALONE


async def _first_address(host: str, net: Net, group: asyncio.TaskGroup) -> str | None:
    """The address a browser here would try, as soon as it is known; IPv4 first."""
    for family in ("A", "AAAA"):
        first: asyncio.Future[Lookup] = asyncio.get_running_loop().create_future()
        asked = group.create_task(_resolved(host, family, net, first))
        lookup = await first
        if not lookup.routable:
            lookup = await asked  # what comes later in the window
        if lookup.routable:
            return lookup.routable[0]
    return None


async def _resolved(host: str, family: str, net: Net, first: "asyncio.Future[Lookup]") -> Lookup:
    def heard(lookup: Lookup) -> None:
        if not first.done():
            first.set_result(lookup)

    lookup = await net.resolve(host, family, heard=heard)
    heard(lookup)
    return lookup


async def _routers(address: str, net: Net) -> None:
    """Who is on the way, as far as that is anybody's business."""
    plan = SweepPlan(ttls=tuple(range(1, MOST_HOPS + 1)))
    await net.sweep(address, ROUTERS_PORT, plan)


async def _queries(target: Target, net: Net) -> None:
    """Both names asked of an address where no resolver lives: whoever answers is on the way."""
    places = net.settings.injection_probe_addresses
    if not places:
        return
    control = net.settings.controls_for(target.host)[0]
    said = ((control, Role.CONTROL_BEFORE), (target.host, Role.TEST))
    ttls = tuple(range(1, MOST_HOPS + 1))
    async with asyncio.TaskGroup() as group:
        for name, role in said:
            plan = SweepPlan(ttls=ttls, said="dns", name=name)
            label = Label(role=role, pair=PAIR_NOBODY)
            group.create_task(net.sweep(places[0], 53, plan, label=label))


class _Names:
    """Both names on their way to one address."""

    def __init__(self, target: Target, net: Net, peer: tuple[str, int], *, capture: bool) -> None:
        self._net, self._peer, self._capture = net, peer, capture
        self._said = "tls" if target.scheme == "https" else "http"
        self._host = target.host
        self._control = net.settings.controls_for(target.host)[0]

    async def go(self) -> None:
        """The control until it is answered, the target, the control, and the target if hit."""
        length = await self._length()
        if length is None:
            return
        ttls = tuple(range(1, length + BEYOND + 1))
        tests = await self._say(self._host, Role.TEST, ttls, length)
        short = [t for sweep in tests for t in sweep.trials if t.ttl < length and t.ended in _ACTED]
        await self._say(self._control, Role.CONTROL_AFTER, ttls, length)
        if short:
            await self._say(self._host, Role.TEST, ttls, length)

    async def _length(self) -> int | None:
        """The hop at which the server answers the control; None when it does not."""
        for first in range(1, MOST_HOPS + 1, AT_ONCE):
            ttls = tuple(range(first, min(first + AT_ONCE, MOST_HOPS + 1)))
            (sweep,) = await self._say(self._control, Role.CONTROL_BEFORE, ttls, None)
            answered = [trial.ttl for trial in sweep.trials if trial.ended == "answered"]
            if answered:
                return min(answered)
            if all(trial.ended == "unconnected" for trial in sweep.trials):
                return None
        return None

    async def _say(
        self, name: str, role: Role, ttls: tuple[int, ...], reach: int | None
    ) -> list[Sweep]:
        """A name with each time to live, so many at once as a browser opens."""
        label = Label(role=role, pair=pair_at(*self._peer))
        found = []
        for first in range(0, len(ttls), AT_ONCE):
            plan = SweepPlan(
                ttls=ttls[first : first + AT_ONCE],
                said=self._said,
                name=name,
                reach=reach,
                capture=self._capture,
            )
            found.append(await self._net.sweep(*self._peer, plan, label=label))
        return found


def _plan(target: Target, settings: NetworkConfig, resolver: Resolver) -> Iterator[Contact]:
    host, hop = target.host, (StepKind.HOP_PROBE,)
    control = settings.controls_for(host)[0]
    told = (
        f"says {control} and {host}, each on up to {MOST_HOPS + BEYOND} connections, twice, in"
        " packets most of which end on the way"
    )
    silent = f"sends {MOST_HOPS} datagrams without a word, most of which end on the way"
    yield query(resolver, (host,))
    yield given(target.port, (control, host), hop, told)
    yield given(ROUTERS_PORT, (host,), hop, silent)
    for place in settings.injection_probe_addresses[:1]:
        yield Contact(
            to=f"{place}, where no resolver lives",
            what=f"asks for {control} and {host}, {MOST_HOPS} times each, in packets most of which"
            " end on the way",
            when=ALWAYS,
            hosts=(control, host),
            ports=(53,),
            kinds=hop,
        )
