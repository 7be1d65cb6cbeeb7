"""What is staged: servers, names and what resolvers say of them, and what the censor does."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from email.utils import formatdate

from heliograph.lab import handshakes, responses
from heliograph.lab.answers import Answer, addresses, without_ipv6
from heliograph.lab.authority import Authority
from heliograph.lab.censor import AnyCondition
from heliograph.lab.handshakes import TlsStage
from heliograph.lab.origins import Site
from heliograph.lab.quic_site import QuicSite
from heliograph.lab.request import Request
from heliograph.lab.responses import HttpStage
from heliograph.lab.wire import Stream, Wire

VANTAGE = "198.18.1.2"
VANTAGE_V6 = "2001:2:0:1::2"
ISP_RESOLVER = "198.18.1.53"
BLOCK_PAGE = "198.18.1.80"
PUBLIC_RESOLVER = "198.18.8.8"
RESOLVER_NAME = "resolver.example"
NO_RESOLVER = "198.18.9.99"
CONTROL = "198.18.5.5"
CONTROL_V6 = "2001:2:0:5::5"
CONTROL_DEAD = "198.18.5.6"
"""An address of the control's host at which nothing listens."""
SINK_PORTS = (8000, 8255)
"""At the control's address: first and last port that answers anything."""
CONTROL_NAME = "elsewhere.example"
CONNECTIVITY = "connectivity.example"
INNOCUOUS = ("weather.example", "recipes.example", "chess.example")
ISP_NETWORK = ("198.18.1.", "2001:2:0:1:")
CONTROL_NETWORK = ("198.18.5.", "2001:2:0:5:")
"""What the addresses of a network begin with."""

NETWORKS = {
    "198.18.1.0/24": (64500, "XA", "Example ISP"),
    "2001:2:0:1::/64": (64500, "XA", "Example ISP"),
    "2001:2:0:100::/64": (64500, "XA", "Example ISP"),
    "198.18.3.0/24": (64500, "XA", "Example ISP"),
    "198.18.4.0/24": (64500, "XA", "Example ISP"),
    "198.18.6.0/23": (64508, "XA", "Example Transit"),
    "198.18.10.0/23": (64509, "XB", "Far Transit"),
    "2001:2:0:3::/64": (64500, "XA", "Example ISP"),
    "2001:2:0:4::/64": (64500, "XA", "Example ISP"),
    "2001:2:0:6::/63": (64508, "XA", "Example Transit"),
    "2001:2:0:a::/63": (64509, "XB", "Far Transit"),
    "198.18.5.0/24": (64501, "XB", "Elsewhere"),
    "2001:2:0:5::/64": (64501, "XB", "Elsewhere"),
    "198.18.8.0/23": (64502, "XB", "Public resolvers"),
    "198.18.16.0/20": (64503, "XB", "Hosting One"),
    "2001:2:0:16::/64": (64503, "XB", "Hosting One"),
    "198.18.32.0/20": (64504, "XC", "Hosting Two"),
    "198.18.48.0/20": (64505, "XC", "Delivery near"),
    "198.18.64.0/20": (64506, "XB", "Delivery far"),
    "198.18.80.0/20": (64507, "XD", "Innocuous"),
    "2001:2:0:80::/64": (64507, "XD", "Innocuous"),
}
_HOSTING, _HOSTING_V6 = "198.18.16", "2001:2:0:16::"
_INNOCUOUS, _INNOCUOUS_V6 = "198.18.80", "2001:2:0:80::"


@dataclass(frozen=True, slots=True)
class Server:
    """One address with the sites behind it, at these ports."""

    address: str
    sites: Mapping[str, Site]
    ports: tuple[int, ...]
    default: Site | None = None


@dataclass(slots=True)
class Scene:
    """Filled in by rows; with ``on`` false the same places are healthy and nobody interferes."""

    authority: Authority
    stranger: Authority
    on: bool
    delay: float = 0.01
    """Seconds, one way, between the vantage and everything else."""
    servers: list[Server] = field(default_factory=list)
    truth: dict[str, Answer] = field(default_factory=dict)
    lies: dict[str, Answer] = field(default_factory=dict)
    conditions: list[AnyCondition] = field(default_factory=list)
    control_conditions: list[AnyCondition] = field(default_factory=list)
    """What happens between the control and everything else."""
    everywhere: dict[str, Site] = field(default_factory=dict)
    """How the innocuous servers treat names that are not theirs, where they know them."""
    isp_default: Answer | None = None
    """What the provider's resolver says of names it does not know; None: that there are none."""
    isp_always: Answer | None = None
    """What it says of every name, if it does."""
    isp_without_ipv6: bool = False
    """It gives no IPv6 address of any name."""
    intercepted: bool = False
    """Whoever comes from the vantage's network is shown certificates of the stranger."""
    ipv6: bool = True
    """Whether the vantage has a route to the IPv6 internet."""
    routed: bool = False
    """The vantage is at the end of a chain of routers (heliograph.lab.chain)."""
    on_the_way: dict[int, list[AnyCondition]] = field(default_factory=dict)
    """What the censor on the link to such a router does, by hop."""
    mute_routers: bool = False
    """The routers say nothing of what they throw away."""
    quic: dict[str, QuicSite] = field(default_factory=dict)
    """Who speaks HTTP/3, by address."""
    ahead: timedelta = timedelta()
    """How far the clocks of all servers are ahead of this host's."""
    _used: int = 0

    def address(self, network: str = _HOSTING) -> str:
        """A new address in a network, by its first numbers."""
        self._used += 1
        block, _, third = network.rpartition(".")
        return f"{block}.{int(third) + self._used // 250}.{self._used % 250 + 1}"

    def healthy(self, name: str, http: HttpStage | None = None) -> Site:
        """A site with a valid certificate and a page of its own."""
        return Site(self.tls(name), http or self.dated(body_of(name)))

    def tls(self, name: str) -> TlsStage:
        """A handshake with a valid certificate, unless somebody on the way intercepts it."""
        usual = handshakes.serve(self.authority.context(name))
        if not self.intercepted:
            return usual
        return self.from_vantage(handshakes.serve(self.stranger.context(name)), usual)

    def dated(self, body: bytes = b"", status: int = 200) -> HttpStage:
        """This page, with the time it is at the server."""

        async def stage(stream: Stream, request: Request) -> None:
            now = formatdate(time.time() + self.ahead.total_seconds(), usegmt=True)
            await responses.page(body, status=status, headers=[("Date", now)])(stream, request)

        return stage

    def site(
        self,
        name: str,
        site: Site | None = None,
        *,
        ports: tuple[int, ...] = (80, 443),
        v6: bool = False,
    ) -> str:
        """A name with a server of its own; its address."""
        address = self.address()
        places = [address, f"{_HOSTING_V6}{self._used}"] if v6 else [address]
        for place in places:
            self.servers.append(Server(place, {name: site or self.healthy(name)}, ports))
        self.truth[name] = addresses(*places)
        return address

    def speak_quic(
        self, address: str, name: str, *, strict: bool = False, closes: int | None = None
    ) -> None:
        """An HTTP/3 server for a name at an address; see QuicSite."""
        chain, key = self.authority.files(name)
        self.quic[address] = QuicSite(name, chain, key, strict=strict, closes=closes)

    def site_v6(
        self, name: str, site: Site | None = None, *, ports: tuple[int, ...] = (80, 443)
    ) -> str:
        """A name with a server that has an IPv6 address only; its address."""
        self._used += 1
        address = f"{_HOSTING_V6}{self._used}"
        self.servers.append(Server(address, {name: site or self.healthy(name)}, ports))
        self.truth[name] = addresses(address)
        return address

    def serve(self, address: str, name: str, site: Site) -> None:
        """A server for a name at an address that no resolver need know."""
        self.servers.append(Server(address, {name: site}, (80, 443)))

    @property
    def unknown_name(self) -> TlsStage:
        """What an ordinary server does with a name that is not its own."""
        return handshakes.alert(112)

    def lie(self, name: str, answer: Answer) -> None:
        """What the provider's resolver says instead of the truth."""
        if self.on:
            self.lies[name] = answer

    def interfere(self, *conditions: AnyCondition) -> None:
        """What the censor on the path does."""
        if self.on:
            self.conditions += conditions

    def interfere_at(self, hop: int, *conditions: AnyCondition) -> None:
        """What a censor on the link to a router of the chain does."""
        self.routed = True
        if self.on:
            self.on_the_way.setdefault(hop, []).extend(conditions)

    def interfere_at_control(self, *conditions: AnyCondition) -> None:
        """What happens on the control's path."""
        if self.on:
            self.control_conditions += conditions

    def from_vantage(self, odd: TlsStage, usual: TlsStage) -> TlsStage:
        """A handshake that whoever comes from the vantage's network sees otherwise."""

        async def stage(wire: Wire, hello: bytes) -> Stream | None:
            theirs = self.on and wire.peer[0].startswith(ISP_NETWORK)
            return await (odd if theirs else usual)(wire, hello)

        return stage

    def shown_here(
        self, odd: HttpStage, usual: HttpStage, network: tuple[str, ...] = ISP_NETWORK
    ) -> HttpStage:
        """A page that whoever comes from a network sees otherwise."""

        async def stage(stream: Stream, request: Request) -> None:
            theirs = self.on and request.client.startswith(network)
            await (odd if theirs else usual)(stream, request)

        return stage

    def furnish(self) -> None:
        """What every scene has: innocuous sites, a connectivity check, a block page, a portal."""
        for number, name in enumerate(INNOCUOUS, start=1):
            places = f"{_INNOCUOUS}.{200 + number}", f"{_INNOCUOUS_V6}{200 + number}"
            sites = {**self.everywhere, name: self.healthy(name)}
            self.servers += [Server(place, sites, (80, 443)) for place in places]
            self.truth[name] = addresses(*places)
            if self.quic:
                self.speak_quic(places[0], name, strict=True)
        nothing = self.dated(status=204)
        self.servers.append(Server("198.18.9.204", {CONNECTIVITY: Site(http=nothing)}, (80,), None))
        self.truth[CONNECTIVITY] = addresses("198.18.9.204")
        self.truth[CONTROL_NAME] = addresses(CONTROL)
        self.servers.append(Server(BLOCK_PAGE, {}, (80,), Site(http=BLOCKED)))

    @property
    def told(self) -> dict[str, Answer]:
        """What the provider's resolver says."""
        known = {**self.truth, **self.lies}
        if self.isp_without_ipv6:
            return {name: without_ipv6(answer) for name, answer in known.items()}
        return known if self.isp_always is None else dict.fromkeys(known, self.isp_always)

    @property
    def places(self) -> list[str]:
        """All addresses of servers, resolvers included."""
        found = [server.address for server in self.servers]
        return [*dict.fromkeys([*found, ISP_RESOLVER, PUBLIC_RESOLVER])]


def body_of(name: str) -> bytes:
    """The page a site shows."""
    title = name.partition(".")[0]
    return (
        f"<!doctype html><title>Welcome to {title}</title><p>This is the page of {name}.".encode()
    )


BLOCKED = responses.page(
    b"<!doctype html><title>Notice</title><p>Access to this page was withdrawn by an order."
)
"""What the provider shows instead of what was asked for."""


def asn_table() -> str:
    """The networks as a table in the form that ``network.asn_table`` reads."""
    rows = [f"{cidr},{asn},{country},{name}" for cidr, (asn, country, name) in NETWORKS.items()]
    return "\n".join(["cidr,asn,country,name", *rows, ""])
