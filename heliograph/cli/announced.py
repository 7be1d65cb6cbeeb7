"""Everything a built-in probe may send for one target: to whom, under which name, what for.

Written beside ``probes.web``, ``probes.answers`` and ``analysis.questions``; a test compares it
with what looks at blocked sites really sent.
"""

from collections.abc import Iterator
from urllib.parse import urlsplit

from heliograph.cli.compose import resolver_of
from heliograph.config import Config, Resolver
from heliograph.control import places
from heliograph.model import StepKind, Target
from heliograph.plugin import Contact, PlannedProbe, Probe
from heliograph.valid import is_address
from probes.announcing import (
    ALWAYS,
    CONNECT,
    MAY,
    PAGE,
    PROVE,
    SECURE_PAGE,
    listed,
    nobody,
    query,
)
from probes.answers import MOST_CONTROLS, ROUNDS, WAITS, stranger_for
from probes.content import UNTOLD, ContentProbe
from probes.dns import DnsProbe
from probes.pace import PAIRS
from probes.tls import TlsProbe
from probes.web import WebProbe, first_asked

_TLS, _PLAIN, _DNS = 443, 80, 53
_TIMES = {1: "once more", 2: "twice more", 3: "three times more"}


def announced(config: Config, target: Target, probe: Probe) -> Iterator[Contact]:
    """Every place, what is always sent first."""
    if isinstance(probe, ContentProbe):
        if probe.expected(target) is None:
            yield nobody(UNTOLD)
            return
        yield from _Plan(config, target, probe).all()
    if isinstance(probe, PlannedProbe):
        yield from probe.plan(target, config.network, resolver_of(config))
        return
    if isinstance(probe, TlsProbe) and target.scheme != "https":
        yield nobody("an http:// target has no TLS; write it as https://")
        return
    if isinstance(probe, DnsProbe) and is_address(target.host):
        yield nobody("the target is an address: there is no name to look up")
        return
    yield from _Plan(config, target, probe).all()


class _Plan:
    """One target looked at by one probe."""

    def __init__(self, config: Config, target: Target, probe: Probe) -> None:
        self._config = config
        self._settings = config.network
        self._target = target
        self._host, self._port = target.host, target.port
        self._url = target.url
        self._secure = target.scheme == "https"
        self._tls_port = target.port if self._secure else _TLS
        self._named = not is_address(target.host)
        self._probe = probe
        self._browsing = isinstance(probe, WebProbe | ContentProbe)
        self._system = resolver_of(config)
        self._controls = config.network.controls_for(target.host)[:MOST_CONTROLS]

    def all(self) -> Iterator[Contact]:
        if self._named:
            yield from self._names()
        if not isinstance(self._probe, DnsProbe):
            yield self._first_look()
        if self._browsing:
            yield Contact(to="wherever its redirects lead", what=self._of_redirects(), when=MAY)
        yield from self._again()
        yield from self._other_names()
        yield from self._strangers()
        yield from self._asked(ALWAYS if self._browsing else MAY)
        yield from self._bootstraps()

    def _of_redirects(self) -> str:
        """Every host on the way is a target of its own, and named to others as this one is."""
        told = "the same again for each host, at most ten hops"
        names = tuple(name for name in self._settings.control_names if not is_address(name))
        return f"{told}; one that fails is named to servers of {listed(names)}" if names else told

    def _names(self) -> Iterator[Contact]:
        """Resolvers asked for the target's name, and addresses where there is none."""
        yield query(self._system, (self._host,), ALWAYS)
        yield query(
            self._system,
            (self._host,),
            MAY,
            f"asks for {self._host} {_TIMES[ROUNDS]}, and why, when its answer is in doubt",
        )
        asked: tuple[Resolver, ...] = ()
        if self._browsing:
            asked = first_asked(self._settings)
        elif isinstance(self._probe, DnsProbe):
            asked = self._settings.trusted_resolvers
        for trusted in self._settings.trusted_resolvers:
            yield query(trusted, (self._host,), ALWAYS if trusted in asked else MAY)
        for address in self._settings.injection_probe_addresses[:MOST_CONTROLS]:
            names = (self._host, *self._controls[:1])
            yield Contact(
                to=f"{address} port {_DNS}",
                what=f"asks for {listed(names)}, where nobody answers",
                when=MAY,
                hosts=(*names, address),
                ports=(_DNS,),
                kinds=(StepKind.DNS_QUERY, *CONNECT),
            )

    def _first_look(self) -> Contact:
        """What a browser would do, or its part that the probe looks at."""
        proves = isinstance(self._probe, TlsProbe)
        asks = "" if proves else "asks for the page"
        checks = "checks the certificate" if self._secure else ""
        what = f"connects for {self._host}"
        parts = [part for part in (what, checks, asks) if part]
        kinds = PROVE if proves else SECURE_PAGE if self._secure else PAGE
        return Contact(
            to=self._at("the addresses it gives", self._port),
            what=", ".join(parts),
            when=ALWAYS,
            hosts=(self._host,),
            ports=(self._port,),
            kinds=kinds,
        )

    def _again(self) -> Iterator[Contact]:
        """The target's name said once more, where the first look leaves something open."""
        host = self._host
        yield self._place(
            f"tries {host} {_TIMES[len(WAITS)]} at most when it fails at one of them",
            self._port,
            SECURE_PAGE if self._secure else PAGE,
        )
        checks = f"checks the certificate for {host}"
        if self._secure:
            yield self._place(checks, self._tls_port, PROVE, "other addresses that it is given")
            if self._named:
                yield self._timed()
        else:
            also = f"{checks}, and asks for the page over TLS"
            yield self._place(also, self._tls_port, SECURE_PAGE, "all addresses it is given")
        if self._named:
            plain = f"asks for its page in the clear, once at each{self._and_of_control()}"
            names = (host, *self._controls[:1])
            yield self._place(plain, _PLAIN, PAGE, "the addresses it is led to", names)

    def _timed(self) -> Contact:
        """The page, should it come slowly, under its own name and under another."""
        others = "".join(f"{name}, or " for name in self._controls[:1])
        return self._place(
            f"when its page comes slowly, asks for it {PAIRS} times under {self._host}, as often"
            f" under {others}no name",
            self._port,
            SECURE_PAGE,
            hosts=(self._host, *self._controls[:1]),
        )

    def _and_of_control(self) -> str:
        return "".join(f", and for one of {name}" for name in self._controls[:1])

    def _other_names(self) -> Iterator[Contact]:
        """Innocuous names asked for, and said to the target's own addresses."""
        for name in self._controls:
            yield query(self._system, (name,), MAY)
        for trusted in self._settings.trusted_resolvers if self._controls else ():
            yield query(trusted, self._controls, MAY)
        for name in self._controls[:1]:
            kinds = PROVE if self._secure else PAGE
            yield self._place(f"says {name} instead", self._port, kinds, hosts=(name,))
            if self._secure:
                both = (name, self._host)
                told = f"says {listed(both)} in two packets, where the name is stopped in one,"
                told += f" and {self._host} {_TIMES[2]} if that is let through"
                yield self._place(told, self._port, kinds, hosts=both)
        for name in self._checks():
            yield query(self._system, (name,), MAY)

    def _strangers(self) -> Iterator[Contact]:
        """Innocuous servers, told their own name, the target's, and one that nobody has."""
        usual = _TLS if self._secure else _PLAIN
        ports = tuple(sorted({self._port, usual}))
        for name in (*self._controls, *self._checks()):
            told = (name, self._host, stranger_for(self._host))
            what = f"says {listed((name, self._host))} and a name nobody has ({told[2]})"
            yield Contact(
                to=f"the addresses of {name}, port {listed(ports)}",
                what=what if self._secure else f"{what}, and asks for pages of them",
                when=MAY,
                hosts=told,
                ports=ports,
                kinds=PROVE if self._secure else PAGE,
            )
        for name in self._controls:
            ports = tuple(sorted({self._tls_port, _TLS}))
            yield Contact(
                to=f"the addresses of {name}, port {listed(ports)}",
                what="checks its certificate",
                when=MAY,
                hosts=(name,),
                ports=ports,
                kinds=PROVE,
            )

    def _asked(self, when: str) -> Iterator[Contact]:
        """Control servers, asked for the same look; each at most three times while it is busy."""
        pages: tuple[str, ...] = (self._url,)
        if isinstance(self._probe, ContentProbe):
            pages = (self._url, *(page.url for page in self._probe.beside(self._target)))
        for place in places(self._config):
            to = place.url if place.address is None else f"{place.url} at {place.address}"
            yield Contact(
                to=to,
                what=f"asks it to look at {listed(pages)} from there",
                when=when,
                hosts=(place.host,),
                ports=(place.port,),
                kinds=SECURE_PAGE if place.scheme == "https" else PAGE,
            )

    def _bootstraps(self) -> Iterator[Contact]:
        """Servers given by name only have to be found first."""
        resolvers = [each.host for each in self._settings.trusted_resolvers if not each.address]
        servers = [place.host for place in places(self._config) if place.address is None]
        for name in dict.fromkeys((*resolvers, *servers)):
            yield query(self._system, (name,), MAY)

    def _checks(self) -> tuple[str, ...]:
        """Hosts of connectivity checks, which serve as innocuous ones in the clear."""
        if self._secure:
            return ()
        urls = (urlsplit(url) for url in self._settings.connectivity_checks)
        names = (url.hostname for url in urls if url.scheme == "http" and url.hostname)
        known = {self._host, *self._controls}
        return tuple(dict.fromkeys(name for name in names if name not in known))

    def _place(
        self,
        what: str,
        port: int,
        kinds: tuple[StepKind, ...],
        where: str = "the addresses it gives",
        hosts: tuple[str, ...] = (),
    ) -> Contact:
        return Contact(
            to=self._at(where, port),
            what=what,
            when=MAY,
            hosts=hosts or (self._host,),
            ports=(port,),
            kinds=kinds,
        )

    def _at(self, where: str, port: int) -> str:
        return f"{where if self._named else self._host}, port {port}"
