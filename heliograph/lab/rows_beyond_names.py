"""Rows beyond the catalogue's scenarios: odd answers to a name, most of them no censor's."""

from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address

from heliograph.lab import answers, handshakes, responses
from heliograph.lab.censor import UnreachableAddress
from heliograph.lab.origins import Site
from heliograph.lab.row import Row, Staged
from heliograph.lab.rows_shown import secure
from heliograph.lab.scene import BLOCKED, ISP_RESOLVER, PUBLIC_RESOLVER, Scene, Server
from heliograph.lab.witness import Check

_BOGUS, _FILTERED, _NO_AUTHORITY = 6, 17, 22
"""Extended DNS errors (RFC 8914)."""
_CACHE, _PORTAL, _NOTICE = "198.18.1.71", "198.18.1.72", "198.18.1.82"
_NOTICE_V6 = "2001:2:0:100::81"
"""All in the provider's own network."""
_ELSEWHERE = "198.18.32"
_TRANSLATED = int(IPv6Address("64:ff9b::"))
_LATE_SECONDS = 4.5
"""Within the patience of every stub resolver, and beyond a witness's."""


def _told(name: str, lie: answers.Answer, seen: str) -> Callable[[Scene], Staged]:
    """The provider's resolver says this of a healthy site's name."""

    def stage(scene: Scene) -> Staged:
        scene.site(name)
        scene.lie(name, lie)
        return ((_asked(name), seen),)

    return stage


def _near_cache(scene: Scene) -> Staged:
    """The provider keeps a copy of the site for its customers, with the site's certificate."""
    name = "cached.example"
    scene.site(name)
    scene.serve(_CACHE, name, scene.healthy(name))
    scene.lie(name, answers.addresses(_CACHE))
    return ((_asked(name), _CACHE),)


def _stale(scene: Scene) -> Staged:
    """The resolver's copy is of last year; a stranger has that address now, for its own site."""
    name, tenant = "rehoused.example", "tenant.example"
    scene.site(name)
    old, theirs = scene.address(_ELSEWHERE), scene.healthy(tenant)
    scene.servers.append(Server(old, {tenant: theirs}, (80, 443), theirs))
    scene.truth[tenant] = answers.addresses(old)
    scene.lie(name, answers.addresses(old))
    return ((_asked(name), old),)


def _exposed(scene: Scene) -> Staged:
    """Elsewhere a delivery network stands before the site; here DNS leads to the site itself.

    It has a certificate that only the delivery network knows the issuer of.
    """
    name = "naked.example"
    scene.site(name)
    origin, usual = scene.address(_ELSEWHERE), scene.healthy(name)
    private = handshakes.serve(scene.stranger.context(name))
    scene.serve(origin, name, Site(private, usual.http))
    scene.lie(name, answers.addresses(origin))
    return ((_asked(name), origin),)


def _split(scene: Scene) -> Staged:
    """The provider's own site: its customers are led there by the provider's inner network."""
    name = "customers.example"
    scene.serve(_PORTAL, name, scene.healthy(name))
    scene.truth[name] = answers.addresses(_PORTAL)
    scene.lie(name, answers.addresses("10.20.0.7"))
    return ((_asked(name), "10.20.0.7"),)


def _bogus(scene: Scene) -> Staged:
    """The site signed its zone badly; of all who are asked only the provider checks."""
    name = "unsigned.example"
    unchecked = answers.addresses(scene.site(name))
    failing = answers.explained(answers.servfail(), _BOGUS)
    scene.lie(name, answers.unless_unchecked(failing, unchecked))
    return ((_asked(name), "SERVFAIL"),)


def _slowly(scene: Scene) -> Staged:
    """The answer is right, and takes its time."""
    name = "longsought.example"
    address = scene.site(name)
    scene.lie(name, answers.late(answers.addresses(address), _LATE_SECONDS))
    return ((_asked(name), "timeout"),)


def _translated(scene: Scene) -> Staged:
    """The provider has IPv6 only inside: its resolver makes addresses that a gateway translates.

    The gateway is the provider's, and out of the control's reach.
    """
    name = "translated.example"
    address = scene.site(name)
    made = str(IPv6Address(_TRANSLATED + int(IPv4Address(address))))
    scene.serve(made, name, scene.healthy(name))
    scene.lie(name, answers.addresses(address, made))
    scene.interfere_at_control(UnreachableAddress(addresses=(made,)))
    return ((_asked(name, kind="aaaa"), made),)


def _rebinding(scene: Scene) -> Staged:
    """The site's own DNS gives a private address; a home router keeps such answers back."""
    name = "homely.example"
    scene.site(name)
    if scene.on:
        scene.truth[name] = answers.addresses("192.168.7.8")
    scene.lie(name, answers.nodata())
    return (
        (_asked(name), "NOERROR"),
        (_asked(name, PUBLIC_RESOLVER), "192.168.7.8"),
    )


def _parked(scene: Scene) -> Staged:
    """The domain was given up: whoever asks is led to one of a broker's servers.

    All show one certificate, and one page of advertisements, for every name.
    """
    name, broker = "forsaken.example", "broker.example"
    page = responses.page(
        b"<!doctype html><title>For sale</title><p>Related searches: shoes, loans"
    )
    brokers = Site(handshakes.serve(scene.authority.context(broker)), page)
    here, elsewhere = scene.address(_ELSEWHERE), scene.address()
    for place in (here, elsewhere):
        server = Server(place, {} if scene.on else {name: scene.healthy(name)}, (80, 443), brokers)
        scene.servers.append(server)
    scene.truth[name] = answers.addresses(elsewhere)
    scene.lie(name, answers.addresses(here))
    return tuple(
        (Check(kind="https", name=name, address=place, port=443), "untrusted")
        for place in (here, elsewhere)
    )


def _notice(scene: Scene) -> Staged:
    """An alias to the provider's notice, which has a valid certificate of its own."""
    name, notice = "aliased.example", "withheld.example"
    scene.site(name)
    page = Site(handshakes.serve(scene.authority.context(notice)), BLOCKED)
    scene.servers.append(Server(_NOTICE, {}, (80, 443), page))
    scene.truth[notice] = answers.addresses(_NOTICE)
    scene.lie(name, answers.alias(notice, _NOTICE))
    return ((_asked(name), _NOTICE),)


def _self_signed(scene: Scene) -> Staged:
    """A block page with a certificate for the name that nobody known has issued."""
    name = "impersonated.example"
    scene.site(name)
    page = Site(handshakes.serve(scene.stranger.context(name)), BLOCKED)
    place = scene.address(_ELSEWHERE)
    scene.servers.append(Server(place, {}, (80, 443), page))
    scene.lie(name, answers.addresses(place))
    return ((_asked(name), place),)


def _only_v6(scene: Scene) -> Staged:
    """Of two families only the IPv6 address is forged."""
    name = "halfforged.example"
    address = scene.site(name, v6=True)
    page = Site(handshakes.serve(scene.stranger.context("withheld.example")), BLOCKED)
    scene.servers.append(Server(_NOTICE_V6, {}, (80, 443), page))
    scene.lie(name, answers.addresses(address, _NOTICE_V6))
    return ((_asked(name, kind="aaaa"), _NOTICE_V6),)


def _second_hop(scene: Scene) -> Staged:
    """The site leads everybody to another host, whose name the provider's resolver denies."""
    name, beyond = "porch.example", "inside.example"
    scene.site(name, scene.healthy(name, responses.redirect(f"https://{beyond}/")))
    scene.site(beyond)
    scene.lie(beyond, answers.nxdomain())
    return ((_asked(beyond), "NXDOMAIN"),)


def _and_451(scene: Scene) -> Staged:
    """The name is denied, and the site would not have shown its page here, either."""
    name = "twofold.example"
    page = responses.page(b"<!doctype html><title>Withheld</title><p>Not here.", status=451)
    usual = scene.healthy(name)
    address = scene.site(name, scene.healthy(name, scene.shown_here(page, usual.http)))
    scene.lie(name, answers.nxdomain())
    seen = Check(kind="https", name=name, address=address, port=443)
    return ((_asked(name), "NXDOMAIN"), (seen, "451 Withheld"))


def _asked(name: str, resolver: str = ISP_RESOLVER, kind: str = "dns") -> Check:
    return Check(kind=kind, name=name, address=resolver, port=53)


BEYOND_NAMES = (
    Row("ok-isp-cache", "the provider's cache of the site, with the true certificate",
        (*secure("cached.example"), "http://cached.example/"), "ok", None, _near_cache),
    Row("stale-address", "an old answer leads to a stranger's site", secure("rehoused.example"),
        "inconclusive", None, _stale),
    Row("origin-exposed", "DNS leads here past the site's delivery network",
        secure("naked.example"), "inconclusive", None, _exposed, also=("down",)),
    Row("split-horizon", "the provider gives its own site a private address",
        secure("customers.example"), "inconclusive", None, _split),
    Row("dnssec-bogus", "the provider's resolver alone checks signatures, which are bad",
        secure("unsigned.example"), "inconclusive", None, _bogus, also=("down",)),
    Row("authority-unreached", "the site's name servers don't answer the provider's resolver",
        secure("unheeded.example"), "inconclusive", None,
        _told("unheeded.example", answers.explained(answers.servfail(), _NO_AUTHORITY),
              "SERVFAIL")),
    Row("filter-chosen", "the resolver says that it filters because it was asked to",
        secure("unfit.example"), "inconclusive", None,
        _told("unfit.example", answers.explained(answers.addresses("0.0.0.0"), _FILTERED),
              "0.0.0.0")),
    Row("resolver-without-tcp", "the answer is too large for UDP, and the resolver has no TCP",
        secure("voluminous.example"), "inconclusive", None,
        _told("voluminous.example", answers.truncated(answers.silence()), "NOERROR")),
    Row("ok-slow-resolver", "the right answer comes after 4.5 s", secure("longsought.example"),
        "ok", None, _slowly),
    Row("ok-dns64", "the resolver makes IPv6 addresses for a translating gateway",
        (*secure("translated.example"), "http://translated.example/"), "ok", None, _translated),
    Row("rebind-protection", "a home router keeps back the site's private address",
        secure("homely.example"), "down", None, _rebinding, also=("inconclusive",)),
    Row("parked", "a broker of domains has the name", secure("forsaken.example"), "down", None,
        _parked, also=("inconclusive",)),
    Row("dns-blockpage-certified", "an alias to a block page with a certificate of its own",
        secure("aliased.example"), "blocked", "dns.wrong_address", _notice),
    Row("dns-blockpage-self-signed", "to a server that signs certificates itself",
        secure("impersonated.example"), "blocked", "dns.wrong_address", _self_signed),
    Row("dns-forged-v6-only", "only the IPv6 address of two families is forged",
        secure("halfforged.example"), "ok", None, _only_v6, odd="tls."),
    Row("dns-nxdomain-second-hop", "the site leads to a host whose name is denied",
        secure("porch.example"), "blocked", "dns.nxdomain", _second_hop, hop=2),
    Row("dns-nxdomain-and-451", "the name is denied, and the site answers 451 here",
        secure("twofold.example"), "blocked", "dns.nxdomain", _and_451),
)  # fmt: skip
