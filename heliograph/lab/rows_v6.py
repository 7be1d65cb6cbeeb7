"""Rows of sites that have IPv6 addresses only: what is done to them, done over IPv6."""

from collections.abc import Callable

from heliograph.lab import answers
from heliograph.lab.censor import (
    AlertSni,
    AnyCondition,
    CloseSni,
    DropAddress,
    DropDns,
    DropSni,
    RefuseAddress,
    ResetHost,
    ResetSni,
    UnreachableAddress,
)
from heliograph.lab.handshakes import serve
from heliograph.lab.origins import Site
from heliograph.lab.row import NO_AAAA, WITHOUT_IPV6, Row, Staged
from heliograph.lab.scene import BLOCKED, ISP_RESOLVER, PUBLIC_RESOLVER, Scene, Server
from heliograph.lab.witness import Check

_BOGON, _BLOCK_PAGE = "fd00:6666::1", "2001:2:0:100::80"


def _served(name: str) -> Callable[[Scene], Staged]:
    def stage(scene: Scene) -> Staged:
        address = scene.site_v6(name, ports=(443,) if scene.on else ())
        return ((_page(name, address), f"200 Welcome to {name.partition('.')[0]}"),)

    return stage


def _closed(scene: Scene) -> Staged:
    name = "closed6.example"
    address = scene.site_v6(name, ports=() if scene.on else (443,))
    return ((_tcp(name, address), "refused"),)


def _told(name: str, lie: answers.Answer, seen: str) -> Callable[[Scene], Staged]:
    """The provider's resolver says this of the name."""

    def stage(scene: Scene) -> Staged:
        scene.site_v6(name)
        scene.lie(name, lie)
        return ((_asked(name, ISP_RESOLVER), seen),)

    return stage


def _led(scene: Scene) -> Staged:
    name = "led6.example"
    scene.site_v6(name)
    scene.servers.append(Server(_BLOCK_PAGE, {}, (80,), Site(http=BLOCKED)))
    scene.lie(name, answers.addresses(_BLOCK_PAGE))
    return ((_asked(name, ISP_RESOLVER), _BLOCK_PAGE),)


def _no_ipv6(name: str, *, both: bool = False) -> Callable[[Scene], Staged]:
    """The provider has no IPv6, and spares its customers the addresses."""

    def stage(scene: Scene) -> Staged:
        if both:
            scene.site(name, v6=True)
        else:
            scene.site_v6(name)
        scene.isp_without_ipv6 = scene.on
        return ((_asked(name, ISP_RESOLVER), "NOERROR"),)

    return stage


def _half_told(name: str, kind: str, *, ipv6: bool = True) -> Callable[[Scene], Staged]:
    """The provider's resolver tells one family only; ``kind`` stands in the addresses it keeps."""

    def stage(scene: Scene) -> Staged:
        address = scene.site(name, v6=True)
        both = (address, scene.servers[-1].address)
        scene.ipv6 = ipv6 or not scene.on
        scene.lie(name, answers.addresses(*(each for each in both if kind not in each)))
        check = Check(
            kind="dns" if kind == "." else "aaaa", name=name, address=ISP_RESOLVER, port=53
        )
        return ((check, "NOERROR"),)

    return stage


def _vanishing(scene: Scene) -> Staged:
    name = "unasked6.example"
    scene.site_v6(name)
    scene.interfere(DropDns(names=(name,)))
    return ((_asked(name, PUBLIC_RESOLVER), "timeout"),)


def _stopped(
    name: str, condition: type[DropAddress] | type[RefuseAddress] | type[UnreachableAddress],
    seen: str,
) -> Callable[[Scene], Staged]:  # fmt: skip
    """Connections to the address go as a censor on the path wants."""

    def stage(scene: Scene) -> Staged:
        address = scene.site_v6(name)
        scene.interfere(condition(addresses=(address,)))
        return ((_tcp(name, address), seen),)

    return stage


def _half(scene: Scene) -> Staged:
    """The site has both families, and only its IPv6 address takes no packet."""
    name = "halved6.example"
    scene.site(name, v6=True)
    address = scene.servers[-1].address
    scene.interfere(DropAddress(addresses=(address,)))
    return ((_tcp(name, address), "timeout"),)


def _named(
    name: str, condition: AnyCondition, seen: str, port: int = 443
) -> Callable[[Scene], Staged]:
    """A censor on the path hears the name."""

    def stage(scene: Scene) -> Staged:
        address = scene.site_v6(name)
        scene.interfere(condition)
        return ((_page(name, address, port), seen),)

    return stage


def _minted(scene: Scene) -> Staged:
    """An interceptor, staged at the servers as for ``tls-mitm``."""
    name = "minted6.example"
    odd, usual = serve(scene.stranger.context(name)), scene.healthy(name)
    address = scene.site_v6(name, Site(scene.from_vantage(odd, usual.tls), usual.http))
    if scene.on:
        scene.everywhere[name] = Site(scene.from_vantage(odd, scene.unknown_name))
    return ((_page(name, address), "untrusted"),)


def _asked(name: str, resolver: str) -> Check:
    return Check(kind="aaaa", name=name, address=resolver, port=53)


def _tcp(name: str, address: str) -> Check:
    return Check(kind="tcp", name=name, address=address, port=443)


def _page(name: str, address: str, port: int = 443) -> Check:
    return Check(kind="http" if port == 80 else "https", name=name, address=address, port=port)


def _secure(host: str) -> tuple[str, ...]:
    return (f"https://{host}/",)


def _row(
    name: str, meaning: str, host: str, technique: str, stage: Callable[[Scene], Staged]
) -> Row:
    return Row(name, meaning, _secure(host), "blocked", technique, stage)


IPV6 = (
    Row("ok-https-v6", "a site with IPv6 only", _secure("secure6.example"), "ok", None,
        _served("secure6.example")),
    Row("down-refused-v6", "the port is closed to everybody, over IPv6",
        _secure("closed6.example"), "down", None, _closed),
    _row("dns-nxdomain-v6", "the ISP's resolver denies a name with IPv6 only",
         "denied6.example", "dns.nxdomain",
         _told("denied6.example", answers.nxdomain(), "NXDOMAIN")),
    _row("dns-nodata-v6", "the ISP's resolver knows no address of a name with IPv6 only",
         "addressless6.example", "dns.nodata",
         _told("addressless6.example", answers.nodata(), "NOERROR")),
    Row("dns-no-ipv6", "the ISP's resolver gives no IPv6 address of any name: IPv6 only",
        _secure("unmet6.example"), "inconclusive", None, _no_ipv6("unmet6.example"), NO_AAAA),
    Row("dns-no-ipv6-both", "the ISP's resolver gives no IPv6 address of any name: both families",
        _secure("halfmet6.example"), "ok", None, _no_ipv6("halfmet6.example", both=True), NO_AAAA,
        odd="dns."),
    Row("ok-ipv6-withheld", "of two families the IPv6 address alone is withheld",
        _secure("halftold6.example"), "ok", None, _half_told("halftold6.example", ":"),
        odd="dns."),
    Row("dns-nodata-no-ipv6", "the IPv4 address alone is withheld, and there is no IPv6 route",
        _secure("halftold4.example"), "blocked", "dns.nodata",
        _half_told("halftold4.example", ".", ipv6=False), WITHOUT_IPV6),
    _row("dns-bogon-v6", "the ISP's resolver gives a private IPv6 address", "bogus6.example",
         "dns.bogon", _told("bogus6.example", answers.addresses(_BOGON), _BOGON)),
    _row("dns-blockpage-v6", "the ISP's resolver leads to a block page over IPv6",
         "led6.example", "dns.wrong_address", _led),
    _row("dns-timeout-v6", "queries for a name with IPv6 only vanish", "unasked6.example",
         "dns.timeout", _vanishing),
    _row("tcp-refused-v6", "connections to an IPv6 address are reset", "turned6.example",
         "tcp.refused", _stopped("turned6.example", RefuseAddress, "refused")),
    _row("tcp-unreachable-v6", "connections to an IPv6 address are answered by ICMP",
         "cutoff6.example", "tcp.unreachable",
         _stopped("cutoff6.example", UnreachableAddress, "unreachable")),
    Row("tcp-one-of-two-v6", "the IPv6 address takes no packet, the other does",
        _secure("halved6.example"), "ok", None, _half, odd="tcp."),
    _row("tls-reset-racing-v6", "RST at the name over IPv6, the ClientHello goes on",
         "raced6.example", "tls.reset",
         _named("raced6.example", ResetSni(names=("raced6.example",), racing=True), "reset")),
    _row("tls-drop-v6", "silence at the name over IPv6", "silent6.example", "tls.timeout",
         _named("silent6.example", DropSni(names=("silent6.example",)), "timeout")),
    _row("tls-eof-v6", "closed at the name over IPv6", "ended6.example", "tls.eof",
         _named("ended6.example", CloseSni(names=("ended6.example",)), "eof")),
    _row("tls-alert-v6", "a fatal alert at the name over IPv6", "alerted6.example", "tls.alert",
         _named("alerted6.example", AlertSni(names=("alerted6.example",)), "no tls")),
    _row("tls-mitm-v6", "a forged certificate over IPv6", "minted6.example", "tls.mitm", _minted),
    Row("http-reset-v6", "RST at the Host header over IPv6", ("http://rst6.example/",), "blocked",
        "http.reset",
        _named("rst6.example", ResetHost(names=("rst6.example",)), "reset", 80)),
)  # fmt: skip
