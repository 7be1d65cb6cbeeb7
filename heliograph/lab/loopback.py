"""A small censored internet on 127.0.0.0/8: every row of the demo, staged by real servers.

Addresses below 127.71.0.0/16 stand for hosts. What a censor on the path would do is done by every
server alike, keyed by the name said to it, so that it looks the same wherever the name is said.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from heliograph.lab import answers, handshakes, responses
from heliograph.lab.answers import Answer
from heliograph.lab.authority import Authority
from heliograph.lab.nameserver import Nameserver
from heliograph.lab.origins import Origin, Site

CONTROL = "control.example"
_CONTROL_ADDRESS = "127.71.0.2"
_BLOCK_PAGE_ADDRESS = "127.71.0.3"
_RESOLVER_ADDRESS = "127.71.0.53"
_TRUSTED_ADDRESS = "127.71.0.54"
_TRUSTED_NAME = "dns.example"
_BOGON = "10.10.34.36"
_PAGE = b"<!doctype html><title>A page</title><p>Whoever reads this was not stopped."


STAGED = frozenset(
    {
        "ok-https",
        "restricted-451",
        "down-nxdomain",
        "dns-nxdomain",
        "dns-bogon",
        "dns-injection",
        "tls-reset",
        "tls-drop",
        "tls-eof",
        "tls-mitm",
        "http-reset",
    }
)
"""Rows of the whole lab's catalogue that loopback can stage, under the same names."""


@dataclass(frozen=True, slots=True)
class Row:
    """One condition: the target to run, and the verdict it must get."""

    name: str
    meaning: str
    url: str
    state: str
    technique: str | None = None


@dataclass(frozen=True, slots=True)
class Street:
    """What is running: rows to try, the configuration to try them with, the servers' addresses."""

    rows: tuple[Row, ...]
    config: str
    addresses: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Staged:
    """How a row is made: the host's address, its site, and what each resolver says of it."""

    name: str
    meaning: str
    state: str
    technique: str | None
    site: Site | None
    lie: Callable[[Answer], Answer] | None = None
    """What the provider's resolver says instead of the truth it is given."""
    scheme: str = "https"
    exists: bool = True


@asynccontextmanager
async def street(folder: Path) -> AsyncIterator[Street]:
    """Start all servers; ``folder`` takes the authority's certificate. Stops them on leaving."""
    authority, stranger = Authority(), Authority()
    staged = _conditions(authority, stranger)
    names = {row: f"{row.name}.example" for row in staged}
    hosts = {row: f"127.71.1.{number}" for number, row in enumerate(staged, start=1)}
    path = {names[row]: row.site for row in staged if row.site is not None}
    (folder / "ca.pem").write_bytes(authority.bundle)
    async with AsyncExitStack() as stack:
        control_site = _serving(authority, CONTROL)
        control = Origin({**path, CONTROL: control_site}, address=_CONTROL_ADDRESS)
        await stack.enter_async_context(control)
        port = control.port
        for row, address in hosts.items():
            if row.site is not None:
                sites = {CONTROL: control_site, names[row]: row.site}
                origin = Origin(sites, address=address, port=port)
                await stack.enter_async_context(origin)
        block = Site(handshakes.serve(stranger.context("block.example")), responses.page(_PAGE))
        await stack.enter_async_context(Origin({}, block, address=_BLOCK_PAGE_ADDRESS, port=port))
        truth: dict[str, Answer] = {
            names[r]: answers.addresses(hosts[r]) for r in staged if r.exists
        }
        truth[CONTROL] = answers.addresses(_CONTROL_ADDRESS)
        lies = {names[r]: r.lie(answers.addresses(hosts[r])) for r in staged if r.lie is not None}
        config = await _resolvers(stack, authority, truth, {**truth, **lies})
        yield Street(
            rows=tuple(
                Row(r.name, r.meaning, f"{r.scheme}://{names[r]}:{port}/", r.state, r.technique)
                for r in staged
            ),
            config=config,
            addresses=frozenset({*hosts.values(), _CONTROL_ADDRESS, _BLOCK_PAGE_ADDRESS}),
        )


async def _resolvers(
    stack: AsyncExitStack,
    authority: Authority,
    truth: Mapping[str, Answer],
    told: Mapping[str, Answer],
) -> str:
    """Start the provider's resolver and an honest one over HTTPS; the configuration for both."""
    provider = await stack.enter_async_context(Nameserver(told, address=_RESOLVER_ADDRESS))
    honest = await stack.enter_async_context(Nameserver(truth, address=_TRUSTED_ADDRESS))
    doh = Site(handshakes.serve(authority.context(_TRUSTED_NAME)), honest.over_https)
    front = await stack.enter_async_context(Origin({_TRUSTED_NAME: doh}, address=_TRUSTED_ADDRESS))
    trusted = f"https://{_TRUSTED_NAME}:{front.port}/dns-query@{_TRUSTED_ADDRESS}"
    return f"""\
[vantage]
country = "XA"
asn = 64500
network_name = "Rehearsal"
[network]
resolver = "udp://{_RESOLVER_ADDRESS}:{provider.port}"
trusted_resolvers = ["{trusted}"]
ca_file = "ca.pem"
control_names = ["{CONTROL}"]
[limits]
per_address_connections = 32
per_address_rate = 200.0
"""


def _serving(authority: Authority, name: str, stage: responses.HttpStage | None = None) -> Site:
    """A healthy site; ``stage`` instead of its page."""
    return Site(handshakes.serve(authority.context(name)), stage or responses.page(_PAGE))


def _conditions(authority: Authority, stranger: Authority) -> tuple[_Staged, ...]:
    return (*_harmless(authority), *_names(stranger), *_lies(authority))


def _harmless(authority: Authority) -> tuple[_Staged, ...]:
    """Open, or broken in ways that are nobody's interference."""
    legal = responses.page(b"", status=451)
    lonely = Site(handshakes.serve(authority.self_signed()))
    return (
        _Staged(
            "ok-https",
            "served with a valid certificate",
            "ok",
            None,
            _serving(authority, "ok-https.example"),
        ),
        _Staged(
            "restricted-451",
            "the site answers 451",
            "restricted",
            None,
            _serving(authority, "restricted-451.example", legal),
        ),
        _Staged("closed-alone", "the port is closed", "inconclusive", None, None),
        _Staged("self-signed-alone", "a self-signed certificate", "inconclusive", None, lonely),
        _Staged("down-nxdomain", "a name nobody has", "down", None, None, _denial, exists=False),
    )


def _names(stranger: Authority) -> tuple[_Staged, ...]:
    """What a filter of names does on the path."""
    minted = Site(handshakes.serve(stranger.context("tls-mitm.example")))
    cut = Site(http=responses.reset())
    return (
        _Staged("tls-reset", "RST at the name", "blocked", "tls.reset", Site(handshakes.reset())),
        _Staged("tls-drop", "no answer", "blocked", "tls.timeout", Site(handshakes.silence())),
        _Staged("tls-eof", "closed at the name", "blocked", "tls.eof", Site(handshakes.finish())),
        _Staged("tls-mitm", "a forged certificate", "blocked", "tls.mitm", minted),
        _Staged(
            "http-reset", "RST at the Host header", "blocked", "http.reset", cut, scheme="http"
        ),
    )


def _lies(authority: Authority) -> tuple[_Staged, ...]:
    """What a lying resolver, or a forger in front of it, says of a healthy site."""

    def healthy(
        name: str, meaning: str, technique: str, lie: Callable[[Answer], Answer]
    ) -> _Staged:
        site = _serving(authority, f"{name}.example")
        return _Staged(name, meaning, "blocked", technique, site, lie)

    forged = answers.addresses(_BLOCK_PAGE_ADDRESS)
    return (
        healthy(
            "dns-injection",
            "two contradicting DNS answers",
            "dns.injection",
            lambda truth: answers.in_order(forged, truth),
        ),
        healthy("dns-nxdomain", "the resolver denies the name", "dns.nxdomain", _denial),
        healthy(
            "dns-bogon",
            "the resolver gives a private address",
            "dns.bogon",
            lambda _: answers.addresses(_BOGON),
        ),
        healthy(
            "dns-misled", "the resolver leads elsewhere", "dns.wrong_address", lambda _: forged
        ),
    )


def _denial(_: Answer) -> Answer:
    return answers.nxdomain()
