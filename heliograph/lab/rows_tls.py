"""Rows of connections: addresses that take none, and handshakes that do not come to an end."""

from collections.abc import Callable

from heliograph.lab import answers
from heliograph.lab.censor import (
    AlertSni,
    AnyCondition,
    DropAddress,
    ResetSni,
    Residual,
    UnreachableAddress,
)
from heliograph.lab.row import RESIDUAL, Row, Staged
from heliograph.lab.scene import Scene, Server
from heliograph.lab.witness import Check

_RESIDUAL_SECONDS = 20.0


def _unreachable(scene: Scene) -> Staged:
    name = "cutoff.example"
    address = scene.site(name)
    scene.interfere(UnreachableAddress(addresses=(address,)))
    return ((_tcp(name, address), "unreachable"),)


def _one_of_two(scene: Scene) -> Staged:
    """The first of two addresses takes no packet, the second serves the site."""
    name = "halved.example"
    first, second = scene.site(name), scene.address()
    scene.serve(second, name, scene.healthy(name))
    scene.truth[name] = answers.addresses(first, second)
    scene.interfere(DropAddress(addresses=(first,)))
    return ((_tcp(name, first), "timeout"),)


def _dropped_v6(scene: Scene) -> Staged:
    name = "dropped6.example"
    address = scene.site_v6(name)
    scene.interfere(DropAddress(addresses=(address,)))
    return ((_tcp(name, address), "timeout"),)


def _at_name(
    name: str, condition: AnyCondition, seen: str, *others: str, v6: bool = False
) -> Callable[[Scene], Staged]:
    """A site whose name is hit; the others are sites of their own."""

    def stage(scene: Scene) -> Staged:
        address = scene.site_v6(name) if v6 else scene.site(name)
        for other in others:
            scene.site(other)
        scene.interfere(condition)
        return ((Check(kind="https", name=name, address=address, port=443), seen),)

    return stage


def _residual(scene: Scene) -> Staged:
    """Two names at one address; for a while after one was named the other is out of reach, too.

    Staged once for both of its rows, which look at the same thing.
    """
    name, beside = "lingering.example", "beside.example"
    found = [server.address for server in scene.servers if name in server.sites]
    address = found[0] if found else scene.address()
    if not found:
        sites = {each: scene.healthy(each) for each in (name, beside)}
        scene.servers.append(Server(address, sites, (80, 443)))
        scene.truth |= dict.fromkeys(sites, answers.addresses(address))
        rule = ResetSni(names=(name,))
        scene.interfere(Residual(condition=rule, seconds=_RESIDUAL_SECONDS))
    return ((Check(kind="again", name=name, address=address, port=443), "reset, then refused"),)


def _tcp(name: str, address: str) -> Check:
    return Check(kind="tcp", name=name, address=address, port=443)


def _secure(*hosts: str) -> tuple[str, ...]:
    return tuple(f"https://{host}/" for host in hosts)


HANDSHAKES = (
    Row("tcp-unreachable", "connections to the address are answered by ICMP",
        _secure("cutoff.example"), "blocked", "tcp.unreachable", _unreachable),
    Row("tcp-one-of-two", "one of two addresses takes no packet", _secure("halved.example"), "ok",
        None, _one_of_two, odd="tcp."),
    Row("tcp-drop-v6", "connections to an IPv6 address vanish", _secure("dropped6.example"),
        "blocked", "tcp.timeout", _dropped_v6),
    Row("tls-alert", "a fatal alert at the name", _secure("alerted.example"), "blocked",
        "tls.alert",
        _at_name("alerted.example", AlertSni(names=("alerted.example",)), "no tls")),
    Row("tls-reset-racing", "RST at the name, the ClientHello goes on",
        _secure("raced.example"), "blocked", "tls.reset",
        _at_name("raced.example", ResetSni(names=("raced.example",), racing=True), "reset")),
    Row("tls-reset-v6", "RST at the name of a site with IPv6 only", _secure("reset6.example"),
        "blocked", "tls.reset",
        _at_name("reset6.example", ResetSni(names=("reset6.example",)), "reset", v6=True)),
    Row("shape-one-segment", "RST at the name where one segment holds the ClientHello",
        _secure("narrow.example"), "blocked", "tls.reset",
        _at_name("narrow.example", ResetSni(names=("narrow.example",), one_segment=True), "reset"),
        odd="shape."),
    Row("tls-case", "RST at the name in lower case only", _secure("Cased.Example"), "blocked",
        "tls.reset",
        _at_name("cased.example", ResetSni(names=("cased.example",), as_spelled=True), "reset")),
    Row("tls-case-other", "RST at the name in capitals only", _secure("capital.example"), "ok",
        None,
        _at_name("CAPITAL.example", ResetSni(names=("CAPITAL.example",), as_spelled=True),
                 "reset")),
    Row("tls-bare", "RST at the bare domain only: the bare domain", _secure("bare.example"),
        "blocked", "tls.reset",
        _at_name("bare.example", ResetSni(names=("bare.example",)), "reset")),
    Row("tls-subdomain", "RST at the bare domain only: a name below it",
        _secure("www.apex.example"), "ok", None,
        _at_name("apex.example", ResetSni(names=("apex.example",)), "reset",
                 "www.apex.example")),
    Row("tls-subdomains", "RST at a domain and the names below it",
        _secure("wide.example", "www.wide.example"), "blocked", "tls.reset",
        _at_name("wide.example", ResetSni(names=("wide.example",), subdomains=True), "reset",
                 "www.wide.example")),
    Row("tls-residual", "RST at the name, then at whatever goes to that address, for 20 s",
        _secure("lingering.example"), "blocked", "tls.reset", _residual, RESIDUAL),
    Row("tls-residual-beside", "another name at the address of a name that was reset",
        _secure("beside.example"), "ok", None, _residual, RESIDUAL, also=("inconclusive",),
        excuse="residual_possible"),
)  # fmt: skip
