"""Rows of names: what the provider's resolver says of one, and what is forged on the path."""

from collections.abc import Callable

from heliograph.lab import answers, responses
from heliograph.lab.censor import DropDns, InjectDns, ResetSni
from heliograph.lab.origins import Site
from heliograph.lab.row import POISONED, Row, Staged
from heliograph.lab.scene import (
    ISP_RESOLVER,
    PUBLIC_RESOLVER,
    RESOLVER_NAME,
    Scene,
)
from heliograph.lab.witness import Check

_ELSEWHERE = "198.18.32"
"""A network of somebody who has nothing to do with any of the sites."""


def _told(name: str, lie: answers.Answer, seen: str) -> Callable[[Scene], Staged]:
    """The provider's resolver says this of the name, over UDP and TCP; the others the truth."""

    def stage(scene: Scene) -> Staged:
        scene.site(name)
        scene.lie(name, lie)
        return ((_asked(name, ISP_RESOLVER), seen),)

    return stage


def _asked(name: str, resolver: str = PUBLIC_RESOLVER, kind: str = "dns") -> Check:
    return Check(kind=kind, name=name, address=resolver, port=53)


def _vanishing(scene: Scene) -> Staged:
    """Whoever is asked in the clear for this name never hears of it."""
    name = "unasked.example"
    scene.site(name)
    scene.interfere(DropDns(names=(name,)))
    return tuple((_asked(name, whom), "timeout") for whom in (ISP_RESOLVER, PUBLIC_RESOLVER))


def _several(scene: Scene) -> Staged:
    """Three forged answers to each query, no two alike."""
    name = "thrice.example"
    scene.site(name)
    forged = tuple(scene.site(f"unrelated{n}.example") for n in range(1, 4))
    scene.interfere(InjectDns(names=(name,), addresses=forged, count=3))
    return ((_asked(name), forged[0]),)


def _swallowed(scene: Scene) -> Staged:
    """In the path: the query never arrives, so that the forged answer is the only one."""
    name = "swallowed.example"
    scene.site(name)
    forged = scene.site("instead.example")
    scene.interfere(InjectDns(names=(name,), addresses=(forged,), count=1, swallow=True))
    return ((_asked(name), forged),)


def _copied(scene: Scene) -> Staged:
    """The forged address shows a page with the title of the true one."""
    name = "copied.example"
    scene.site(name)
    forged = scene.address(_ELSEWHERE)
    page = b"<!doctype html><title>Welcome to copied</title><p>Not quite the page you know."
    scene.serve(forged, name, Site(http=responses.page(page)))
    scene.interfere(InjectDns(names=(name,), addresses=(forged,)))
    return ((_asked(name), forged),)


def _only_ipv6(scene: Scene) -> Staged:
    """The same forgery for a site that has IPv6 addresses only."""
    name = "injected6.example"
    scene.site_v6(name)
    forged = scene.site_v6("unrelated6.example")
    scene.interfere(InjectDns(names=(name,), addresses=(forged,)))
    return ((_asked(name, kind="aaaa"), forged),)


def _poisoned(scene: Scene) -> Staged:
    """Forged over UDP and TCP, whoever is asked; encrypted resolvers are reset at their name."""
    name = "poisoned.example"
    scene.site(name)
    forged = scene.site("forged.example")
    scene.interfere(
        InjectDns(names=(name,), addresses=(forged,), tcp=True), ResetSni(names=(RESOLVER_NAME,))
    )
    doh = Check(kind="https", name=RESOLVER_NAME, address=PUBLIC_RESOLVER, port=443)
    dot = Check(kind="https", name=RESOLVER_NAME, address=PUBLIC_RESOLVER, port=853)
    return ((_asked(name), forged), (doh, "reset"), (dot, "reset"))


def _secure(host: str) -> tuple[str, ...]:
    return (f"https://{host}/",)


NAMES = (
    Row("dns-nodata", "the ISP's resolver has no address for the name",
        _secure("addressless.example"), "blocked", "dns.nodata",
        _told("addressless.example", answers.nodata(), "NOERROR")),
    Row("dns-refused", "the ISP's resolver refuses the name", _secure("unwanted.example"),
        "blocked", "dns.refused", _told("unwanted.example", answers.refused(), "REFUSED")),
    Row("dns-servfail", "the ISP's resolver fails for the name", _secure("failing.example"),
        "blocked", "dns.servfail", _told("failing.example", answers.servfail(), "SERVFAIL")),
    Row("dns-timeout", "queries for the name vanish on the path", _secure("unasked.example"),
        "blocked", "dns.timeout", _vanishing),
    Row("dns-timeout-isp", "the ISP's resolver keeps silent about the name",
        _secure("hushed.example"), "blocked", "dns.timeout",
        _told("hushed.example", answers.silence(), "timeout")),
    Row("dns-bogon-loopback", "the ISP's resolver gives the loopback address",
        _secure("looped.example"), "blocked", "dns.bogon",
        _told("looped.example", answers.addresses("127.0.0.1"), "127.0.0.1")),
    Row("dns-bogon-nought", "the ISP's resolver gives 0.0.0.0", _secure("nought.example"),
        "blocked", "dns.bogon",
        _told("nought.example", answers.addresses("0.0.0.0"), "0.0.0.0")),
    Row("dns-injection-thrice", "three forged answers to each query, no two alike",
        _secure("thrice.example"), "blocked", "dns.injection", _several),
    Row("dns-injection-inline", "a forged answer, and the query never arrives",
        _secure("swallowed.example"), "blocked", "dns.injection", _swallowed),
    Row("dns-injection-reaches-content", "the forged address shows a page with the real title",
        ("http://copied.example/",), "blocked", "dns.injection", _copied),
    Row("dns-injection-v6", "forged answers for a site with IPv6 only",
        _secure("injected6.example"), "blocked", "dns.injection", _only_ipv6),
    Row("dns-all-poisoned", "forged over UDP and TCP everywhere, encrypted resolvers reset",
        _secure("poisoned.example"), "blocked", "dns.injection", _poisoned, POISONED),
)  # fmt: skip
