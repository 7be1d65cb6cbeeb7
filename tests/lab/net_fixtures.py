"""A bench for Net: the real door with short times, its trace, and ways to stage one failure."""

import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from heliograph.address import Guard
from heliograph.config import Config, NetworkConfig, Resolver
from heliograph.lab import handshakes, responses
from heliograph.lab.answers import Answer
from heliograph.lab.authority import Authority
from heliograph.lab.handshakes import TlsStage
from heliograph.lab.nameserver import Nameserver
from heliograph.lab.origins import Origin, Site
from heliograph.lab.responses import HttpStage
from heliograph.limits import LimitsConfig
from heliograph.model import Step, StepKind
from heliograph.network import NoTable
from heliograph.plugin import Connection, Handshake, Lookup, Reply, Request
from heliograph.scrub import Scrubber
from heliograph.trace import Trace
from probes.net.datagrams import Timing
from probes.net.door import Door
from probes.net.pacing import Pacer
from probes.net.spending import Budget
from probes.net.surroundings import Controls, Surroundings, Timeouts
from probes.net.trust import Trust

NAME = "site.example"
HERE = "127.0.0.1"
QUICK = Timeouts(0.5, 0.5, 0.5, 1.5, Timing(deadline=0.5, window=0.15, resend_after=0.2))
UNPACED = LimitsConfig(per_address_connections=32, per_address_rate=1000.0)
NOBODY = Resolver.parse(f"udp://{HERE}:9")


@dataclass(frozen=True)
class Bench:
    """An authority of the lab, and what a look needs to trust it."""

    authority: Authority
    ca_file: Path

    @cached_property
    def trust(self) -> Trust:
        """Loaded once: reading the bundled roots takes a while."""
        return Trust(self.ca_file, lambda: datetime.now(UTC))

    def around(
        self,
        resolver: Resolver = NOBODY,
        *,
        trusted: tuple[Resolver, ...] = (),
        admitted: tuple[str, ...] = (HERE,),
        limits: LimitsConfig = UNPACED,
        timeouts: Timeouts = QUICK,
        controls: Controls | None = None,
    ) -> Surroundings:
        """The surroundings of a run; ``admitted`` are the loopback addresses that may be met."""
        network = NetworkConfig(resolver=resolver, trusted_resolvers=trusted, control_names=())
        return Surroundings(
            config=Config(network=network, limits=limits),
            resolver=resolver,
            guard=Guard(rehearsal=frozenset(admitted)),
            trust=self.trust,
            pacer=Pacer(limits.per_address_connections, limits.per_address_rate, time.monotonic),
            scrubber=Scrubber(),
            networks=NoTable(),
            new_query_id=lambda: random.SystemRandom().randrange(65536),
            timeouts=timeouts,
            controls=controls or Controls(),
        )

    def site(self, http: HttpStage | None = None, name: str = NAME) -> Site:
        """A site with a valid certificate."""
        shake = handshakes.serve(self.authority.context(name))
        return Site(shake, http or responses.page(b"<title>A page</title>"))


@dataclass(frozen=True)
class Look:
    """One look through the real door."""

    door: Door
    trace: Trace

    @property
    def steps(self) -> tuple[Step, ...]:
        """All steps so far."""
        return self.trace.steps()

    def of(self, kind: StepKind) -> Step:
        """The one step of this kind."""
        (found,) = [step for step in self.steps if step.kind is kind]
        return found

    async def fetch(self, origin: Origin, request: Request, name: str = NAME) -> Reply:
        """Connect and ask, without TLS."""
        connection = await self.door.connect(origin.address, origin.port, host=name)
        return await self.door.exchange(connection, request)

    async def shake(self, origin: Origin, name: str = NAME) -> tuple[Connection, Handshake]:
        """Connect and shake hands."""
        connection = await self.door.connect(origin.address, origin.port, host=name)
        return connection, await self.door.handshake(connection, name)


@asynccontextmanager
async def look(around: Surroundings, budget: Budget | None = None) -> AsyncIterator[Look]:
    """A look that closes all it opened on leaving."""
    trace = Trace(time.monotonic, around.scrubber.scrub)
    async with Door(around, trace, budget) as door:
        yield Look(door, trace)


# One step of a kind, staged by real servers: what the table of failure words is made of.

Stage = Callable[[Bench], Awaitable[Step]]


def connecting(address: str, port: int) -> Stage:
    """A connection to a place."""

    async def staged(bench: Bench) -> Step:
        async with look(bench.around(admitted=(address,))) as made:
            await made.door.connect(address, port)
        return made.of(StepKind.TCP_CONNECT)

    return staged


def sending(address: str, port: int, payload: bytes = b"x") -> Stage:
    """A datagram to a place."""

    async def staged(bench: Bench) -> Step:
        async with look(bench.around(admitted=(address,))) as made:
            await made.door.datagram(address, port, payload)
        return made.of(StepKind.DATAGRAM)

    return staged


def shaking(stage: Callable[[Authority], TlsStage], name: str = NAME) -> Stage:
    """A handshake, with what the server does with the ClientHello."""

    async def staged(bench: Bench) -> Step:
        site = Site(stage(bench.authority))
        async with Origin({}, site) as origin, look(bench.around()) as made:
            await made.shake(origin, name)
        return made.of(StepKind.TLS_HANDSHAKE)

    return staged


def fetching(stage: HttpStage, *, tls: bool = False) -> Stage:
    """An exchange, with what the server does with the request."""

    async def staged(bench: Bench) -> Step:
        async with Origin({NAME: bench.site(stage)}) as origin, look(bench.around()) as made:
            if tls:
                connection, _ = await made.shake(origin)
                await made.door.exchange(connection, Request(url=f"https://{NAME}/"))
            else:
                await made.fetch(origin, Request(url=f"http://{NAME}/"))
        return made.of(StepKind.HTTP_EXCHANGE)

    return staged


def asking(answer: Answer, scheme: str = "udp") -> Stage:
    """A question to a name server over one transport."""

    async def staged(bench: Bench) -> Step:
        async with resolver_with(bench, answer, scheme) as resolver:
            _, made = await asked(bench, resolver)
        return made.of(StepKind.DNS_QUERY)

    return staged


async def asked(bench: Bench, resolver: Resolver) -> tuple[Lookup, Look]:
    """What a resolver says of NAME's A record, and the look it took."""
    async with look(bench.around(resolver)) as made:
        lookup = await made.door.resolve(NAME)
    return lookup, made


@dataclass(frozen=True)
class Served:
    """A resolver that runs, and how many connections it has taken over its stream."""

    resolver: Resolver
    connections: Callable[[], int]


@asynccontextmanager
async def resolver_with(bench: Bench, answer: Answer, scheme: str) -> AsyncIterator[Resolver]:
    """A running resolver that says this of NAME, reached by udp, tcp, tls or https."""
    async with serving(bench, {NAME: answer}, scheme) as served:
        yield served.resolver


@asynccontextmanager
async def serving(bench: Bench, zone: dict[str, Answer], scheme: str) -> AsyncIterator[Served]:
    """A running resolver for a zone, reached by udp, tcp, tls or https."""
    context = bench.authority.context("dns.example")
    async with Nameserver(zone, tls=context) as server:

        def connections() -> int:
            return sum(not seen.name and seen.transport == scheme for seen in server.seen)

        if scheme in {"udp", "tcp"}:
            yield Served(Resolver.parse(f"{scheme}://{HERE}:{server.port}"), connections)
        elif scheme == "tls":
            resolver = Resolver.parse(f"tls://dns.example:{server.tls_port}@{HERE}")
            yield Served(resolver, connections)
        else:
            site = Site(handshakes.serve(context), server.over_https)
            async with over_https(site) as served:
                yield served


@asynccontextmanager
async def over_https(site: Site) -> AsyncIterator[Served]:
    """A running resolver that answers HTTPS as this site does."""
    async with Origin({"dns.example": site}) as front:
        resolver = Resolver.parse(f"https://dns.example:{front.port}/dns-query@{HERE}")
        yield Served(resolver, lambda: front.count("connection"))
