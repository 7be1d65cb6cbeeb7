"""Rows beyond the catalogue's scenarios: servers and lines that fail, and mean nobody's name."""

from heliograph.lab import handshakes, responses
from heliograph.lab.censor import AnswerHost
from heliograph.lab.faults import Narrow, Outage, Ration
from heliograph.lab.origins import Site
from heliograph.lab.responses import head
from heliograph.lab.row import NARROW, RESIDUAL, Row, Staged
from heliograph.lab.rows_shown import secure, welcome
from heliograph.lab.scene import Scene
from heliograph.lab.witness import Check

_OLD_TLS = 70
"""The alert of a server that speaks no version the client does (RFC 8446, section 6.2)."""
_SMALL = 536
"""Bytes in a segment that every IPv4 link takes (RFC 879)."""
_EVERYWHERE = ("0.0.0.0/0", "::/0")


def _edition(scene: Scene) -> Staged:
    """In the clear and over TLS the site leads each country to an edition of its own."""
    name, here, there = "globe.example", "globe-south.example", "globe-north.example"
    for edition in (here, there):
        scene.site(edition)
    ours = responses.redirect(f"http://{here}/")
    theirs = responses.redirect(f"http://{there}/", status=301)
    address = scene.site(name, scene.healthy(name, scene.shown_here(ours, theirs)))
    return ((Check(kind="http", name=name, address=address, port=80), "302 "),)


def _edge(scene: Scene) -> Staged:
    """The edge next to the vantage is broken for one of its names; others serve it."""
    name = "frayed.example"
    usual = scene.healthy(name)
    broken = scene.from_vantage(handshakes.reset(), usual.tls)
    return ((_secure(name, scene.site(name, Site(broken, usual.http))), "reset"),)


def _half_dead(scene: Scene) -> Staged:
    """Of the two servers behind the address one is dead, for everybody."""
    name = "coinflip.example"
    usual = scene.healthy(name)
    turns = handshakes.by_turns(handshakes.reset(), usual.tls) if scene.on else usual.tls
    address = scene.site(name, Site(turns, usual.http))
    return ((_secure(name, address, "tries"), f"{welcome(200, name)} or reset"),)


def _large_lost(scene: Scene) -> Staged:
    """On the way from this one site large packets are lost, and nobody is told."""
    name = "bottleneck.example"
    address = scene.site(name)
    scene.interfere(Narrow(addresses=(address,), most=_SMALL))
    return ((_secure(name, address), "timeout"),)


def _narrow(scene: Scene) -> Staged:
    """The same on the vantage's own line, whoever sends them."""
    name = "slender.example"
    page = responses.page(b"<!doctype html><title>Long</title>" + b"<p>More to be read." * 100)
    address = scene.site(name, scene.healthy(name, page))
    scene.interfere(Narrow(addresses=_EVERYWHERE, most=_SMALL))
    return (
        (_secure(name, address), "timeout"),
        (Check(kind="http", name=name, address=address, port=80), "timeout"),
    )


def _rationed(scene: Scene) -> Staged:
    """The site's firewall takes one connection of a client in ten seconds, at whatever port."""
    name = "guarded.example"
    address = scene.site(name, ports=(443, 8443))
    scene.interfere(Ration(addresses=(address,), most=1, seconds=10.0))
    return ((_secure(name, address, "tries"), f"{welcome(200, name)} or refused"),)


def _outage(scene: Scene) -> Staged:
    """The server next to the vantage starts anew as it is looked at."""
    name = "restarting.example"
    address = scene.site(name)
    scene.interfere(Outage(addresses=(address,), seconds=5.0))
    return ((_secure(name, address, "again"), "refused, then refused"),)


def _demanding(scene: Scene) -> Staged:
    """The site wants a certificate of its visitors, and turns away those without."""
    name = "membersonly.example"
    usual = scene.healthy(name)
    strict = handshakes.serve(scene.authority.demanding(name))
    site = Site(strict, usual.http) if scene.on else usual
    return ((_secure(name, scene.site(name, site)), "no tls"),)


def _ancient(scene: Scene) -> Staged:
    """The site speaks no version of TLS that is still in use."""
    name = "ancient.example"
    usual = scene.healthy(name)
    site = Site(handshakes.alert(_OLD_TLS), usual.http) if scene.on else usual
    return ((_secure(name, scene.site(name, site)), "no tls"),)


def _control_censored(scene: Scene) -> Staged:
    """Where the control is, a page is injected in the site's name; here nobody does."""
    name = "banished.example"
    page = b"<!doctype html><title>Notice</title><p>Access was withdrawn by an order."
    length = ("Content-Length", str(len(page)))
    response = head(200, [("Content-Type", "text/html"), length]) + page
    address = scene.site(name)
    scene.interfere_at_control(AnswerHost(names=(name,), response=response))
    return ((Check(kind="http", name=name, address=address, port=80), "200 Notice"),)


def _nowhere(scene: Scene) -> Staged:
    """The site leads everybody to an address without a host."""
    name = "signpost.example"
    served = scene.healthy(name, responses.redirect("https://")) if scene.on else None
    address = scene.site(name, served)
    return ((_secure(name, address), "302 "),)


def _dotted(scene: Scene) -> Staged:
    name = "dotted.example"
    address = scene.site(name, ports=(80, 443) if scene.on else ())
    return ((_secure(name, address), welcome(200, name)),)


def _secure(name: str, address: str, kind: str = "https") -> Check:
    return Check(kind=kind, name=name, address=address, port=443)


BEYOND_SERVERS = (
    Row("ok-edition", "in the clear the site leads each country to its own edition",
        ("http://globe.example/",), "ok", None, _edition, also=("inconclusive",)),
    Row("edge-resets", "the edge next to us resets at the name, others serve it",
        secure("frayed.example"), "inconclusive", None, _edge),
    Row("half-dead", "every second connection is reset, for everybody",
        secure("coinflip.example"), "ok", None, _half_dead, also=("inconclusive", "down")),
    Row("large-packets-lost", "large packets of one site are lost",
        secure("bottleneck.example"), "inconclusive", None, _large_lost),
    Row("narrow-line", "large packets are lost, whoever sends them",
        (*secure("slender.example"), "http://slender.example/"), "inconclusive", None, _narrow,
        NARROW),
    Row("rationed", "the site refuses a client's second connection in ten seconds",
        secure("guarded.example", "guarded.example:8443"), "ok", None, _rationed, RESIDUAL,
        also=("inconclusive",)),
    Row("short-outage", "the address refuses connections for five seconds",
        secure("restarting.example"), "ok", None, _outage, RESIDUAL, also=("inconclusive",)),
    Row("client-certificate", "the site wants a certificate of everybody",
        secure("membersonly.example"), "down", None, _demanding, also=("ok",)),
    Row("down-alert", "an alert to everybody: no common version of TLS",
        secure("ancient.example"), "down", None, _ancient),
    Row("down-redirect-nowhere", "a redirect to no host, for everybody",
        secure("signpost.example"), "down", None, _nowhere),
    Row("control-censored", "a block page is injected where the control is",
        ("http://banished.example/",), "ok", None, _control_censored, from_control=True,
        also=("inconclusive",)),
    Row("ok-trailing-dot", "a name with the dot of the root", ("https://dotted.example./",), "ok",
        None, _dotted),
)  # fmt: skip
