"""Puts the rooms together: from a configuration to a runner that can look at targets."""

import random
import time
from collections.abc import Callable
from dataclasses import replace

from analysis.around import Host
from heliograph.address import Guard, own_addresses, own_subnets
from heliograph.cli.exits import ExitCode, Stop
from heliograph.cli.place import now, software
from heliograph.config import Config, ConfigError, Resolver
from heliograph.control import places
from heliograph.model import Target
from heliograph.network import load
from heliograph.plugin import Need, NetContext
from heliograph.scrub import Scrubber
from heliograph.trace import Trace
from heliograph.valid import is_address
from probes.net.capture import may_capture
from probes.net.datagrams import Timing
from probes.net.door import Door
from probes.net.ledger import Ledger
from probes.net.links import tunnel
from probes.net.pacing import Pacer
from probes.net.sinks import Sinks
from probes.net.surroundings import Controls, Surroundings, Timeouts, warm_up
from probes.net.system import has_route, reaches, read_resolv_conf, stack, system_resolver
from probes.net.trust import Trust
from probes.net.whereabouts import Whereabouts
from scheduler.looks import Look
from scheduler.runner import Identity, Means, Runner
from scheduler.vigil import Lookout, Vigil

_IPV6_PLACE = "2606:4700:4700::1111"  # any public address does: the kernel is asked, nobody else
_SOON = Timeouts(
    connect=3.0,
    handshake=3.0,
    stall=3.0,
    exchange=3.0,
    datagram=Timing(deadline=3.0, window=0.3, resend_after=1.0),
)


def resolver_of(config: Config) -> Resolver:
    """The default path's resolver; raises Stop when there is none."""
    if config.network.resolver is not None:
        return config.network.resolver
    found = system_resolver(read_resolv_conf())
    if found is None:
        raise Stop(
            ExitCode.CONFIGURATION,
            "this system names no resolver in /etc/resolv.conf; set network.resolver",
        )
    return found


def assemble(
    config: Config,
    *,
    consent: str | None,
    rehearsal: frozenset[str] = frozenset(),
    timeouts: Timeouts | None = None,
    makes: Callable[[Look], bool] = lambda _: True,
) -> Runner:
    """A runner for this configuration.

    ``rehearsal`` are loopback addresses of servers the caller started itself (the demo's);
    ``makes`` says of a look whether its probe can make it at all.
    """
    around = surroundings_of(config, rehearsal=rehearsal, timeouts=timeouts)
    identity = Identity(
        vantage=lambda: around.whereabouts.vantage,
        software=software(),
        stack=stack(),
        consent=consent,
    )
    means = Means(
        open_net=opening(around),
        refuse=refusing(around.guard),
        scrub=around.scrubber.scrub,
        now=now,
        clock=time.monotonic,
        gap=_gaps(config.limits.jitter_seconds),
        ledger=around.ledger,
        makes=makes,
        available=frozenset({Need.RAW_SOCKET} if may_capture() else ()),
    )
    return Runner(identity, config.limits, means, None if rehearsal else vigil_of(around))


def vigil_of(around: Surroundings) -> Vigil:
    """What looks at the network around this host; its places are asked sooner to answer."""
    whereabouts = around.whereabouts

    def host() -> Host:
        return Host(
            country=whereabouts.vantage.country,
            seen_country=whereabouts.seen_country,
            tunnel=tunnel(),
            ipv6=reaches(_IPV6_PLACE),
        )

    return Vigil(
        Lookout(
            open_net=opening(replace(around, timeouts=_SOON)),
            settings=around.config.network,
            host=host,
            nowhere=_nowhere,
            correct=around.trust.correct,
            clock=time.monotonic,
        )
    )


def _nowhere() -> str:
    """A name that nobody has, another one each time: an answer can't be an old one."""
    letters = random.SystemRandom().choices("bcdfghjklmnpqrstvwxz", k=16)
    return f"www.{''.join(letters)}.com"


def _gaps(mean: float) -> Callable[[], float]:
    """Gaps without memory, as those of a person's visits: no rhythm gives the program away."""
    chance = random.SystemRandom()
    return lambda: chance.expovariate(1 / mean) if mean else 0.0


def surroundings_of(
    config: Config,
    *,
    rehearsal: frozenset[str] = frozenset(),
    timeouts: Timeouts | None = None,
) -> Surroundings:
    """What all looks under this configuration share; raises Stop and ConfigError."""
    resolver = resolver_of(config)
    scrubber = Scrubber()
    own = sorted(own_addresses())
    for address in own:
        scrubber.add(address)
    networks = load(config.network.asn_table, config.network.country_table)
    limits = config.limits
    whereabouts = Whereabouts(config.vantage, own, networks)
    around = Surroundings(
        config=config,
        resolver=resolver,
        guard=guard_of(config, rehearsal),
        trust=Trust(config.network.ca_file, now),
        pacer=Pacer(limits.per_address_connections, limits.per_address_rate, time.monotonic),
        scrubber=scrubber,
        networks=networks,
        new_query_id=lambda: random.SystemRandom().randrange(65536),
        timeouts=timeouts or Timeouts(),
        controls=controls_of(config),
        whereabouts=whereabouts,
        sinks=Sinks(config.network.sink_places, limits.cooldown_seconds, time.monotonic),
        ledger=Ledger(
            limits.cooldown_seconds,
            time.monotonic,
            here=lambda: whereabouts.vantage.asn,
            doh=frozenset(
                each.host
                for each in (resolver, *config.network.trusted_resolvers)
                if each.scheme == "https"
            ),
        ),
    )
    warm_up(around)
    return around


def opening(around: Surroundings) -> Callable[[Trace], NetContext]:
    """Opens the real Net for one look after another."""

    def open_net(trace: Trace) -> NetContext:
        return Door(around, trace)

    return open_net


def guard_of(config: Config, rehearsal: frozenset[str] = frozenset()) -> Guard:
    """The address guard of this host under this configuration."""
    return Guard(
        assume_public=config.network.assume_public,
        own_addresses=own_addresses(),
        own_subnets=own_subnets(),
        rehearsal=rehearsal,
    )


def refusing(guard: Guard) -> Callable[[Target], str | None]:
    """Says of a target that is an address why it must not be looked at, or None."""

    def refuse(target: Target) -> str | None:
        if not is_address(target.host):
            return None
        reason = guard.refusal(target.host, target.port)
        return None if reason is None else f"{target.host} is never measured: {reason}"

    return refuse


def require_route(config: Config) -> None:
    """Raise Stop with code 68 when no resolver can be reached from here; sends nothing."""
    asked = (resolver_of(config), *config.network.trusted_resolvers)
    places = [resolver.address for resolver in asked if resolver.address is not None]
    if places and not any(has_route(address) for address in places):
        raise Stop(
            ExitCode.OFFLINE,
            f"this host has no route to any resolver ({', '.join(dict.fromkeys(places))});"
            " connect it and run the same command again",
        )


def controls_of(config: Config) -> Controls:
    """The control servers a look may ask, with the token they want; raises ConfigError."""
    file = config.control.token_file
    try:
        token = None if file is None else file.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"control.token_file: {file}: can't be read: {error}") from error
    if token is not None and not (token and token.isprintable()):
        raise ConfigError(f"control.token_file: {file}: holds no token: write one line of ASCII")
    return Controls(places=places(config), token=token)
