"""Rows beyond the catalogue's scenarios: censors that are easily taken for something else."""

from collections.abc import Callable

from heliograph.lab import responses
from heliograph.lab.censor import AlertSni, AnswerHost, AnyCondition, CutOff, Freeze, ResetSni
from heliograph.lab.responses import head
from heliograph.lab.row import NO_CONTROL, RESIDUAL, Row, Staged
from heliograph.lab.rows_shown import secure, welcome
from heliograph.lab.scene import Scene
from heliograph.lab.witness import Check

_UNKNOWN_NAME = 112
"""The alert by which servers turn away names that are not theirs (RFC 6066)."""
_NOTICE = b"<!doctype html><title>Notice</title><p>Access was withdrawn by an order."
_LONG = b"<!doctype html><title>A long page</title>" + b"<p>There is more to be read." * 2200
_A_WHILE = 300.0


def _page(status: int, body: bytes) -> bytes:
    length = ("Content-Length", str(len(body)))
    return head(status, [("Content-Type", "text/html"), length]) + body


def _answered(name: str, response: bytes, seen: str) -> Callable[[Scene], Staged]:
    """In the clear this comes in the site's name."""

    def stage(scene: Scene) -> Staged:
        address = scene.site(name)
        scene.interfere(AnswerHost(names=(name,), response=response))
        return ((_clear(name, address), seen),)

    return stage


def _titled(scene: Scene) -> Staged:
    """The notice has the title of the page it stands for; a stranger's server has neither."""
    name = "masked.example"
    title = f"<!doctype html><title>Welcome to {name.partition('.')[0]}</title>"
    page = f"{title}<p>Access to this address was withdrawn by an order of the court.".encode()
    scene.site(name)
    elsewhere = scene.site("uninvolved.example")
    scene.interfere(AnswerHost(names=(name,), response=_page(200, page)))
    return ((_clear(name, elsewhere), welcome(200, name)),)


def _to_itself(scene: Scene) -> Staged:
    """A redirect to another page of the same host, where the notice comes."""
    name = "mirrored.example"
    address = scene.site(name)
    location = [("Location", f"http://{name}/notice"), ("Content-Length", "0")]
    scene.interfere(
        AnswerHost(names=(name,), response=_page(200, _NOTICE), target="/notice"),
        AnswerHost(names=(name,), response=head(302, location)),
    )
    return ((_clear(name, address), "302 "),)


def _midway(scene: Scene) -> Staged:
    """16 kB of the page pass, and then the connection is reset."""
    name = "severed.example"
    address = scene.site(name, scene.healthy(name, responses.in_pieces(_LONG)))
    scene.interfere(CutOff(names=(name,)))
    return ((Check(kind="bulk", name=name, address=address, port=80), "reset"),)


def _once(scene: Scene) -> Staged:
    """A visitor is shown the notice once, and may then go on for a while."""
    name = "forewarned.example"
    address = scene.site(name)
    notice = AnswerHost(names=(name,), response=_page(200, _NOTICE), once_in=_A_WHILE)
    scene.interfere(notice)
    return ((_clear(name, address), "200 Notice"),)


def _at_name(
    name: str, condition: AnyCondition, seen: str, kind: str = "https", *, everywhere: bool = False
) -> Callable[[Scene], Staged]:
    """The name is hit on the path, and ``everywhere`` on the control's as well."""

    def stage(scene: Scene) -> Staged:
        address = scene.site(name)
        scene.interfere(condition)
        if everywhere:
            scene.interfere_at_control(condition)
        return ((Check(kind=kind, name=name, address=address, port=443), seen),)

    return stage


def _clear(name: str, address: str) -> Check:
    return Check(kind="http", name=name, address=address, port=80)


_PAGE = ("blocked http.blockpage", "blocked http.tampered")

BEYOND_CENSORS = (
    Row("tls-reset-both", "RST at the name here, and where the control is",
        secure("twicebanned.example"), "blocked", "tls.reset",
        _at_name("twicebanned.example", ResetSni(names=("twicebanned.example",)), "reset",
                 everywhere=True)),
    Row("tls-alert-unknown-name", "the alert of a server that does not know the name",
        secure("disowned.example"), "blocked", "tls.alert",
        _at_name("disowned.example", AlertSni(names=("disowned.example",), number=_UNKNOWN_NAME),
                 "no tls"), also=("inconclusive",)),
    Row("tls-certificate-lost", "of what the server says to the name 100 bytes pass",
        secure("gagged.example"), "blocked", "tls.timeout",
        _at_name("gagged.example", Freeze(names=("gagged.example",), after=100), "timeout"),
        also=("inconclusive",)),
    Row("tls-chance", "RST at the name, two times of three",
        secure("gambled.example"), "blocked", "tls.reset",
        _at_name("gambled.example", ResetSni(names=("gambled.example",), share=0.66),
                 f"{welcome(200, 'gambled.example')} or reset", "tries"),
        also=("ok", "inconclusive")),
    Row("tls-reset-control-down", "RST at the name, and the control can't be reached",
        secure("unaided.example"), "blocked", "tls.reset",
        _at_name("unaided.example", ResetSni(names=("unaided.example",)), "reset"), NO_CONTROL),
    Row("http-blockpage-control-down", "an injected page, and the control can't be reached",
        ("http://unwitnessed.example/",), "blocked", "http.blockpage",
        _answered("unwitnessed.example", _page(200, _NOTICE), "200 Notice"), NO_CONTROL,
        also=("inconclusive",)),
    Row("http-blockpage-titled", "an injected page with the title of the true one",
        ("http://masked.example/",), "blocked", "http.blockpage", _titled, also=_PAGE),
    Row("http-empty", "an injected page with nothing in it", ("http://hollow.example/",),
        "blocked", "http.blockpage", _answered("hollow.example", _page(200, b""), "200 "),
        also=_PAGE),
    Row("http-451-injected", "an injected page, status 451", ("http://outlawed.example/",),
        "blocked", "http.blockpage",
        _answered("outlawed.example", _page(451, _NOTICE), "451 Notice"), also=_PAGE),
    Row("http-redirect-self", "an injected redirect to a page of the same host",
        ("http://mirrored.example/",), "blocked", "http.blockpage", _to_itself, hop=2,
        also=("blocked http.tampered", "blocked http.redirect at hop 1")),
    Row("http-reset-midway", "RST after 16 kB of the page", ("http://severed.example/",),
        "blocked", "http.truncated", _midway, also=("blocked http.reset",)),
    Row("http-blockpage-once", "a page injected at the first visit only",
        ("http://forewarned.example/",), "inconclusive", None, _once, RESIDUAL, also=_PAGE),
)  # fmt: skip
