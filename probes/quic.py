"""The quic probe: what becomes of the target's name over QUIC, beside another name there.

Controls come first, and what may provoke a filter last: one that was hit may stop whatever
follows at that address for minutes.
"""

import asyncio
from collections.abc import Iterable, Iterator

from heliograph.config import NetworkConfig, Resolver
from heliograph.failure import Failure
from heliograph.model import (
    PAIR_STRANGER,
    PAIR_SWAP,
    Role,
    StepKind,
    Target,
    pair_at,
)
from heliograph.plugin import (
    CannotMeasure,
    Contact,
    Cost,
    Label,
    Need,
    Net,
    QuicHandshake,
    Request,
    Risk,
)
from heliograph.valid import is_address
from probes.announcing import ALWAYS, CONNECT, MAY, SECURE_PAGE, given, query, unless
from probes.answers import stranger_for
from probes.looks import default_addresses, secured

MOST_TRIED = 2
"""Addresses tried over TCP, the first that answers being looked at."""
MOST_CONTROLS = 2
MOST_AGAIN = 3
"""Times that control and target are said once more: of two silences a line with losses has many."""

_USUAL_PORT = 443
_HANDSHAKE_DATAGRAMS = 40
_OFFER_DATAGRAMS = 3
_SECONDS = 58.0
_REFUSAL = "QUIC carries no http:// target; write it as https://"
_NAMELESS = "no name is said to a bare address, and names are what is compared; write a name"


class QuicProbe:
    """Says the target's name and an innocuous one in QUIC handshakes with the same server."""

    name = "quic"
    version = 2
    risk = Risk.UNUSUAL
    needs: frozenset[Need] = frozenset()

    async def measure(self, target: Target, net: Net) -> None:
        """See heliograph.plugin.Probe."""
        reason = _obstacle(target)
        if reason is not None:
            raise CannotMeasure(reason)
        async with asyncio.TaskGroup() as group:
            group.create_task(net.resolve(target.host, "HTTPS"))
            found = group.create_task(default_addresses(target, net))
        addresses = found.result()
        if addresses:
            await _Look(target, net, await _nearest(target, net, addresses)).go()

    def cost(self, target: Target, settings: NetworkConfig) -> Cost:
        """See heliograph.plugin.PlannedProbe."""
        controls = len(settings.controls_for(target.host)[:MOST_CONTROLS])
        handshakes = 2 + (2 * MOST_AGAIN + 5 if controls else 0)
        offers = 1 + controls
        queries = 3 + controls
        datagrams = handshakes * _HANDSHAKE_DATAGRAMS + offers * _OFFER_DATAGRAMS
        streams = MOST_TRIED + 1
        packets = 2 * datagrams + 4 * queries + 20 * streams + 40
        return Cost(
            connections=handshakes + offers + streams + 1,
            queries=datagrams + 2 * queries,
            packets=packets,
            bytes=packets * 1300,
            seconds=_SECONDS,
        )

    def plan(
        self, target: Target, settings: NetworkConfig, resolver: Resolver
    ) -> Iterable[Contact]:
        """See heliograph.plugin.PlannedProbe."""
        return unless(_obstacle(target), _plan(target, settings, resolver))


def _obstacle(target: Target) -> str | None:
    if target.scheme != "https":
        return _REFUSAL
    return _NAMELESS if is_address(target.host) else None


async def _nearest(target: Target, net: Net, addresses: tuple[str, ...]) -> tuple[str, bool]:
    """The first address that takes a TCP connection, or the first; and whether it does."""

    async def open_at(address: str) -> bool:
        connection = await net.connect(address, target.port, host=target.host)
        await connection.close()
        return connection.failure is None

    tried = addresses[:MOST_TRIED]
    async with asyncio.TaskGroup() as group:
        ends = [group.create_task(open_at(address)) for address in tried]
    taken = [address for address, end in zip(tried, ends, strict=True) if end.result()]
    return (taken or list(tried))[0], bool(taken)


def _is_silenced(said: QuicHandshake) -> bool:
    return said.failure is Failure.GENERIC_TIMEOUT_ERROR and not said.passed


class _Look:
    """One target at one of its addresses."""

    def __init__(self, target: Target, net: Net, found: tuple[str, bool]) -> None:
        self._host, self._net = target.host, net
        address, self._connects = found
        self._peer = (address, target.port)
        self._pair = pair_at(*self._peer)
        self._controls = net.settings.controls_for(target.host)[:MOST_CONTROLS]
        self._target = target

    async def go(self) -> None:
        """Is QUIC spoken there; the control; the target; if that fails, what would settle it."""
        if not (await self._say(None, Role.CONTROL_BEFORE)).passed:
            await self._where_silent()
            return
        control = await self._control(Role.CONTROL_BEFORE)
        test = await self._test()
        if test.failure is None:
            return
        async with asyncio.TaskGroup() as group:
            group.create_task(self._elsewhere(test))
            if control:
                group.create_task(self._again(late=test.detail.cut))
        await self._ask_for_offer()

    async def _where_silent(self) -> None:
        """Nobody refused the version nobody has, which some servers do not bother to do."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._elsewhere(None))
            test = group.create_task(self._test())
        if test.result().failure is not None:
            await self._ask_for_offer()

    async def _test(self) -> QuicHandshake:
        return await self._say(self._host, Role.TEST, lasting=True)

    async def _say(self, name: str | None, role: Role, *, lasting: bool = False) -> QuicHandshake:
        label = Label(role=role, pair=self._pair)
        return await self._net.quic(*self._peer, name, lasting=lasting, label=label)

    async def _control(self, role: Role, *, late: bool = False) -> bool:
        """Whether an innocuous name passes at the target's address, and still does later."""
        if not self._controls:
            return False
        return (await self._say(self._controls[0], role, lasting=late)).passed

    async def _again(self, *, late: bool) -> None:
        """The control at once, then the target: what lingers stops both. Silence may be chance, and
        is asked about more often than a close."""
        for _ in range(MOST_AGAIN):
            if not await self._control(Role.CONTROL_AFTER, late=late):
                return
            if not _is_silenced(await self._test()):
                return

    async def _elsewhere(self, test: QuicHandshake | None) -> None:
        """Is QUIC spoken at an innocuous server; and, after a ``test``, the names said there."""
        for name in self._controls:
            label = Label(role=Role.CONTROL_BEFORE, pair=PAIR_SWAP)
            family = "AAAA" if ":" in self._peer[0] else "A"
            lookup = await self._net.resolve(name, family, label=label)
            for address in [a for a in lookup.routable if a != self._peer[0]][:1]:
                peer = (address, _USUAL_PORT)
                if not (await self._net.quic(*peer, label=label)).passed:
                    continue
                if test is not None:
                    await self._swap(name, peer, late=test.detail.cut)
                return

    async def _swap(self, name: str, peer: tuple[str, int], *, late: bool) -> None:
        """Its own name, one at home nowhere, the target's; each must pass before the next. After
        silence its own and the target's once more."""

        async def say(each: str, role: Role, pair: str = PAIR_SWAP) -> QuicHandshake:
            label = Label(role=role, pair=pair)
            return await self._net.quic(*peer, each, lasting=late, label=label)

        for each, pair in ((name, PAIR_SWAP), (stranger_for(self._host), PAIR_STRANGER)):
            if not (await say(each, Role.CONTROL_BEFORE, pair)).passed:
                return
        silenced = _is_silenced(await say(self._host, Role.TEST))
        if silenced and (await say(name, Role.CONTROL_AFTER)).passed:
            await say(self._host, Role.TEST)

    async def _ask_for_offer(self) -> None:
        """Ask over TCP for the page's headers: a site that speaks HTTP/3 says so there."""
        if not self._connects:
            return
        connection, shaken = await secured(self._net, self._peer, self._host)
        if shaken is not None and shaken.failure is None:
            await self._net.exchange(connection, Request(url=self._target.url, method="HEAD"))
        await connection.close()


def _plan(target: Target, settings: NetworkConfig, resolver: Resolver) -> Iterator[Contact]:
    host, port = target.host, target.port
    controls = settings.controls_for(host)[:MOST_CONTROLS]
    says = f" says {controls[0]} and {host}" if controls else f" says {host}"
    offers = (
        f"connects over TCP; over QUIC, offers a version nobody has,{says}, {MOST_AGAIN + 1} times"
        " at most, and asks for the headers of a page"
    )
    asks = "asks over TCP for the headers of its page"
    yield query(resolver, (host,), ALWAYS, f"asks for {host}, and how it is served")
    yield given(port, (host, *controls[:1]), (*CONNECT, StepKind.QUIC_HANDSHAKE), offers)
    yield given(port, (host,), SECURE_PAGE, asks, when=MAY)
    for name in controls:
        yield query(resolver, (name,), MAY)
        said = (name, host, stranger_for(host))
        yield Contact(
            to=f"the addresses of {name}, port 443",
            what=f"over QUIC, says {name}, {host} and a name at home nowhere ({said[2]})",
            when=MAY,
            hosts=said,
            ports=(443,),
            kinds=(StepKind.QUIC_HANDSHAKE,),
        )
