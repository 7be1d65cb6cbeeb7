"""Rows of every room, one of each kind, in one scene: what is shown first."""

from collections.abc import Callable

from heliograph.lab import answers, floods, responses
from heliograph.lab.censor import (
    AnswerHost,
    AnyCondition,
    CloseSni,
    Delay,
    DropAddress,
    DropHost,
    DropSni,
    InjectDns,
    Lose,
    RefuseAddress,
    ResetHost,
    ResetSni,
)
from heliograph.lab.handshakes import serve
from heliograph.lab.origins import Site
from heliograph.lab.request import Request
from heliograph.lab.responses import HttpStage, head
from heliograph.lab.row import NO_CONTROL, OFFLINE, Row, Staged
from heliograph.lab.scene import (
    BLOCK_PAGE,
    CONTROL_DEAD,
    ISP_RESOLVER,
    PUBLIC_RESOLVER,
    Scene,
)
from heliograph.lab.wire import Stream
from heliograph.lab.witness import Check

# Open, and things that look like blocking but are not


def _served(scheme: str, name: str, *, v6: bool = False) -> Callable[[Scene], Staged]:
    ports = (80,) if scheme == "http" else (80, 443)

    def stage(scene: Scene) -> Staged:
        address = scene.site(name, ports=ports if scene.on else (), v6=v6)
        port = 443 if scheme == "https" else 80
        return ((Check(kind=scheme, name=name, address=address, port=port), welcome(200, name)),)

    return stage


WEATHER = Check(kind="weather", name="weather.example", address=PUBLIC_RESOLVER, port=53)
LOSSY = (Lose(share=0.1), Delay(seconds=0.0, jitter=0.3))
"""A tenth of all packets is lost, each way, and the others come when they please."""


def unsteady(scene: Scene) -> Staged:
    """The line is lossy, once for all rows of the scene."""
    if LOSSY[0] not in scene.conditions:
        scene.interfere(*LOSSY)
    return ((WEATHER, "lossy, unsteady"),)


def welcome(number: int, name: str) -> str:
    """What a witness sees of a healthy site's page, or of one that answers with its title."""
    return f"{number} Welcome to {name.partition('.')[0]}"


def _redirects(scene: Scene) -> Staged:
    apex, www = "moved.example", "www.moved.example"
    way = _way(f"https://{www}")
    usual = responses.page(b"<title>Welcome to moved</title>")
    scene.site(www, scene.healthy(www, way if scene.on else usual))
    address = scene.site(apex, scene.healthy(apex, way if scene.on else usual))
    return ((Check(kind="http", name=apex, address=address, port=80), "301 "),)


def _way(www: str) -> HttpStage:
    """Through every kind of redirect; whoever forgets the cookie never arrives."""
    ways = {"/a": (302, f"{www}/b"), "/b": (303, "/c"), "/c": (307, "/d"), "/d": (308, "/e")}

    async def stage(stream: Stream, request: Request) -> None:
        arrived = request.path == "/e" and "passed=yes" in request.headers.get("cookie", "")
        if arrived:
            await page(stream, request)
            return
        status, location = ways.get(request.path, (301, "https://moved.example/a"))
        headers = [("Location", location), ("Content-Length", "0")]
        if request.path == "/a":
            headers.append(("Set-Cookie", "passed=yes; Domain=moved.example; Path=/; Secure"))
        await stream.write(head(status, headers))

    page = responses.page(b"<title>Welcome to moved</title>")
    return stage


def _cdn(scene: Scene) -> Staged:
    name = "delivered.example"
    near, far = scene.address("198.18.48"), scene.address("198.18.64")
    scene.site(name)
    scene.serve(far, name, scene.healthy(name))
    scene.serve(near, name, scene.healthy(name))
    scene.truth[name] = answers.addresses(far)
    scene.lie(name, answers.addresses(near))
    return ((Check(kind="dns", name=name, address=ISP_RESOLVER, port=53), near),)


def _control_down(scene: Scene) -> Staged:
    scene.site("alone.example")
    scene.interfere(DropAddress(addresses=(CONTROL_DEAD,)))
    return ((Check(kind="tcp", name="", address=CONTROL_DEAD, port=443), "timeout"),)


def _legal(scene: Scene) -> Staged:
    name = "legal.example"
    page = b"<title>Welcome to legal</title><p>Not here."
    answer = responses.page(page, status=451 if scene.on else 200)
    address = scene.site(name, scene.healthy(name, answer))
    return ((Check(kind="https", name=name, address=address, port=443), welcome(451, name)),)


def _nowhere(scene: Scene) -> Staged:
    name = "nowhere.example"
    scene.site(name)
    if scene.on:
        del scene.truth[name]
    return ((Check(kind="dns", name=name, address=PUBLIC_RESOLVER, port=53), "NXDOMAIN"),)


def _closed(scene: Scene) -> Staged:
    name = "closed.example"
    address = scene.site(name, ports=() if scene.on else (443,))
    return ((Check(kind="tcp", name=name, address=address, port=443), "refused"),)


def _bomb(scene: Scene) -> Staged:
    slow = b"x" * 100_000
    bombs = {
        "inflating.example": floods.gzip_bomb(2048),
        "headed.example": floods.many_headers(100_000),
        "dripping.example": responses.dripped_body(slow, pace=1.0),
    }
    places = {
        name: scene.site(name, scene.healthy(name, bomb if scene.on else None))
        for name, bomb in bombs.items()
    }
    scene.site("after.example")
    return tuple(
        (Check(kind="https", name=name, address=address, port=443), "200 ")
        for name, address in places.items()
    )


# What a lying resolver, or a forger on the path, says of a healthy site


def _lied_about(name: str, lie: answers.Answer, seen: str) -> Callable[[Scene], Staged]:
    def stage(scene: Scene) -> Staged:
        scene.site(name)
        scene.lie(name, lie)
        return ((Check(kind="dns", name=name, address=ISP_RESOLVER, port=53), seen),)

    return stage


def _injected(scene: Scene) -> Staged:
    name = "injected.example"
    scene.site(name)
    forged = scene.site("unrelated.example")
    scene.interfere(InjectDns(names=(name,), addresses=(forged,)))
    return ((Check(kind="dns", name=name, address=PUBLIC_RESOLVER, port=53), forged),)


# What a censor on the path does


def _stopped_address(
    name: str, condition: type[DropAddress] | type[RefuseAddress], seen: str
) -> Callable[[Scene], Staged]:
    def stage(scene: Scene) -> Staged:
        address = scene.site(name)
        scene.interfere(condition(addresses=(address,)))
        return ((Check(kind="tcp", name=name, address=address, port=443), seen),)

    return stage


def _stopped_name(
    scheme: str, name: str, condition: AnyCondition, seen: str
) -> Callable[[Scene], Staged]:
    def stage(scene: Scene) -> Staged:
        address = scene.site(name)
        scene.interfere(condition)
        port = 443 if scheme == "https" else 80
        return ((Check(kind=scheme, name=name, address=address, port=port), seen),)

    return stage


def _minted(scene: Scene) -> Staged:
    """An interceptor, staged at the servers: each shows the vantage a certificate of its own."""
    name = "minted.example"
    odd = serve(scene.stranger.context(name))
    address = scene.site(
        name, Site(scene.from_vantage(odd, scene.healthy(name).tls), scene.healthy(name).http)
    )
    if scene.on:
        refuse = scene.unknown_name
        scene.everywhere[name] = Site(scene.from_vantage(odd, refuse))
    return ((Check(kind="https", name=name, address=address, port=443), "untrusted"),)


def _block_page(scene: Scene) -> Staged:
    name = "shown.example"
    page = b"<!doctype html><title>Notice</title><p>Access was withdrawn by an order."
    length = ("Content-Length", str(len(page)))
    response = head(200, [("Content-Type", "text/html"), length]) + page
    address = scene.site(name)
    scene.interfere(AnswerHost(names=(name,), response=response))
    return ((Check(kind="http", name=name, address=address, port=80), "200 Notice"),)


def _redirected(scene: Scene) -> Staged:
    name, notice = "sent.example", "notice.example"
    scene.site(notice)
    location = ("Location", f"https://{notice}/")
    response = head(302, [location, ("Content-Length", "0")])
    address = scene.site(name)
    scene.interfere(AnswerHost(names=(name,), response=response))
    return ((Check(kind="http", name=name, address=address, port=80), "302 "),)


def _offline(scene: Scene) -> Staged:
    address = scene.site("reachable.example")
    return ((Check(kind="tcp", name="", address=address, port=443), "unreachable"),)


def secure(*hosts: str) -> tuple[str, ...]:
    """Targets over TLS."""
    return tuple(f"https://{host}/" for host in hosts)


TOGETHER = (
    Row("ok-http", "a plain site", ("http://plain.example/",), "ok", None,
        _served("http", "plain.example")),
    Row("ok-https", "a site over TLS, with IPv6", secure("secure.example"), "ok", None,
        _served("https", "secure.example", v6=True)),
    Row("ok-redirects", "every kind of redirect, a cookie on the way",
        ("http://moved.example/",), "ok", None, _redirects),
    Row("ok-idna", "an internationalised name, mixed case", ("BÜcher.Example",), "ok", None,
        _served("https", "xn--bcher-kva.example")),
    Row("ok-cdn", "resolvers lead to different edges", secure("delivered.example"), "ok", None,
        _cdn),
    Row("ok-control-down-tls", "the control can't be reached", secure("alone.example"), "ok",
        None, _control_down, NO_CONTROL),
    Row("restricted-451", "the site answers 451", secure("legal.example"), "restricted", None,
        _legal),
    Row("down-nxdomain", "a name nobody has", secure("nowhere.example"), "down", None, _nowhere),
    Row("down-refused", "the port is closed to everybody", secure("closed.example"), "down",
        None, _closed),
    Row("dns-nxdomain", "the ISP's resolver denies the name", secure("denied.example"),
        "blocked", "dns.nxdomain", _lied_about("denied.example", answers.nxdomain(), "NXDOMAIN")),
    Row("dns-bogon", "the ISP's resolver gives a private address", secure("bogus.example"),
        "blocked", "dns.bogon",
        _lied_about("bogus.example", answers.addresses("10.10.34.36"), "10.10.34.36")),
    Row("dns-blockpage", "the ISP's resolver leads to a block page", secure("led.example"),
        "blocked", "dns.wrong_address",
        _lied_about("led.example", answers.addresses(BLOCK_PAGE), BLOCK_PAGE)),
    Row("dns-injection", "forged answers outrun the resolver's", secure("injected.example"),
        "blocked", "dns.injection", _injected),
    Row("tcp-drop", "connections to the address vanish", secure("dropped.example"), "blocked",
        "tcp.timeout", _stopped_address("dropped.example", DropAddress, "timeout")),
    Row("tcp-refused", "connections to the address are reset", secure("turned.example"),
        "blocked", "tcp.refused", _stopped_address("turned.example", RefuseAddress, "refused")),
    Row("tls-reset", "RST at the name", secure("reset.example"), "blocked", "tls.reset",
        _stopped_name("https", "reset.example", ResetSni(names=("reset.example",)), "reset")),
    Row("tls-drop", "silence at the name", secure("silent.example"), "blocked", "tls.timeout",
        _stopped_name("https", "silent.example", DropSni(names=("silent.example",)), "timeout")),
    Row("tls-eof", "closed at the name", secure("ended.example"), "blocked", "tls.eof",
        _stopped_name("https", "ended.example", CloseSni(names=("ended.example",)), "eof")),
    Row("tls-mitm", "a forged certificate", secure("minted.example"), "blocked", "tls.mitm",
        _minted),
    Row("http-reset", "RST at the Host header", ("http://rst.example/",), "blocked",
        "http.reset",
        _stopped_name("http", "rst.example", ResetHost(names=("rst.example",)), "reset")),
    Row("http-drop", "silence at the Host header", ("http://mute.example/",), "blocked",
        "http.timeout",
        _stopped_name("http", "mute.example", DropHost(names=("mute.example",)), "timeout")),
    Row("http-blockpage-200", "an injected page, status 200", ("http://shown.example/",),
        "blocked", "http.blockpage", _block_page),
    Row("http-redirect-https", "an injected redirect to a page with a valid certificate",
        ("http://sent.example/",), "blocked", "http.redirect", _redirected),
    Row("offline", "no route: no verdict, exit code 68", secure("reachable.example"), "none",
        None, _offline, OFFLINE),
    Row("bomb", "gzip bomb, 100,000 headers, a byte a second; and the next site",
        secure("inflating.example", "headed.example", "dripping.example", "after.example"),
        "ok", None, _bomb),
)  # fmt: skip
"""One of each kind, in one scene: what is shown when time matters."""
