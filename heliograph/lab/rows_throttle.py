"""Rows of pages that come slowly: for one name alone, for all names of a server, for everybody."""

from collections.abc import Callable

from heliograph.lab import responses
from heliograph.lab.censor import Freeze, Limit, Police
from heliograph.lab.handshakes import TlsStage
from heliograph.lab.hello import server_name
from heliograph.lab.origins import Site
from heliograph.lab.responses import HttpStage
from heliograph.lab.row import CONGESTED, FLAKY, Row, Staged
from heliograph.lab.rows_shown import unsteady
from heliograph.lab.scene import Scene, Server
from heliograph.lab.wire import Stream, Wire
from heliograph.lab.witness import Check

_PAGE = b"<!doctype html><title>A long page</title>" + b"<p>There is more to be read." * 2900
_WHOLE, _SLOWLY = "79 KiB", "79 KiB, slowly"
_RATE = 16_000.0
"""128 kbit/s, as in Russia in 2021."""
_POLICED = 40_000.0
"""Lost segments are sent again after a while, so less than this arrives."""
_USUAL = responses.page(_PAGE)


def _served(scene: Scene, name: str, http: HttpStage, *, shared: bool) -> str:
    """A server for a name, and for every other one where it is ``shared``; its address."""
    site = Site(scene.tls(name), http)
    address = scene.site(name, site)
    if shared:
        scene.servers[-1] = Server(address, {name: site}, (443,), site)
    return address


def _slow(name: str, *, shared: bool = True, policed: bool = False) -> Callable[[Scene], Staged]:
    """Somebody on the way slows the name down; the server knows other names, or does not."""

    def stage(scene: Scene) -> Staged:
        address = _served(scene, name, _USUAL, shared=shared)
        if policed:
            scene.interfere(Police(names=(name,), rate=_POLICED))
        else:
            scene.interfere(Limit(names=(name,), rate=_RATE))
        return ((_bulk(name, address), _SLOWLY),)

    return stage


def _nameless(scene: Scene) -> Staged:
    """The server takes no other name, and serves who says none."""
    name = "nameless.example"
    address = scene.site(name, Site(scene.tls(name), _USUAL))
    default = Site(_unless_named(scene.tls(name), scene.unknown_name), _USUAL)
    scene.servers[-1] = Server(address, {name: Site(scene.tls(name), _USUAL)}, (443,), default)
    scene.interfere(Limit(names=(name,), rate=_RATE))
    return ((_bulk(name, address), _SLOWLY),)


def _unless_named(usual: TlsStage, named: TlsStage) -> TlsStage:
    async def stage(wire: Wire, hello: bytes) -> Stream | None:
        return await (usual if server_name(hello) is None else named)(wire, hello)

    return stage


def _frozen(scene: Scene) -> Staged:
    name = "icebound.example"
    address = _served(scene, name, responses.in_pieces(_PAGE), shared=True)
    scene.interfere(Freeze(names=(name,)))
    return ((_bulk(name, address), "12 KiB, then silence"),)


def _slow_server(scene: Scene) -> Staged:
    name = "leisurely.example"
    slowly = responses.paced_body(_PAGE, rate=40_000)
    http = slowly if scene.on else _USUAL
    return ((_bulk(name, _served(scene, name, http, shared=True)), _SLOWLY),)


def _quick(scene: Scene) -> Staged:
    """The condition is that the page is there at all."""
    name = "brisk.example"
    http = _USUAL if scene.on else scene.dated(b"")
    return ((_bulk(name, _served(scene, name, http, shared=True)), _WHOLE),)


def _congested(name: str) -> Callable[[Scene], Staged]:
    """The line is slow, whatever is said."""

    def stage(scene: Scene) -> Staged:
        address = _served(scene, name, _USUAL, shared=True)
        limit = Limit(rate=_RATE)
        if limit not in scene.conditions:
            scene.interfere(limit)
        return ((_bulk(name, address), _SLOWLY),)

    return stage


def _lossy(scene: Scene) -> Staged:
    _served(scene, "blustery.example", _USUAL, shared=True)
    return unsteady(scene)


def _bulk(name: str, address: str) -> Check:
    return Check(kind="bulk", name=name, address=address, port=443)


def _row(
    name: str,
    meaning: str,
    host: str,
    verdict: tuple[str, str | None],
    stage: Callable[[Scene], Staged],
) -> Row:
    return Row(name, meaning, (f"https://{host}/",), *verdict, stage, probe="throttle")


_SLOWED = ("throttled", "throttle")
THROTTLING = (
    _row("throttle-sni", "128 kbit/s at the name, another name there is fast", "sluggish.example",
         _SLOWED, _slow("sluggish.example")),
    Row("throttle-sni-web", "the same, seen by the web probe", ("https://treacle.example/",),
        *_SLOWED, _slow("treacle.example")),
    _row("throttle-policed", "segments beyond a rate are dropped at the name", "policed.example",
         _SLOWED, _slow("policed.example", policed=True)),
    _row("throttle-nameless", "slow at the name; the server knows no other, but serves none at all",
         "nameless.example", _SLOWED, _nameless),
    _row("throttle-no-pair", "slow at the name; the server knows no other", "solitary.example",
         ("inconclusive", None), _slow("solitary.example", shared=False)),
    _row("throttle-frozen", "frozen after 16 kB at the name, another name there is whole",
         "icebound.example", ("blocked", "http.truncated"), _frozen),
    _row("slow-server", "the server is slow for everybody and under every name",
         "leisurely.example", ("ok", None), _slow_server),
    _row("quick-server", "nothing is slow", "brisk.example", ("ok", None), _quick),
    Row("slow-line", "128 kbit/s for everything", ("https://viscous.example/",), "ok", None,
        _congested("viscous.example"), CONGESTED, probe="throttle", also=("inconclusive",)),
    Row("throttle-lossy", "10 % packet loss and 300 ms of jitter",
        ("https://blustery.example/",), "ok", None, _lossy, FLAKY, probe="throttle",
        also=("inconclusive",)),
    Row("slow-line-web", "128 kbit/s for everything, seen by the web probe",
        ("https://thick.example/",), "ok", None, _congested("thick.example"), CONGESTED,
        also=("inconclusive",)),
)  # fmt: skip
