"""Rows of sites that nobody blocks: open, odd to look at, closed to some, or down for everybody."""

import secrets
from collections.abc import Callable

from heliograph.lab import answers, handshakes, responses
from heliograph.lab.censor import DropAddress, InjectDns
from heliograph.lab.handshakes import TlsStage
from heliograph.lab.origins import Site
from heliograph.lab.request import Request
from heliograph.lab.responses import HttpStage
from heliograph.lab.row import FLAKY, Row, Staged
from heliograph.lab.rows_shown import unsteady
from heliograph.lab.scene import CONTROL_NETWORK, ISP_RESOLVER, PUBLIC_RESOLVER, Scene, body_of
from heliograph.lab.wire import Stream
from heliograph.lab.witness import Check

_LARGE = 32 * 1024 * 1024
_SLOW, _RATE = 100_000, 20_000
_PRIVATE = "192.168.7.7"
_CAPTCHA = (
    b"<!doctype html><title>Are you a robot?</title><p>Please solve this to go on."
    b'<form method="post"><div class="g-recaptcha" data-sitekey="none"></div></form>'
)
_ABROAD = (
    b"<!doctype html><title>Not available</title><p>This service is not offered in your country."
)
_GERMAN = (
    b'<!doctype html><html lang="de"><title>Willkommen daheim</title>'
    b"<p>Hier steht, was es Neues gibt, in der Sprache des Landes, aus dem gefragt wurde."
)


def _shown(name: str, on: HttpStage, seen: str, kind: str = "https") -> Callable[[Scene], Staged]:
    """A site that shows everybody this instead of its usual page."""

    def stage(scene: Scene) -> Staged:
        address = scene.site(name, scene.healthy(name, on if scene.on else None))
        return ((_look(kind, name, address), seen),)

    return stage


def _shown_here(name: str, page: HttpStage, seen: str) -> Callable[[Scene], Staged]:
    """A site that shows visitors from the vantage's network a page of its own."""

    def stage(scene: Scene) -> Staged:
        usual = responses.page(body_of(name))
        address = scene.site(name, scene.healthy(name, scene.shown_here(page, usual)))
        return ((_look("https", name, address), seen),)

    return stage


def _ever_new(name: str) -> HttpStage:
    """No two answers are alike: news, advertisements, nonces, and the headers."""
    words = ("harbour", "orchard", "letter", "winter", "railway", "garden", "market", "river")

    async def stage(stream: Stream, request: Request) -> None:
        said = " ".join(secrets.choice(words) for _ in range(20 + secrets.randbelow(60)))
        page = (
            f"<p>Today: {said}.<div id='ad-{secrets.token_hex(4)}'>Buy {secrets.choice(words)}!"
            f"</div><script nonce='{secrets.token_hex(16)}'>go({secrets.randbelow(10**9)})</script>"
        )
        headers = [
            ("Set-Cookie", f"visit={secrets.token_hex(12)}; Path=/"),
            (f"X-Edge-{secrets.token_hex(2)}", secrets.token_hex(secrets.randbelow(20) + 1)),
        ]
        await responses.page(body_of(name) + page.encode(), headers=headers)(stream, request)

    return stage


def _flaky(scene: Scene) -> Staged:
    scene.site("flaky.example")
    return unsteady(scene)


def _vanished(scene: Scene) -> Staged:
    """Whatever goes to the address vanishes, whoever sends it."""
    name = "adrift.example"
    address = scene.site(name)
    lost = DropAddress(addresses=(address,))
    scene.interfere(lost)
    scene.interfere_at_control(lost)
    return ((Check(kind="tcp", name=name, address=address, port=443), "timeout"),)


def _bad_handshake(name: str, odd: Callable[[Scene], TlsStage]) -> Callable[[Scene], Staged]:
    """The site shows everybody a certificate that is not good for its name, or no longer."""

    def stage(scene: Scene) -> Staged:
        usual = scene.healthy(name)
        address = scene.site(name, Site(odd(scene), usual.http) if scene.on else usual)
        return ((_look("https", name, address), "untrusted"),)

    return stage


def _expired(scene: Scene) -> TlsStage:
    return handshakes.serve(scene.authority.expired("expired.example"))


def _misnamed(scene: Scene) -> TlsStage:
    return handshakes.serve(scene.authority.context("somebody.example"))


def _circling(stop: str) -> HttpStage:
    """From one place to the next, for ever."""

    async def stage(stream: Stream, request: Request) -> None:
        step = request.path.rpartition("/")[2]
        following = int(step) + 1 if step.isdecimal() else 1
        await responses.redirect(f"{stop}/{following}")(stream, request)

    return stage


def _private(scene: Scene) -> Staged:
    """Every resolver says what the site's own name servers say: an address in a home network."""
    name = "indoors.example"
    scene.site(name)
    if scene.on:
        scene.truth[name] = answers.addresses(_PRIVATE)
    return tuple(
        (Check(kind="dns", name=name, address=whom, port=53), _PRIVATE)
        for whom in (ISP_RESOLVER, PUBLIC_RESOLVER)
    )


def _control_refused(scheme: str, name: str) -> Callable[[Scene], Staged]:
    """The site's firewall takes the control for a robot; the vantage is shown the page."""

    def stage(scene: Scene) -> Staged:
        page = b"<!doctype html><title>Forbidden</title><p>Automated requests are not welcome."
        odd, usual = responses.page(page, status=403), responses.page(body_of(name))
        site = scene.healthy(name, scene.shown_here(odd, usual, CONTROL_NETWORK))
        return ((_look(scheme, name, scene.site(name, site)), "403 Forbidden"),)

    return stage


def _control_poisoned(name: str, *, lives: bool = True) -> Callable[[Scene], Staged]:
    """Whoever the control asks, a forged answer comes first; nobody forges here."""

    def stage(scene: Scene) -> Staged:
        scene.site(name)
        forged = scene.site(f"instead-of-{name}")
        if scene.on and not lives:
            del scene.truth[name]
        scene.interfere_at_control(InjectDns(names=(name,), addresses=(forged,)))
        check = Check(kind="dns", name=name, address=PUBLIC_RESOLVER, port=53)
        return ((check, forged),)

    return stage


def _look(kind: str, name: str, address: str) -> Check:
    return Check(kind=kind, name=name, address=address, port=80 if kind == "http" else 443)


def _both(host: str) -> tuple[str, ...]:
    return (f"https://{host}/", f"http://{host}/")


def _secure(host: str) -> tuple[str, ...]:
    return (f"https://{host}/",)


OPEN = (
    Row("ok-large", "a body of 32 MiB, cut by our own limit", _both("large.example"), "ok", None,
        _shown("large.example", responses.long_body(_LARGE), "32768 KiB", "bulk")),
    Row("ok-dynamic", "another body and other headers on every request", _both("dynamic.example"),
        "ok", None, _shown("dynamic.example", _ever_new("dynamic.example"), "differs", "twice")),
    Row("ok-localised", "another language and title than elsewhere", _secure("local.example"),
        "ok", None,
        _shown_here("local.example", responses.page(_GERMAN), "200 Willkommen daheim")),
    Row("ok-slow", "20 kB/s for everybody", _both("slow.example"), "ok", None,
        _shown("slow.example", responses.paced_body(b"x" * _SLOW, rate=_RATE), "97 KiB, slowly",
               "bulk")),
    Row("ok-flaky", "10 % packet loss and 300 ms of jitter", _both("flaky.example"), "ok", None,
        _flaky, FLAKY, also=("inconclusive",)),
    Row("restricted-captcha", "the site asks visitors from here who they are, by status 403",
        _secure("asking.example"), "restricted", None,
        _shown_here("asking.example", responses.page(_CAPTCHA, status=403),
                    "403 Are you a robot?")),
    Row("restricted-captcha-200", "the same, by a page with status 200",
        _secure("puzzling.example"), "restricted", None,
        _shown_here("puzzling.example", responses.page(_CAPTCHA), "200 Are you a robot?")),
    Row("restricted-geo", "the site does not serve this country", _secure("foreign.example"),
        "restricted", None,
        _shown_here("foreign.example", responses.page(_ABROAD, status=403), "403 Not available")),
    Row("down-timeout", "nobody's packets arrive", _secure("adrift.example"), "down", None,
        _vanished),
    Row("down-expired-cert", "the certificate ended with the year 2000",
        _secure("expired.example"), "down", None, _bad_handshake("expired.example", _expired)),
    Row("down-wrong-name", "the certificate is for another name", _secure("misnamed.example"),
        "down", None, _bad_handshake("misnamed.example", _misnamed)),
    Row("down-redirect-loop", "redirects without an end, for everybody",
        _secure("circling.example"), "down", None,
        _shown("circling.example", _circling("https://circling.example"), "302 ")),
    Row("down-private-dns", "the site's own DNS gives a private address",
        _secure("indoors.example"), "down", None, _private),
    Row("down-5xx", "status 502 for everybody", _both("gateway.example"), "down", None,
        _shown("gateway.example",
               responses.page(b"<title>Bad gateway</title>", status=502), "502 Bad gateway")),
    Row("control-refused", "the site refuses the control, not us", _secure("picky.example"), "ok",
        None, _control_refused("https", "picky.example"), from_control=True),
    Row("control-refused-http", "the same in the clear", ("http://choosy.example/",), "ok", None,
        _control_refused("http", "choosy.example"), from_control=True, also=("inconclusive",)),
    Row("control-poisoned", "the control's own resolver is forged", _both("misled.example"), "ok",
        None, _control_poisoned("misled.example"), from_control=True, also=("inconclusive",)),
    Row("control-poisoned-dead", "the same, and nobody has the name",
        _secure("nonesuch.example"), "down", None,
        _control_poisoned("nonesuch.example", lives=False), from_control=True,
        also=("inconclusive",)),
)  # fmt: skip
