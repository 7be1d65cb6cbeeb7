"""Rows of words: a sink that answers everything alike, and censors that act on a part of it."""

from collections.abc import Callable
from dataclasses import replace
from zlib import crc32

from heliograph.lab.censor import AnyCondition, Residual
from heliograph.lab.responses import head
from heliograph.lab.row import ECHOED, FLAKY, RESIDUAL, USUAL, Row, Staged
from heliograph.lab.rows_shown import unsteady
from heliograph.lab.scene import CONTROL, SINK_PORTS, Scene
from heliograph.lab.witness import Check
from heliograph.lab.word_censor import StopWord

_NOTICE = b"<!doctype html><title>Notice</title><p>This was withdrawn by an order."
_PAGE = head(200, [("Content-Type", "text/html"), ("Content-Length", str(len(_NOTICE)))]) + _NOTICE
_SECONDS = 20.0
_LAST = SINK_PORTS[1]
_WITNESSED = 32
"""The last ports are the witness's, each row's its own: a place that was hit stays closed."""


def _stopped(
    condition: AnyCondition, said: str, seen: str, *, kind: str = "sink"
) -> Callable[[Scene], Staged]:
    """``said`` is a host and what follows it, as the witness says it to the sink."""

    def stage(scene: Scene) -> Staged:
        scene.interfere(condition)
        port = _LAST - crc32(said.encode()) % _WITNESSED
        return ((Check(kind=kind, name=said, address=CONTROL, port=port), seen),)

    return stage


def _lingering(
    stop: StopWord, said: str, seen: str, *, kind: str = "sink"
) -> Callable[[Scene], Staged]:
    """After a hit the place is closed to the client for a while, whatever is said there."""
    return _stopped(Residual(condition=stop, seconds=_SECONDS), said, seen, kind=kind)


def _hit(
    name: str, meaning: str, url: str, found: tuple[str, str], stage: Callable[[Scene], Staged]
) -> Row:
    """A row in which a word is ``found``: how it is stopped, and where it stands."""
    technique, word = found
    odd = f"keyword {word}"
    return Row(name, meaning, (url,), "blocked", technique, stage, RESIDUAL, "keyword", odd=odd)


def _at_its_own_server(scene: Scene) -> Staged:
    """The word stands in the path, and the site is asked for by the web probe."""
    name = "river.example"
    address = scene.site(name)
    scene.interfere(StopWord(part="path", words=("fieldfare",)))
    check = Check(kind="sink", name=f"{name} /fieldfare", address=address, port=80)
    return ((check, "reset"),)


def _long(scene: Scene) -> Staged:
    """Requests beyond a length are stopped, whatever they say: so is filler of that length."""
    scene.interfere(StopWord(part="path", words=("-" * 40,)))
    check = Check(kind="sink", name="long.example /" + "-" * 50, address=CONTROL, port=_LAST)
    return ((check, "reset"),)


def _proxy(scene: Scene) -> Staged:
    """Somebody on the way answers every request himself."""
    scene.interfere(StopWord(part="path", words=("/",), how="page", response=_PAGE))
    return ((Check(kind="sink", name="any.example /", address=CONTROL, port=_LAST), "200 Notice"),)


_RESET, _TIMEOUT, _BLOCKPAGE = "http.reset", "http.timeout", "http.blockpage"
WORDS = (
    _hit("keyword-path", "reset at a word in the path; then everything there, for 20 s",
         "http://birds.example/river/kingfisher/nest.html", (_RESET, "path kingfisher"),
         _lingering(StopWord(part="path", words=("kingfisher",)), "birds.example /kingfisher",
                    "reset")),
    _hit("keyword-query-drop", "silence at a word in the query; then resets",
         "http://search.example/find?lang=en&q=goldcrest&page=2", (_TIMEOUT, "query goldcrest"),
         _lingering(StopWord(part="query", words=("goldcrest",), how="drop"),
                    "search.example /?q=goldcrest", "timeout")),
    _hit("keyword-host", "reset at a word in the host, at any address; then everything there",
         "http://www.redwing.example/", (_RESET, "host redwing"),
         _lingering(StopWord(part="host", words=("redwing",)), "redwing.example /", "reset")),
    _hit("keyword-header", "reset at a word in a header alone; then everything there",
         "http://letters.example/about/dunnock/", (_RESET, "header dunnock"),
         _lingering(StopWord(part="header", words=("dunnock",)), "letters.example /dunnock",
                    "reset", kind="sink header")),
    _hit("keyword-body-blockpage", "a page at a word in the body alone; then resets",
         "http://forum.example/post?text=whimbrel", (_BLOCKPAGE, "body whimbrel"),
         _lingering(StopWord(part="body", words=("whimbrel",), how="page", response=_PAGE),
                    "forum.example whimbrel", "200 Notice", kind="sink body")),
    replace(
        _hit("keyword-two-words", "reset where two words stand together",
             "http://news.example/story?q=osprey+and+the+quiet+square",
             (_RESET, "query osprey … square"),
             _stopped(StopWord(part="query", words=("osprey", "square"), every=True),
                      "news.example /?osprey+square", "reset")),
        surroundings=USUAL),
    Row("http-keyword", "reset at a word in the path, not at the host",
        ("http://river.example/fieldfare",), "blocked", "http.reset", _at_its_own_server),
    Row("keyword-ok", "a word is stopped, and the target holds another",
        ("http://plain.example/heron?page=1",), "ok", None,
        _stopped(StopWord(part="path", words=("egret",)), "plain.example /egret", "reset"),
        probe="keyword"),
    Row("keyword-long", "long paths are stopped, whatever they say",
        (f"http://long.example/{'-' * 50}",), "inconclusive", None, _long, probe="keyword"),
    Row("keyword-lossy", "10 % packet loss and 300 ms of jitter",
        ("http://windswept.example/heron/nest.html?page=1",), "ok", None, unsteady, FLAKY,
        probe="keyword", also=("inconclusive",)),
    Row("keyword-proxy", "somebody answers every request himself", ("http://any.example/wren",),
        "inconclusive", None, _proxy, ECHOED, probe="keyword"),
)  # fmt: skip
