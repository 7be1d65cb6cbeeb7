"""What a runner works with, scripted: a network, a clock, and probes that do as they are told."""

import itertools
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from types import TracebackType

from heliograph.config import NetworkConfig, Resolver
from heliograph.failure import Failure
from heliograph.fake import FakeNet
from heliograph.limits import LimitsConfig
from heliograph.model import (
    Stack,
    Target,
    Vantage,
)
from heliograph.plugin import Cost, Need, Net, NetContext, Risk
from heliograph.trace import Trace
from heliograph.url import parse_target
from probes.net.ledger import Ledger
from scheduler.runner import Identity, Means, Runner

SITE = parse_target("site.example")
TRUSTED = "https://resolver.example/dns-query@192.0.2.1"
STACK = Stack(system="Linux 6.1", tls_library="OpenSSL 3", http_library="httpx 0")
IDENTITY = Identity(
    lambda: Vantage(country="XA", asn=64500),
    "heliograph 0",
    STACK,
    "consent-1",
    context=("ipv6_missing",),
)
Script = Callable[[FakeNet], None]


class OpenFake:
    """A FakeNet that records on the look's own trace."""

    def __init__(self, trace: Trace, script: Script) -> None:
        settings = NetworkConfig(
            trusted_resolvers=(Resolver.parse(TRUSTED),), control_names=("control.example",)
        )
        self._net = FakeNet(settings)
        self._net._trace = trace
        script(self._net)
        self.closed = False

    @property
    def kept_to(self) -> Cost | None:
        return self._net.kept_to

    async def __aenter__(self) -> Net:
        return self._net

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.closed = True


class Surroundings:
    """Means with a scripted network; every Net handed out is kept."""

    def __init__(self, script: Script = lambda _net: None) -> None:
        self._script = script
        self._ticks = itertools.count()
        self.opened: list[OpenFake] = []

    def open_net(self, trace: Trace) -> NetContext:
        self.opened.append(OpenFake(trace, self._script))
        return self.opened[-1]

    def runner(
        self,
        *,
        parallel: int = 4,
        seconds: float = 30,
        refuse: Callable[[Target], str | None] = lambda _target: None,
        available: frozenset[Need] = frozenset(),
        ledger: Ledger | None = None,
    ) -> Runner:
        means = Means(
            open_net=self.open_net,
            refuse=refuse,
            scrub=lambda text: text.replace("192.0.2.77", "[own]"),
            now=lambda: datetime(2026, 11, 23, 12, 0, 0, 999, tzinfo=UTC),
            clock=lambda: next(self._ticks) / 1000,
            available=available,
            ledger=ledger,
        )
        limits = LimitsConfig(parallel=parallel, seconds_per_target=seconds)
        return Runner(IDENTITY, limits, means)


class Doing:
    """A probe that does what it is told."""

    name = "doing"
    version = 2
    risk = Risk.ORDINARY
    needs: frozenset[Need] = frozenset()

    def __init__(self, what: Callable[[Net], Awaitable[None]]) -> None:
        self._what = what

    async def measure(self, target: Target, net: Net) -> None:
        await self._what(net)


def reachable(net: FakeNet) -> None:
    for resolver in (None, TRUSTED):
        net.answers("site.example", "203.0.113.10", resolver=resolver)
    net.presents("203.0.113.10", 443, "site.example")


def filtered(net: FakeNet) -> None:
    """A filter that resets whatever names the site, everywhere."""
    reachable(net)
    net.answers("control.example", "203.0.113.99")
    for address in ("203.0.113.10", "203.0.113.99"):
        net.presents(address, 443, "site.example", Failure.CONNECTION_RESET)
        net.presents(address, 443, "control.example")
