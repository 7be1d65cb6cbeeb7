"""What all looks of a run share: configuration, guard, trust, politeness and time limits."""

import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module

import msgspec

from heliograph.address import Guard
from heliograph.config import Config, Resolver, VantageConfig
from heliograph.control import ControlPlace
from heliograph.network import NoTable, Table
from heliograph.scrub import Scrubber
from probes.net.credit import Credit
from probes.net.datagrams import QuicTiming, Timing
from probes.net.hops import SweepTiming
from probes.net.ledger import Ledger
from probes.net.pacing import Pacer
from probes.net.sinks import Sinks
from probes.net.trust import Trust, contexts
from probes.net.whereabouts import Whereabouts

_LOADED_LATE = (
    "dns.message",
    "httpx",
    "OpenSSL.crypto",
    "service_identity.cryptography",
    "probes.net.asking",
    "probes.net.resolving",
)


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds for each kind of step."""

    connect: float = 10.0
    handshake: float = 10.0
    stall: float = 10.0
    exchange: float = 20.0
    datagram: Timing = field(default_factory=Timing)
    quic: QuicTiming = field(default_factory=QuicTiming)
    sweep: SweepTiming = field(default_factory=SweepTiming)


@dataclass(frozen=True, slots=True)
class Controls:
    """The control servers of a run, and what its looks know of them together.

    ``known`` keeps the addresses looked up for their names, the one that answered first.
    """

    places: tuple[ControlPlace, ...] = ()
    token: str | None = field(default=None, repr=False)
    known: dict[str, tuple[str, ...]] = field(default_factory=dict)
    credit: Credit = field(default_factory=lambda: Credit(time.monotonic))


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What all looks of a run share; made once by the composition root."""

    config: Config
    resolver: Resolver
    guard: Guard
    trust: Trust
    pacer: Pacer
    scrubber: Scrubber
    networks: Table
    new_query_id: Callable[[], int]
    timeouts: Timeouts = field(default_factory=Timeouts)
    controls: Controls = field(default_factory=Controls)
    whereabouts: Whereabouts = field(
        default_factory=lambda: Whereabouts(VantageConfig(), (), NoTable())
    )
    sinks: Sinks = field(default_factory=lambda: Sinks((), 0.0, time.monotonic))
    ledger: Ledger = field(default_factory=lambda: Ledger(200, time.monotonic))
    context_for: Callable[[tuple[str, ...]], ssl.SSLContext] = field(default_factory=contexts)

    @property
    def exempt(self) -> frozenset[Resolver]:
        """Resolvers the operator set, over TCP too: the guard and the pacer let them pass."""
        chosen = (self.resolver, *self.config.network.trusted_resolvers)
        over_tcp = (msgspec.structs.replace(r, scheme="tcp") for r in chosen if r.scheme == "udp")
        return frozenset((*chosen, *over_tcp))


def warm_up(around: Surroundings) -> None:
    """Load what the first look would load: a busy start would read as a slow network."""
    for module in _LOADED_LATE:
        import_module(module)
    for alpn in (("http/1.1",), ("dot",)):
        around.context_for(alpn)
