"""Rows whose condition holds for everything: the network around the vantage, and its clock."""

from collections.abc import Callable
from datetime import timedelta

from heliograph.lab import answers, responses
from heliograph.lab.censor import DropAddress
from heliograph.lab.origins import Site
from heliograph.lab.row import (
    BROKEN,
    INTERCEPTED,
    PORTAL,
    REWRITTEN,
    SHUTDOWN,
    SILENT,
    SKEWED,
    WITHOUT_IPV6,
    Row,
    Staged,
)
from heliograph.lab.scene import BLOCK_PAGE, ISP_RESOLVER, NETWORKS, Scene, Server
from heliograph.lab.witness import Check

_ABROAD = tuple(cidr for cidr, (_, country, _) in NETWORKS.items() if country != "XA")
_NEAR, _ADS = "198.18.1.90", "198.18.1.81"
_TWO_YEARS = timedelta(days=730)


def _portal(scene: Scene) -> Staged:
    """Every name is led to the portal, and nothing else takes a packet."""
    name = "walled.example"
    address = scene.site(name)
    scene.interfere(DropAddress(addresses=_ABROAD))
    if scene.on:
        scene.isp_always = answers.addresses(BLOCK_PAGE)
    return (
        (Check(kind="dns", name=name, address=ISP_RESOLVER, port=53), BLOCK_PAGE),
        (Check(kind="tcp", name=name, address=address, port=443), "timeout"),
    )


def _shutdown(scene: Scene) -> Staged:
    """Nothing abroad takes a packet; the provider's resolver still knows all names."""
    far, near = "abroad.example", "near.example"
    address = scene.site(far)
    scene.serve(_NEAR, near, scene.healthy(near))
    scene.truth[near] = answers.addresses(_NEAR)
    scene.interfere(DropAddress(addresses=_ABROAD))
    return ((Check(kind="tcp", name=far, address=address, port=443), "timeout"),)


def _silent(scene: Scene) -> Staged:
    """There is a route, and whatever is sent over it vanishes."""
    name = "unheard.example"
    address = scene.site(name)
    scene.interfere(DropAddress(addresses=("198.18.0.0/15", "2001:2::/48")))
    return ((Check(kind="tcp", name=name, address=address, port=443), "timeout"),)


def _intercepted(scene: Scene) -> Staged:
    """Whoever looks from the vantage is shown certificates of one unknown authority."""
    name = "opened.example"
    scene.intercepted = scene.on
    address = scene.site(name)
    return ((Check(kind="https", name=name, address=address, port=443), "untrusted"),)


def _broken(scene: Scene) -> Staged:
    name = "unresolved.example"
    scene.site(name)
    if scene.on:
        scene.isp_always = answers.servfail()
    return ((Check(kind="dns", name=name, address=ISP_RESOLVER, port=53), "SERVFAIL"),)


def _rewritten(name: str, asked: str, *, lives: bool) -> Callable[[Scene], Staged]:
    """The provider's resolver leads names that do not exist to its advertisements."""

    def stage(scene: Scene) -> Staged:
        scene.site(name)
        if scene.on:
            scene.isp_default = answers.addresses(_ADS)
            if not lives:
                del scene.truth[name]
        if all(server.address != _ADS for server in scene.servers):
            ads = Site(http=responses.page(b"<title>Did you mean</title><p>Buy something."))
            scene.servers.append(Server(_ADS, {}, (80,), ads))
        return ((Check(kind="dns", name=asked, address=ISP_RESOLVER, port=53), _ADS),)

    return stage


def _without_ipv6(scene: Scene) -> Staged:
    name = "both.example"
    scene.site(name, v6=True)
    scene.ipv6 = not scene.on
    address = scene.servers[-1].address
    return ((Check(kind="tcp", name=name, address=address, port=443), "unreachable"),)


def _skewed(scene: Scene) -> Staged:
    """The vantage's clock is two years late: here it is the whole lab that is two years on.

    Staged by certificates and Date headers around that time, for the host's own clock can't be
    turned without rights.
    """
    name = "later.example"
    if scene.on:
        scene.ahead = _TWO_YEARS
        scene.authority = scene.authority.at(_TWO_YEARS)
    address = scene.site(name)
    return ((Check(kind="https", name=name, address=address, port=443), "untrusted"),)


AROUND = (
    Row("offline-silent", "a route, and nobody answers: no verdict, exit code 68",
        ("https://unheard.example/",), "none", None, _silent, SILENT),
    Row("captive-portal", "every name is led to a portal, which answers HTTP",
        ("https://walled.example/", "http://walled.example/"), "inconclusive", None, _portal,
        PORTAL),
    Row("shutdown", "nothing abroad takes a packet, what is in the country does",
        ("https://abroad.example/", "https://near.example/"), "inconclusive", None, _shutdown,
        SHUTDOWN),
    Row("tls-mitm-everything", "one unknown issuer for every name",
        ("https://opened.example/",), "inconclusive", None, _intercepted, INTERCEPTED),
    Row("dns-resolver-broken", "the resolver answers SERVFAIL to every name",
        ("https://unresolved.example/",), "inconclusive", None, _broken, BROKEN),
    Row("dns-nxdomain-rewritten", "names nobody has are led to advertisements; a live site",
        ("https://alive.example/",), "ok", None,
        _rewritten("alive.example", "nobody.example", lives=True), REWRITTEN),
    Row("dns-nxdomain-rewritten-dead", "names nobody has are led to advertisements; a dead site",
        ("https://dead.example/", "http://dead.example/"), "down", None,
        _rewritten("dead.example", "dead.example", lives=False), REWRITTEN),
    Row("ok-no-ipv6", "IPv4 and IPv6 addresses, and no IPv6 route here",
        ("https://both.example/",), "ok", None, _without_ipv6, WITHOUT_IPV6),
    Row("clock-skew", "certificates and Date headers two years from this host's clock",
        ("https://later.example/",), "ok", None, _skewed, SKEWED),
)  # fmt: skip
