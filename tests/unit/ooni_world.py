"""A small internet that a probe of OONI's looks at, and its test helper from elsewhere.

What is true of names and servers stands once; what is told or done to the probe alone, and to the
helper alone, stands beside it. The writers of the formats walk through it as the programs did.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit

from heliograph.valid import is_address

Answer = tuple[str, ...] | str
"""Addresses, or how a look-up failed."""
Spot = tuple[str, ...]
"""What may go wrong: ``("tcp", address, port)``, ``("tls", address, name)``, ``("http", URL)``."""

REDIRECTS = frozenset({301, 302, 307, 308})
_MOST_HOPS = 10
HERE, THERE = "here", "there"
SITE, SITE2, EDGE, PROXY, STRANGER = (
    "5.22.1.10",
    "5.22.1.11",
    "5.23.9.20",
    "9.40.4.4",
    "9.41.5.5",
)
BOGON = "10.77.3.4"
SITE6 = "2a0c:5a00::10"
HOST = "harbour.example"
HTTP, HTTPS = f"http://{HOST}/", f"https://{HOST}/"
RESET, EOF, TIMEOUT, REFUSED = (
    "connection_reset",
    "eof_error",
    "generic_timeout_error",
    "connection_refused",
)


@dataclass(frozen=True)
class Page:
    """A response; ``failure`` is how its body ended."""

    body: str | dict[str, str] = ""
    status: int = 200
    headers: tuple[tuple[str, str], ...] = (("Content-Type", "text/html"),)
    failure: str | None = None
    truncated: bool = False

    @property
    def location(self) -> str | None:
        return next((value for name, value in self.headers if name == "Location"), None)

    @property
    def leads_on(self) -> bool:
        return self.status in REDIRECTS and self.location is not None


def moved(to: str, status: int = 302) -> Page:
    """A redirect."""
    return Page(status=status, headers=(("Content-Length", "0"), ("Location", to)))


def page(title: str, text: str = "word", times: int = 200, **more: Any) -> Page:
    """An ordinary page, about five bytes per ``times`` long."""
    body = f"<html><head><title>{title}</title></head><body><p>{text} {'text ' * times}</p></body>"
    return Page(body=body, **more)


HOME = page("Harbour news of the northern coast", times=900)
NOTICE = page("Access prohibited", "This resource is not available here.", times=1)


@dataclass(frozen=True)
class World:
    """Names, servers and pages, and what is done to whom."""

    names: Mapping[str, Answer] = field(default_factory=dict)
    pages: Mapping[str, Page | str] = field(default_factory=dict)
    asns: Mapping[str, int] = field(default_factory=dict)
    servers: Mapping[str, Page | str | None] = field(default_factory=dict)
    """Servers that host none of the names, with the page they show for every one."""
    proxies: frozenset[str] = frozenset()
    """Addresses that pass everything on to the true server."""
    spoofed: Mapping[str, Answer] = field(default_factory=dict)
    """What resolvers in the clear say here: the system's, and public ones over UDP."""
    system: Mapping[str, Answer] = field(default_factory=dict)
    """What the system's resolver alone says."""
    doh: Mapping[str, Answer] = field(default_factory=dict)
    helper_dns: Mapping[str, Answer] = field(default_factory=dict)
    here: Mapping[Spot, str | Page] = field(default_factory=dict)
    there: Mapping[Spot, str | Page] = field(default_factory=dict)
    everywhere: Mapping[Spot, str | Page] = field(default_factory=dict)
    intercepted: bool = False
    """Whoever is asked in the clear, the system's resolver answers."""
    deaf: bool = False
    """The system's resolver answers for no name."""
    helper_failure: str | None = None
    """How the request to the helper failed."""

    def answer(self, asked: str, name: str) -> Answer:
        """What a resolver says: ``system``, ``udp``, ``doh`` or the ``helper``'s."""
        lies: dict[str, tuple[Mapping[str, Answer], ...]] = {
            "system": (self.system, self.spoofed),
            "udp": (self.spoofed,),
            "doh": (self.doh,),
            "helper": (self.helper_dns,),
        }
        if is_address(name):
            return (name,)
        for told in lies[asked]:
            if name in told:
                return told[name]
        return self.names.get(name, "dns_nxdomain_error")

    def asn(self, address: str) -> int:
        return self.asns.get(address, 64600 if address[:4] in {"5.22", "2a0c"} else 64700)

    def done(self, side: str, *spot: str | int) -> str | Page | None:
        """What is done to whoever comes there."""
        key = tuple(map(str, spot))
        found = (self.here if side == HERE else self.there).get(key)
        return self.everywhere.get(key) if found is None else found

    def connects(self, side: str, address: str, port: int) -> str | None:
        """How a connection fails."""
        done = self.done(side, "tcp", address, port)
        if isinstance(done, str):
            return done or None
        true = {a for told in self.names.values() if not isinstance(told, str) for a in told}
        lives = address in true or address in self.servers or address in self.proxies
        return None if lives else "generic_timeout_error"

    def proves(self, side: str, address: str, name: str) -> str | None:
        """How a handshake fails."""
        done = self.done(side, "tls", address, name)
        if isinstance(done, str):
            return done or None
        told = self.names.get(name, "")
        own = not isinstance(told, str) and (address in told or address in self.proxies)
        return None if own else "ssl_invalid_hostname"

    def shows(self, side: str, address: str, url: str) -> Page | str:
        """The page, or how the request for it fails."""
        done = self.done(side, "http", url) or self.servers.get(address)
        return self.pages.get(url, Page(status=404)) if done is None else done

    def helper_goes(self, url: str) -> Iterator[Page | str]:
        """The pages the helper comes by on its way, its failure last if it fails."""
        for _ in range(_MOST_HOPS + 1):
            told = self.answer("helper", host_of(url))
            if isinstance(told, str) or not told:
                yield "dns_lookup_error"
                return
            tried = [self.visit(THERE, address, url) for address in told]
            shown = next((one for one in tried if isinstance(one, Page)), tried[0])
            yield shown
            if isinstance(shown, str) or not shown.leads_on:
                return
            url = urljoin(url, shown.location or "")
        yield "unknown_error"

    def visit(self, side: str, address: str, url: str) -> Page | str:
        """The page at an address, or the first failure on the way to it."""
        failure = self.connects(side, address, port_of(url))
        if failure is None and url.startswith("https:"):
            failure = self.proves(side, address, host_of(url))
        return failure or self.shows(side, address, url)


def at(kind: str, word: str | Page, *addresses: str) -> dict[Spot, str | Page]:
    """The same done to connections, handshakes or requests of both schemes at the addresses."""
    where = addresses or (SITE,)
    if kind == "http":
        return {("http", url): word for url in (HTTP, HTTPS)}
    if kind == "tls":
        return {("tls", address, HOST): word for address in where}
    return {("tcp", address, port): word for address in where for port in ("80", "443")}


def host_of(url: str) -> str:
    return urlsplit(url).hostname or ""


def port_of(url: str) -> int:
    return urlsplit(url).port or (443 if url.startswith("https:") else 80)


def site(shown: Page | str = HOME, *addresses: str, host: str = HOST, **more: Any) -> World:
    """One site, over both schemes."""
    return World(
        names={host: addresses or (SITE,)},
        pages={f"http://{host}/": shown, f"https://{host}/": shown},
        **more,
    )
