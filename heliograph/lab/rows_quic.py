"""Rows of QUIC: names dropped, cut off later or closed by a forger, and sites without it."""

from collections.abc import Callable

from heliograph.lab import responses
from heliograph.lab.censor import AnyCondition, BlockUdp, DropAddress
from heliograph.lab.quic_censor import CloseQuic, CutQuic, DropQuic
from heliograph.lab.row import FLAKY, NO_AAAA, RESIDUAL, Row, Staged
from heliograph.lab.rows_shown import unsteady
from heliograph.lab.scene import Scene, body_of
from heliograph.lab.witness import Check

_ALERT, _OWN_REASON = 0x100 + 40, 7
_TURNED_AWAY, _UNRECOGNISED = "closed 10", "closed 368"
"""What a witness is told whose ClientHello has a session id, as QUIC forbids: by a server that
would serve the name, and by one that would not."""


def _site(scene: Scene, name: str, *, strict: bool = False, closes: int | None = None) -> str:
    """A site that says it speaks HTTP/3, and does."""
    offer = ("Alt-Svc", 'h3=":443"; ma=86400')
    page = responses.page(body_of(name), headers=[offer])
    address = scene.site(name, scene.healthy(name, page))
    scene.speak_quic(address, name, strict=strict, closes=closes)
    return address


def _stopped(
    name: str, condition: AnyCondition, seen: str, kind: str = "quic", *, strict: bool = False
) -> Callable[[Scene], Staged]:
    """A site whose name is hit over QUIC."""

    def stage(scene: Scene) -> Staged:
        address = _site(scene, name, strict=strict)
        scene.interfere(condition)
        return ((_look(kind, name, address), seen),)

    return stage


def _served(name: str, *, strict: bool = False) -> Callable[[Scene], Staged]:
    def stage(scene: Scene) -> Staged:
        address = _site(scene, name, strict=strict)
        if not scene.on:
            del scene.quic[address]
        return ((_look("quic", name, address), _TURNED_AWAY),)

    return stage


def _not_served(scene: Scene) -> Staged:
    """An ordinary site over TCP, and nobody at the same port over UDP."""
    name = "classic.example"
    address = scene.site(name)
    if not scene.on:
        scene.speak_quic(address, name)
    return ((_look("quic", name, address), "refused"),)


def _another_name(scene: Scene) -> Staged:
    """The server at its address speaks QUIC for others only."""
    name = "shared.example"
    address = scene.site(name)
    scene.speak_quic(address, "neighbour.example" if scene.on else name, strict=True)
    return ((_look("quic", name, address), _UNRECOGNISED),)


def _closing(scene: Scene) -> Staged:
    """The site says it speaks HTTP/3, and ends every handshake for a reason of its own."""
    name = "moody.example"
    address = _site(scene, name, closes=_OWN_REASON if scene.on else None)
    return ((_look("quic", name, address), f"closed {_OWN_REASON}"),)


def _no_address(scene: Scene) -> Staged:
    """Whatever goes to the address vanishes, over whichever protocol."""
    name = "sunken.example"
    address = _site(scene, name)
    scene.interfere(DropAddress(addresses=(address,)))
    return ((_look("quic offer", name, address), "timeout"),)


def _no_udp(scene: Scene) -> Staged:
    """An office: nothing goes to port 443 over UDP, wherever it is."""
    name = "office.example"
    address = _site(scene, name)
    scene.interfere(BlockUdp(port=443))
    return ((_look("quic offer", name, address), "timeout"),)


def _lossy(scene: Scene) -> Staged:
    _site(scene, "leaky.example")
    return unsteady(scene)


def _look(kind: str, name: str, address: str) -> Check:
    return Check(kind=kind, name=name, address=address, port=443)


def _secure(host: str) -> tuple[str, ...]:
    return (f"https://{host}/",)


def _named(name: str) -> tuple[str, ...]:
    return (name,)


QUIC = (
    Row("quic-ok", "open over HTTP/3 to everybody", _secure("modern.example"), "ok", None,
        _served("modern.example"), probe="quic"),
    Row("quic-ok-strict", "the same, and it turns other names away", _secure("strict.example"),
        "ok", None, _served("strict.example", strict=True), probe="quic"),
    Row("quic-drop", "UDP 443 vanishes after an Initial with this name",
        _secure("stilled.example"), "blocked", "quic.timeout",
        _stopped("stilled.example", BlockUdp(port=443, names=_named("stilled.example")), "timeout",
                 strict=True), probe="quic"),
    Row("quic-drop-web", "the same, looked at over TCP", _secure("stilled-too.example"), "ok", None,
        _stopped("stilled-too.example", BlockUdp(port=443, names=_named("stilled-too.example")),
                 "timeout")),
    Row("quic-drop-late", "the same half a second later", _secure("fading.example"), "blocked",
        "quic.timeout",
        _stopped("fading.example", CutQuic(names=_named("fading.example"), after=0.5), "timeout",
                 "quic late"), probe="quic"),
    Row("quic-drop-residual", "the same at once, and for 60 s whatever goes to that address",
        _secure("dwelling.example"), "blocked", "quic.timeout",
        _stopped("dwelling.example", DropQuic(names=_named("dwelling.example"), seconds=60.0),
                 "timeout"), RESIDUAL, probe="quic"),
    Row("quic-close-racing", "a forged close at the name, the server answers later",
        _secure("raced-quic.example"), "blocked", "quic.failure",
        _stopped("raced-quic.example",
                 CloseQuic(names=_named("raced-quic.example"), code=_ALERT, racing=True),
                 f"closed {_ALERT}"), probe="quic"),
    Row("quic-close-inline", "a forged close at the name, the server hears nothing",
        _secure("shut-quic.example"), "blocked", "quic.failure",
        _stopped("shut-quic.example", CloseQuic(names=_named("shut-quic.example"), code=_ALERT),
                 f"closed {_ALERT}"), probe="quic"),
    Row("quic-udp443-all", "UDP 443 vanishes for everybody", _secure("office.example"),
        "inconclusive", None, _no_udp, NO_AAAA, probe="quic", odd="quic."),
    Row("quic-not-served", "a site without QUIC", _secure("classic.example"), "inconclusive",
        None, _not_served, probe="quic"),
    Row("quic-ip", "the address takes no packet at all", _secure("sunken.example"),
        "inconclusive", None, _no_address, probe="quic", odd="tcp."),
    Row("quic-down-name", "the server speaks QUIC for other names only",
        _secure("shared.example"), "inconclusive", None, _another_name, probe="quic"),
    Row("quic-down-closing", "the site closes every QUIC handshake", _secure("moody.example"),
        "inconclusive", None, _closing, probe="quic"),
    Row("quic-lossy", "10 % packet loss and 300 ms of jitter", _secure("leaky.example"), "ok",
        None, _lossy, FLAKY, probe="quic", also=("inconclusive",)),
)  # fmt: skip
