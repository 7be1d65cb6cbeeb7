"""What ``doctor`` asks the network: resolvers, control servers and connectivity checks, no target.

All goes through the product's own door, so guard, budget and time limits are those of a run.
"""

import asyncio
import random
import time
from collections.abc import Sequence

from heliograph.cli.checks import SECONDS, Found, fine, problem, untested
from heliograph.cli.checks_control import control
from heliograph.cli.checks_ways import (
    Check,
    Trouble,
    ahead,
    asking,
    found,
    require,
    require_route,
    secured,
)
from heliograph.cli.compose import guard_of, resolver_of
from heliograph.cli.exits import ExitCode, Stop
from heliograph.config import Config, Resolver
from heliograph.control import places
from heliograph.model import Target
from heliograph.network import NoTable
from heliograph.plugin import Request
from heliograph.scrub import Scrubber
from heliograph.text import for_terminal
from heliograph.trace import Trace
from heliograph.url import parse_target
from heliograph.valid import is_address
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


def checks(config: Config) -> tuple[list[Check], list[Found]]:
    """The checks this configuration has a use for, and those it has none for."""
    controls = [control(place, config) for place in places(config)]
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
        networks=NoTable(),
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
        _resolver(name, one, names[0], mend, before=asking((resolver_of(config),), one))
        for name, one in trusted.items()
    ]
    return [own, *others], []


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
        require_route(resolver.address)
        lookup = await door.resolve(asked, resolver=resolver)
        require(lookup.failure, f"{resolver} gives no address of {asked}")
        who = "" if str(resolver) in name else f"{resolver} "
        return fine(name, f"{who}answers for {asked}")

    return Check(name, str(resolver), f"{before}asks for {asked}", look, mend, code)


def _connectivity(target: Target, resolver: Resolver) -> Check:
    name = f"connectivity {target.url}"
    by_name = not is_address(target.host)

    async def look(door: Door) -> Found:
        given = await found(door, target.host, [resolver]) if by_name else (target.host,)
        address = given[0]
        made = await door.connect(address, target.port, host=target.host)
        await secured(door, made, target.host, secure=target.scheme == "https")
        reply = await door.exchange(made, Request(url=target.url))
        require(reply.failure, f"{address} did not answer")
        if reply.status != 204 or reply.body:
            raise Trouble(f"answered {reply.status} instead of an empty 204")
        return fine(name, "answered an empty 204", clock_ahead=ahead(reply))

    return Check(
        name,
        f"{'the address of ' if by_name else ''}{target.host} port {target.port}",
        f"{f'asks {resolver} for {target.host}, then ' if by_name else ''}asks for {target.url}",
        look,
        "open a browser: this network may want you to log in first",
        ExitCode.OFFLINE,
    )


def resolver_or_stop(config: Config) -> Found | None:
    """A problem when this system names no resolver at all."""
    try:
        resolver_of(config)
    except Stop as stop:
        told, _, mend = str(stop).partition("; ")
        return problem("resolver", told, mend, stop.code)
    return None
