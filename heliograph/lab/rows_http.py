"""Rows of requests in the clear, and of where their answers lead: what a censor makes of them."""

from collections.abc import Callable

from heliograph.lab import answers, responses
from heliograph.lab.censor import AnswerHost, CloseHost, Freeze, ResetHost, ResetSni
from heliograph.lab.responses import head
from heliograph.lab.row import Row, Staged
from heliograph.lab.scene import BLOCK_PAGE, Scene
from heliograph.lab.witness import Check

_LONG = b"<!doctype html><title>A long page</title>" + b"<p>There is more to be read." * 2200
_DENIED = b"<!doctype html><title>Access denied</title><p>This address was blocked by an order."
_CURT = b"<!doctype html><title>Hm</title><p>-"
"""Nothing in it says what it is."""


def _reset_racing(scene: Scene) -> Staged:
    """From beside the path: the server gets the request, and its answer comes too late."""
    name = "outrun.example"
    address = scene.site(name)
    scene.interfere(ResetHost(names=(name,), racing=True))
    return ((_clear(name, address), "reset"),)


def _closed(scene: Scene) -> Staged:
    name = "shut.example"
    address = scene.site(name)
    scene.interfere(CloseHost(names=(name,)))
    return ((_clear(name, address), "eof"),)


def _answered(
    name: str, page: bytes, status: int, seen: str, *, racing: bool = False
) -> Callable[[Scene], Staged]:
    """A page in the site's name, from the path or from beside it."""

    def stage(scene: Scene) -> Staged:
        address = scene.site(name)
        headers = [("Content-Type", "text/html"), ("Content-Length", str(len(page)))]
        response = head(status, headers) + page
        scene.interfere(AnswerHost(names=(name,), response=response, racing=racing))
        return ((_clear(name, address), seen),)

    return stage


def _redirected(scene: Scene) -> Staged:
    """To the provider's page, under another name and in the clear."""
    name, notice = "steered.example", "notices.example"
    address = scene.site(name)
    scene.truth[notice] = answers.addresses(BLOCK_PAGE)
    headers = [("Location", f"http://{notice}/?from={name}"), ("Content-Length", "0")]
    scene.interfere(AnswerHost(names=(name,), response=head(302, headers)))
    return ((_clear(name, address), "302 "),)


def _second_hop(scene: Scene) -> Staged:
    """The site leads everybody to another host, whose name is hit."""
    name, beyond = "doorway.example", "beyond.example"
    scene.site(name, scene.healthy(name, responses.redirect(f"https://{beyond}/")))
    address = scene.site(beyond)
    scene.interfere(ResetSni(names=(beyond,)))
    return ((Check(kind="https", name=beyond, address=address, port=443), "reset"),)


def _frozen(name: str, port: int, seen: str) -> Callable[[Scene], Staged]:
    """16 kB of what the server says pass, and then nothing more, for this name alone."""

    def stage(scene: Scene) -> Staged:
        address = scene.site(name, scene.healthy(name, responses.in_pieces(_LONG)))
        scene.interfere(Freeze(names=(name,)))
        check = Check(kind="bulk", name=name, address=address, port=port)
        return ((check, f"{seen}, then silence"),)

    return stage


def _clear(name: str, address: str) -> Check:
    return Check(kind="http", name=name, address=address, port=80)


HTTP = (
    Row("http-eof", "closed at the Host header", ("http://shut.example/",), "blocked", "http.eof",
        _closed),
    Row("http-reset-racing", "RST at the Host header, the request goes on",
        ("http://outrun.example/",), "blocked", "http.reset", _reset_racing),
    Row("http-blockpage-racing", "an injected page, the request goes on",
        ("http://overtaken.example/",), "blocked", "http.blockpage",
        _answered("overtaken.example", _DENIED, 200, "200 Access denied", racing=True)),
    Row("http-blockpage-403", "an injected page, status 403", ("http://forbidden.example/",),
        "blocked", "http.blockpage",
        _answered("forbidden.example", _DENIED, 403, "403 Access denied")),
    Row("http-blockpage-unknown", "an injected page that says nothing of itself",
        ("http://curt.example/",), "blocked", "http.blockpage",
        _answered("curt.example", _CURT, 200, "200 Hm"), also=("blocked http.tampered",)),
    Row("http-redirect", "an injected redirect to a page of the provider's",
        ("http://steered.example/",), "blocked", "http.redirect", _redirected),
    Row("http-redirect-second-hop", "the site leads to a host whose name is reset",
        ("http://doorway.example/",), "blocked", "tls.reset", _second_hop, hop=2),
    Row("http-truncated", "frozen after 16 kB, in the clear", ("http://frozen.example/",),
        "blocked", "http.truncated", _frozen("frozen.example", 80, "16 KiB")),
    Row("http-truncated-https", "frozen after 16 kB, over TLS", ("https://icy.example/",),
        "blocked", "http.truncated", _frozen("icy.example", 443, "12 KiB")),
)  # fmt: skip
