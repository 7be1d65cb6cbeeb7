"""Rows of public pages: there, gone for everybody or from here, or not to be told.

Each site has a post at its root, whose words the list expects, and rules at ``/rules``, which tell
whether the site is as ever.
"""

import itertools
from collections.abc import Callable

from heliograph.lab import responses
from heliograph.lab.censor import ResetSni
from heliograph.lab.request import Request
from heliograph.lab.responses import HttpStage
from heliograph.lab.row import Row, Staged
from heliograph.lab.scene import Scene
from heliograph.lab.wire import Stream
from heliograph.lab.witness import Check

POST, RULES = "The river rose again tonight", "Be kind to each other"
_FORM = "<form><input name=u><input type=password></form>"


def _page(title: str, words: str, more: str = "") -> bytes:
    return f"<!doctype html><title>{title}</title><h1>Board</h1><p>{words}</p>{more}".encode()


_POST, _RULES = _page("Post", POST), _page("Rules", RULES)
_GONE = _page("Gone", "There is nothing to be seen here.")
_EMPTY = _page("Welcome", "All is new here.")
_TEST = b"<!doctype html><title>Just a moment...</title><script>var _cf_chl_opt = {}</script>"


def _board(post: HttpStage, rules: bytes = _RULES) -> HttpStage:
    pages = {
        "/": post,
        "/rules": responses.page(rules),
        "/login": responses.page(_page("Log", _FORM)),
    }
    return responses.by_path(pages)


_NOT_FOUND = responses.page(_GONE, status=404)
_AS_EVER = _board(responses.page(_POST))


def _site(
    name: str, odd: HttpStage, seen: str, kind: str = "https", *, here: bool = False
) -> Callable[[Scene], Staged]:
    """A site that shows everybody, or visitors from the vantage's network alone, odd pages."""

    def stage(scene: Scene) -> Staged:
        shown = scene.shown_here(odd, _AS_EVER) if here else odd if scene.on else _AS_EVER
        address = scene.site(name, scene.healthy(name, shown))
        return ((Check(kind=kind, name=name, address=address, port=443), seen),)

    return stage


def _blocked(scene: Scene) -> Staged:
    name = "barred.example"
    address = scene.site(name, scene.healthy(name, _AS_EVER))
    scene.interfere(ResetSni(names=(name,)))
    return ((Check(kind="https", name=name, address=address, port=443), "reset"),)


def _well_set(scene: Scene) -> Staged:
    """The words are there in other characters, in several elements, and set by entities."""
    name = "set.example"
    plain = responses.page(_page("Post", "Der Fluß stieg heute wieder"))
    address = scene.site(name, scene.healthy(name, _board(_entities() if scene.on else plain)))
    return ((Check(kind="https", name=name, address=address, port=443), "200 Post well set"),)


def _entities() -> HttpStage:
    words = "Der Fluß <b>st</b>ieg\n &#104;eute&nbsp;wieder"
    body = f'<meta charset="iso-8859-1"><title>Post well set</title><p>{words}'.encode("cp1252")
    return responses.page(body, headers=[("Content-Type", "text/html")])


def _dynamic() -> HttpStage:
    """No two answers are alike, and the words come as data for a script."""
    count = itertools.count()
    words = "".join(f"\\u{ord(c):04x}" if c == "i" else c for c in POST)

    async def stage(stream: Stream, request: Request) -> None:
        more = f'<div id=n{next(count)}></div><script>var post = {{"text": "{words}"}}</script>'
        await responses.page(_page("Post", "Loading", more))(stream, request)

    return stage


def _posts(name: str, expect: str = POST) -> str:
    return f"https://{name}/,{expect},https://{name}/rules,{RULES}"


def _row(
    name: str,
    meaning: str,
    site: str,
    state: str,
    stage: Callable[[Scene], Staged],
    expect: str = POST,
) -> Row:
    return Row(
        name, meaning, (f"https://{site}/",), state, None, stage,
        probe="content", posts=(_posts(site, expect),),
    )  # fmt: skip


CONTENT = (
    _row("removed-post", "gone for everybody, while the site is as ever", "removed.example",
         "removed", _site("removed.example", _board(_NOT_FOUND), "404 Gone")),
    _row("content-soft-404", "gone for everybody, with status 200 and a form on every page",
         "soft.example", "removed",
         _site("soft.example", _board(responses.page(_page("Gone", "Nothing.", _FORM)),
                                      _page("Rules", RULES, _FORM)), "200 Gone")),
    _row("content-restricted", "gone for visitors from here alone", "embargoed.example",
         "restricted", _site("embargoed.example", _board(_NOT_FOUND), "404 Gone", here=True)),
    Row("content-blocked", "RST at the site's name", ("https://barred.example/",), "blocked",
        "tls.reset", _blocked, probe="content", posts=(_posts("barred.example"),)),
    _row("content-ok", "there, in other characters and elements than the list's", "set.example",
         "ok", _well_set, "der fluß stieg heute wieder"),
    _row("content-dynamic", "there as data for a script, on a page that is never the same",
         "lively.example", "ok", _site("lively.example", _board(_dynamic()), "differs", "twice")),
    _row("content-layout-changed", "gone, and the site's other page looks otherwise as well",
         "rebuilt.example", "inconclusive",
         _site("rebuilt.example", _board(responses.page(_EMPTY), _EMPTY), "200 Welcome")),
    _row("content-login-wall", "visitors are sent to a page for members", "members.example",
         "inconclusive", _site("members.example", _board(responses.redirect("/login")), "302 ")),
    _row("content-challenge", "visitors from here have to prove that they are no robot",
         "robots.example", "inconclusive",
         _site("robots.example", responses.page(_TEST, status=403), "403 Just a moment...",
               here=True)),
    _row("content-platform-down", "the site answers 502 to everybody", "broken.example", "down",
         _site("broken.example", responses.page(_page("Bad gateway", "-"), status=502),
               "502 Bad gateway")),
)  # fmt: skip
