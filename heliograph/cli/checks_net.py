"""What ``doctor`` asks the network: resolvers, control servers and connectivity checks, no target.

All goes through the product's own door, so guard, budget and time limits are those of a run.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from heliograph.cli.checks import SECONDS, Found, fine, problem, routed, untested
from heliograph.cli.compose import guard_of, resolver_of
from heliograph.cli.exits import ExitCode, Stop
from heliograph.cli.place import now
from heliograph.config import Config, Resolver, is_address
from heliograph.control import ControlPlace, places
from heliograph.failure import Failure
from heliograph.model import Target
from heliograph.plugin import TEST, Connection, Reply, Request
from heliograph.scrub import Scrubber
from heliograph.text import for_terminal
from heliograph.trace import Trace
from heliograph.url import parse_target
from probes.net.datagrams import Timing
from probes.net.door import Door
from probes.net.pacing import Pacer
from probes.net.surroundings import Surroundings, Timeouts
from probes.net.trust import Trust

_TIMEOUTS = Timeouts(
    connect=4.0,
    handshake=4.0,
    stall=4.0,
    exchange=4.0,
    datagram=Timing(deadline=4.0, window=0.3, resend_after=1.5),
)
_MOST_SECONDS_OFF = 120
_SECONDS_TO_FIND = 2.0


class Trouble(Exception):
    """The check failed; the message says what was seen."""


@dataclass(frozen=True, slots=True)
class Check:
    """One look at a piece of infrastructure."""

    name: str
    to: str
    what: str
    look: Callable[[Door], Awaitable[Found]]
    mend: str
    code: ExitCode | None = None

    @property
    def destination(self) -> str:
        """What will be sent, and where to."""
        return f"{self.to}: {self.what}"


def checks(config: Config) -> tuple[list[Check], list[Found]]:
    """The checks this configuration has a use for, and those it has none for."""
    controls = [_control(place, config) for place in places(config)]
    urls = config.network.connectivity_checks
    lines = [_connectivity(parse_target(url), resolver_of(config)) for url in urls]
    idle = []
    if not controls:
        idle.append(untested("control", "none is set (control.urls); more stays inconclusive"))
    if not lines:
        idle.append(untested("connectivity", "none is set (network.connectivity_checks)"))
    asked, silent = _resolvers(config)
    return [*asked, *controls, *lines], [*silent, *idle]


async def make(chosen: Sequence[Check], around: Surroundings) -> list[Found]:
    """All checks at the same time, each within its limit, in the order given."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(_made(check, around)) for check in chosen]
    return [task.result() for task in tasks]


def clock(found: Sequence[Found]) -> Found:
    """This host's clock beside those of the servers that told theirs."""
    seen = [one.clock_ahead for one in found if one.clock_ahead is not None]
    if not seen:
        return untested("clock", "no connectivity check or control server told the time")
    least = min(seen, key=abs)  # one server may be wrong itself
    if abs(least) <= _MOST_SECONDS_OFF:
        return fine("clock", "agrees with the servers that told theirs")
    side = "ahead of" if least > 0 else "behind"
    return problem(
        "clock",
        f"{abs(least):.0f} s {side} every server that told the time",
        "set it (timedatectl set-ntp true): certificates and the times of results depend on it",
        ExitCode.CONFIGURATION,
    )


def surroundings(
    config: Config, trust: Trust, *, rehearsal: frozenset[str] = frozenset()
) -> Surroundings:
    """What the door needs; raises Stop when this system names no resolver."""
    limits = config.limits
    return Surroundings(
        config=config,
        resolver=resolver_of(config),
        guard=guard_of(config, rehearsal),
        trust=trust,
        pacer=Pacer(limits.per_address_connections, limits.per_address_rate, time.monotonic),
        scrubber=Scrubber(),
        network_of=lambda _: None,
        new_query_id=lambda: random.SystemRandom().randrange(65536),
        timeouts=_TIMEOUTS,
    )


async def _made(check: Check, around: Surroundings) -> Found:
    try:
        async with asyncio.timeout(SECONDS):
            async with Door(around, Trace(time.monotonic, around.scrubber.scrub)) as door:
                return await check.look(door)
    except TimeoutError:
        told = f"no answer within {SECONDS:g} s"
    except Trouble as error:
        told = for_terminal(str(error))
    return problem(check.name, told, check.mend, check.code)


def _resolvers(config: Config) -> tuple[list[Check], list[Found]]:
    network = config.network
    names = [name for name in network.control_names if not is_address(name)]
    trusted = {f"trusted resolver {one}": one for one in network.trusted_resolvers}
    if not names:
        why = "network.control_names holds no name to ask for"
        return [], [untested(name, why) for name in ("resolver", *trusted)]
    mend = "nothing, if this network blocks it; else take another into network.trusted_resolvers"
    own = _resolver(
        "resolver",
        resolver_of(config),
        names[0],
        "connect this host, or set network.resolver to one that answers",
        ExitCode.OFFLINE,
    )
    others = [
        _resolver(name, one, names[0], mend, before=_asking((resolver_of(config),), one))
        for name, one in trusted.items()
    ]
    return [own, *others], []


def _asking(resolvers: Sequence[Resolver], place: Resolver | ControlPlace) -> str:
    """What is sent before a place that is known by its name only can be met."""
    if place.address is not None:
        return ""
    return f"asks {', '.join(str(one) for one in resolvers)} for {place.host}, then "


def _resolver(
    name: str,
    resolver: Resolver,
    asked: str,
    mend: str,
    code: ExitCode | None = None,
    *,
    before: str = "",
) -> Check:
    async def look(door: Door) -> Found:
        _require_route(resolver.address)
        lookup = await door.resolve(asked, resolver=resolver)
        _require(lookup.failure, f"{resolver} gives no address of {asked}")
        return fine(name, f"{resolver} answers for {asked}")

    return Check(name, str(resolver), f"{before}asks for {asked}", look, mend, code)


def _control(place: ControlPlace, config: Config) -> Check:
    name = f"control {place.url}"
    secure = place.scheme == "https"
    finders = [*(r for r in config.network.trusted_resolvers if r.encrypted), resolver_of(config)]

    async def look(door: Door) -> Found:
        address = place.address or await _found(door, place.host, finders)
        _require_route(address)
        made = await door.open(address, place.port, host=place.host, label=TEST, chosen=True)
        await _secured(door, made, place.host, secure=secure)
        reply = await door.exchange(made, Request(url=place.url, method="HEAD"))
        told = f"{address} proves to be {place.host}" if secure else f"{address} listens, unproved"
        return fine(name, told, clock_ahead=_ahead(reply))

    where = place.address or f"the address of {place.host}"
    proof = f"checks the certificate for {place.host}" if secure else "does without a certificate"
    what = f"{_asking(finders, place)}connects, {proof} and asks for the time"
    mend = "ask whoever runs it, or take another into control.urls"
    return Check(name, f"{where} port {place.port}", what, look, mend)


def _connectivity(target: Target, resolver: Resolver) -> Check:
    name = f"connectivity {target.url}"
    by_name = not is_address(target.host)

    async def look(door: Door) -> Found:
        address = await _found(door, target.host, [resolver]) if by_name else target.host
        made = await door.connect(address, target.port, host=target.host)
        await _secured(door, made, target.host, secure=target.scheme == "https")
        reply = await door.exchange(made, Request(url=target.url))
        _require(reply.failure, f"{address} did not answer")
        if reply.status != 204 or reply.body:
            raise Trouble(f"answered {reply.status} instead of an empty 204")
        return fine(name, "answered an empty 204", clock_ahead=_ahead(reply))

    return Check(
        name,
        f"{'the address of ' if by_name else ''}{target.host} port {target.port}",
        f"{f'asks {resolver} for {target.host}, then ' if by_name else ''}asks for {target.url}",
        look,
        "open a browser: this network may want you to log in first",
        ExitCode.OFFLINE,
    )


async def _found(door: Door, host: str, resolvers: Sequence[Resolver]) -> str:
    """The host's address, from the first of these resolvers that gives one; all are asked."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(_asked(door, host, resolver)) for resolver in resolvers]
    address = next((found for task in tasks if (found := task.result()) is not None), None)
    if address is None:
        raise Trouble(f"no address of {host} is to be had")
    return address


async def _asked(door: Door, host: str, resolver: Resolver) -> str | None:
    try:
        async with asyncio.timeout(_SECONDS_TO_FIND):
            lookup = await door.resolve(host, resolver=resolver)
    except TimeoutError:
        return None
    return next(iter(lookup.routable), None)


async def _secured(door: Door, made: Connection, host: str, *, secure: bool) -> None:
    """Raise Trouble unless connected and, where it is to be, to whom it is to be."""
    _require(made.failure, f"no connection to {made.address} port {made.port}")
    if secure:
        shaken = await door.handshake(made, host)
        _require(shaken.failure, f"{made.address} does not prove to be {host}")


def _require(failure: Failure | None, what: str) -> None:
    if failure is not None:
        raise Trouble(f"{what} ({failure.replace('_', ' ')})")


def _require_route(address: str | None) -> None:
    if address is not None and not routed(address):
        raise Trouble(f"this host has no route to {address}")


def _ahead(reply: Reply) -> float | None:
    """How far our clock is ahead of the one behind this reply."""
    try:
        told = parsedate_to_datetime(reply.header("date") or "")
    except (ValueError, IndexError, OverflowError):
        return None
    if told.tzinfo is None:
        return None
    return (now() - told).total_seconds()


def resolver_or_stop(config: Config) -> Found | None:
    """A problem when this system names no resolver at all."""
    try:
        resolver_of(config)
    except Stop as stop:
        told, _, mend = str(stop).partition("; ")
        return problem("resolver", told, mend, stop.code)
    return None
