"""Rows of the hop where it happens: a vantage behind five routers, and censors between them."""

from collections.abc import Callable
from dataclasses import replace

from heliograph.lab import handshakes
from heliograph.lab.censor import (
    AnswerHost,
    AnyCondition,
    DropSni,
    InjectDns,
    ResetHost,
    ResetSni,
)
from heliograph.lab.origins import Site
from heliograph.lab.responses import head
from heliograph.lab.row import LOSSY_WAY, MUTE, ROUTED, Row, Staged
from heliograph.lab.rows_shown import LOSSY, WEATHER, secure, welcome
from heliograph.lab.scene import ISP_RESOLVER, Scene
from heliograph.lab.witness import Check

_FORGED = "198.18.77.7"
_NOTICE = b"<!doctype html><title>Notice</title><p>Withdrawn by order."
_BLOCK_PAGE = head(200, [("Content-Length", str(len(_NOTICE)))]) + _NOTICE
_RESETS = "with flags RA, arriving with TTL 62, IP id 0, DF, window 502"
"""What the lab's censor forges (heliograph.lab.packets), two routers later."""


def _at(
    hop: int,
    name: str,
    condition: AnyCondition,
    seen: str,
    kind: str = "https",
    *,
    v6: bool = False,
) -> Callable[[Scene], Staged]:
    """A site whose name is hit on the link to a router."""
    port = 80 if kind == "http" else 443

    def stage(scene: Scene) -> Staged:
        address = scene.site_v6(name) if v6 else scene.site(name)
        scene.interfere_at(hop, condition)
        return ((Check(kind=kind, name=name, address=address, port=port), seen),)

    return stage


def _mute(name: str, condition: AnyCondition, seen: str) -> Callable[[Scene], Staged]:
    def stage(scene: Scene) -> Staged:
        scene.mute_routers = scene.on
        return _at(3, name, condition, seen)(scene)

    return stage


def _clean(scene: Scene) -> Staged:
    """Nobody interferes; without it, the site is gone."""
    name = "plain.example"
    address = scene.site(name, ports=(80, 443) if scene.on else ())
    scene.routed = True
    return ((Check(kind="https", name=name, address=address, port=443), welcome(200, name)),)


def _forger(scene: Scene) -> Staged:
    name = "forged.example"
    scene.site(name)
    scene.interfere_at(4, InjectDns(names=(name,), addresses=(_FORGED,)))
    return ((Check(kind="dns", name=name, address=ISP_RESOLVER, port=53), _FORGED),)


def _lossy(scene: Scene) -> Staged:
    scene.site("windblown.example")
    scene.interfere_at(4, *LOSSY)
    return ((WEATHER, "lossy, unsteady"),)


def _server(name: str) -> Callable[[Scene], Staged]:
    """The server itself resets whoever says the name."""

    def stage(scene: Scene) -> Staged:
        usual = scene.healthy(name)
        site = Site(handshakes.reset(), usual.http) if scene.on else usual
        address = scene.site(name, site)
        scene.routed = True
        return ((Check(kind="https", name=name, address=address, port=443), "reset"),)

    return stage


def _row(
    name: str,
    meaning: str,
    site: str,
    verdict: tuple[str, str | None],
    stage: Callable[[Scene], Staged],
    tells: str = "",
) -> Row:
    targets = (f"http://{site}/",) if "-http-" in name else secure(site)
    probe = "trace-raw" if name.startswith("trace-raw") else "trace"
    return Row(
        name,
        meaning,
        targets,
        *verdict,
        stage,
        ROUTED,
        probe=probe,
        tells=tells,
        without_rights=probe == "trace",
    )


def _hit(name: str) -> tuple[str, ...]:
    return (name,)


TRACE = (
    _row("trace-reset-on-path", "reset from beside the way to the third router",
         "watched.example", ("blocked", "tls.reset"),
         _at(3, "watched.example", ResetSni(names=_hit("watched.example"), racing=True), "reset"),
         "at hop 3 of 6 (in AS64508 Example Transit, XA)"),
    _row("trace-reset-in-path", "reset in the way to the fourth router",
         "gated.example", ("blocked", "tls.reset"),
         _at(4, "gated.example", ResetSni(names=_hit("gated.example")), "reset"),
         "at hop 4 of 6 (in AS64508 Example Transit, XA)"),
    _row("trace-drop-in-path", "the name vanishes on the way to the third router",
         "engulfed.example", ("blocked", "tls.timeout"),
         _at(3, "engulfed.example", DropSni(names=_hit("engulfed.example")), "timeout"),
         "at hop 3 of 6 (in AS64508 Example Transit, XA)"),
    _row("trace-reset-v6", "reset from beside the way to the third router, over IPv6",
         "watched6.example", ("blocked", "tls.reset"),
         _at(3, "watched6.example", ResetSni(names=_hit("watched6.example"), racing=True), "reset",
             v6=True), "at hop 3 of 6 (in AS64508 Example Transit, XA)"),
    _row("trace-drop-v6", "the name vanishes on the way to the fourth router, over IPv6",
         "engulfed6.example", ("blocked", "tls.timeout"),
         _at(4, "engulfed6.example", DropSni(names=_hit("engulfed6.example")), "timeout", v6=True),
         "at hop 4 of 6 (in AS64508 Example Transit, XA)"),
    _row("trace-http-reset", "reset of a request beside the way to the fourth router",
         "overheard.example", ("blocked", "http.reset"),
         _at(4, "overheard.example", ResetHost(names=_hit("overheard.example"), racing=True),
             "reset", "http"), "at hop 4 of 6"),
    _row("trace-http-page", "a notice in the way to the third router", "noticed.example",
         ("blocked", "http.blockpage"),
         _at(3, "noticed.example",
             AnswerHost(names=_hit("noticed.example"), response=_BLOCK_PAGE), "200 Notice",
             "http"), "at hop 3 of 6"),
    _row("trace-dns-forger", "answers forged beside the way to the fourth router",
         "forged.example", ("blocked", "dns.injection"), _forger, "at hop 4"),
    _row("trace-clean", "nobody interferes", "plain.example", ("ok", None), _clean,
         "all 6 hops"),
    _row("trace-server-resets", "the server itself resets the name", "curt.example",
         ("inconclusive", None), _server("curt.example"), "at hop 6: the server itself"),
    replace(
        _row("trace-mute-reset", "a reset, and routers that say nothing", "watched-too.example",
             ("blocked", "tls.reset"),
             _mute("watched-too.example", ResetSni(names=_hit("watched-too.example"), racing=True),
                   "reset"), "at hop 3 of 6"), surroundings=MUTE),
    replace(
        _row("trace-mute-drop", "the name vanishes where routers say nothing",
             "engulfed-too.example", ("inconclusive", None),
             _mute("engulfed-too.example", DropSni(names=_hit("engulfed-too.example")), "timeout"),
             "the server itself may do it"), surroundings=MUTE),
    replace(
        _row("trace-lossy", "10 % packet loss and 300 ms of jitter beyond the third router",
             "windblown.example", ("ok", None), _lossy),
        surroundings=LOSSY_WAY, also=("inconclusive",)),
    _row("trace-raw-on-path", "resets from beside the way, captured with rights",
         "caught.example", ("blocked", "tls.reset"),
         _at(3, "caught.example", ResetSni(names=_hit("caught.example"), racing=True), "reset"),
         f"beside the way, since the packet goes on (resets: 3 {_RESETS})"),
    _row("trace-raw-in-path", "a reset in the way, captured with rights",
         "caught-too.example", ("blocked", "tls.reset"),
         _at(3, "caught-too.example", ResetSni(names=_hit("caught-too.example")), "reset"),
         f"in the way, since the packet goes no further (resets: 1 {_RESETS})"),
)  # fmt: skip
