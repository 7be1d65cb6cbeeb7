"""Whether a page holds certain words, or a certain element, and where.

Words are compared as a reader would: composed alike (NFC), without regard to capitals, white space
and characters that do not show, entities resolved and inline elements joined. Simplified and
traditional characters stay two spellings. A page may be forged to cost us time: what is nested
deeper than browsers go is not parsed.
"""

import codecs
import re
import unicodedata
from collections.abc import Iterable, Iterator
from html import unescape
from typing import TYPE_CHECKING

import msgspec

from heliograph.detail import Sought
from heliograph.text import decode, known_charset

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser

TEXT, ELEMENT, META, SCRIPT = "text", "element", "meta", "script"
"""Where something stands: text that shows, an element, a description, data for scripts."""

CUT = "the page is longer than was read"
TOO_DEEP = "the page is nested too deep to be read"
UNREADABLE = "the page is not written in the characters it says"

MOST_SELECTOR_PARTS = 4
_DEEPEST = 2000
_STRAY = 3
"""So many characters that can't be read are an accident, or one that a cap cut in two."""
_PRESCANNED = 1024
"""Bytes in which a page has to name its characters (WHATWG HTML, 13.2.3.2)."""

_NAME = r"[A-Za-z_][A-Za-z0-9_-]*"
_COMPOUND = (
    rf'(?:{_NAME}|\*)?(?:#{_NAME}|\.{_NAME}|\[{_NAME}(?:[~^$*]?="[^"\\\]\x00-\x1f\x7f]*")?\])*'
)
_SELECTOR = re.compile(rf"{_COMPOUND}(?: {_COMPOUND}){{0,{MOST_SELECTOR_PARTS - 1}}}")

_UNSEEN = re.compile("[\\s\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]+")
_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]*)")
_MARKUP = re.compile(r"<[^<>]*>")
_NEVER_OPEN = frozenset(
    {
        *("area", "base", "br", "col", "dd", "dt", "embed", "hr", "img", "input", "li", "link"),
        *("meta", "option", "p", "param", "source", "td", "th", "tr", "track", "wbr"),
    }
)
"""Elements without content, and those that the next of their kind ends."""
_HIDDEN = ["script", "style", "template"]
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))", re.DOTALL)
_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([A-Za-z0-9_:.-]+)", re.IGNORECASE)
_AS_BROWSERS_READ = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "big5": "big5hkscs",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
}
"""What labels stand for on the web (WHATWG Encoding), by Python's name of what they say."""


def wrong_selector(selector: str) -> str | None:
    """What is wrong with a selector, in words; None for one that is understood.

    Understood are ``tag#id.class[attribute="value"]``, and up to four of these with spaces between:
    each stands anywhere within the one before it.
    """
    if selector and _SELECTOR.fullmatch(selector) and "" not in selector.split(" "):
        return None
    return (
        f"{selector[:60]!r} is no selector that is understood; write one like"
        f' article#id.class or div[name="value"], {MOST_SELECTOR_PARTS} with spaces between at most'
    )


def fold(text: str) -> str:
    """Text as it is compared; equal for what a reader takes for the same words."""
    composed = unicodedata.normalize("NFC", text)
    return unicodedata.normalize("NFC", _UNSEEN.sub("", composed).casefold())


def seek(
    body: bytes, content_type: str, sought: Iterable[Sought], problem: str | None = None
) -> tuple[Sought, ...]:
    """Each thing with where it was found; ``problem`` says why the body may lack some of it.

    Never raises, whatever the body holds.
    """
    wanted = tuple(sought)
    if not wanted:
        return ()
    html, odd = read_page(body, content_type)
    page = _Deep(html) if is_deep(html) else _Page(html)
    reason = problem or odd or page.problem
    return tuple(_seen(one, page, reason) for one in wanted)


def read_page(body: bytes, content_type: str) -> tuple[str, str | None]:
    """The page as text, by the characters a browser would take; and what is odd about that."""
    told = content_type.lower().partition("charset=")[2].split(";")[0].strip(" \"'")
    named = _CHARSET.search(body[:_PRESCANNED])
    inside = named[1].decode("ascii").lower() if named else ""
    charset = _charset(body, told or inside)
    try:
        body.decode(charset)
    except UnicodeDecodeError:
        lost = body.decode(charset, "replace").count("\ufffd")
        return decode(body, charset), UNREADABLE if lost > _STRAY else None
    except LookupError:  # a codec, but none for text
        return decode(body), None
    return decode(body, charset), None


def _charset(body: bytes, label: str) -> str:
    if body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    name = known_charset(label)
    return _AS_BROWSERS_READ.get(name, name)


def is_deep(html: str) -> bool:
    """Whether elements may be nested so deep that a parser needs time in the square of it."""
    depth = 0
    for found in _TAG.finditer(html):
        if found[2].lower() not in _NEVER_OPEN:
            depth += -1 if found[1] else 1
            if depth > _DEEPEST:
                return True
            depth = max(depth, 0)
    return False


def _seen(one: Sought, page: "_Page | _Deep", problem: str | None) -> Sought:
    found = page.find(fold(one.text), one.selector)
    return msgspec.structs.replace(one, found=found, problem=None if found else problem)


class _Page:
    """A parsed page."""

    problem: str | None = None

    def __init__(self, html: str) -> None:
        from selectolax.lexbor import LexborHTMLParser

        tree = LexborHTMLParser(html)
        self._scripts = [node.text() for node in tree.css("script")]
        self._described = list(_described(tree))
        tree.strip_tags(_HIDDEN)
        self._tree = tree
        self._text = fold("" if tree.root is None else tree.root.text())

    def find(self, text: str, selector: str) -> str | None:
        """Where this folded text stands; with a selector, within such an element alone."""
        if selector:
            nodes = self._tree.css(selector)
            return ELEMENT if any(text in fold(node.text()) for node in nodes) else None
        if text in self._text:
            return TEXT
        if any(text in described for described in self._described):
            return META
        return SCRIPT if any(text in fold(_unescaped(each)) for each in self._scripts) else None


def _described(tree: "LexborHTMLParser") -> Iterator[str]:
    for node in tree.css("meta[content]"):
        yield fold(node.attributes.get("content") or "")


class _Deep:
    """A page that is not parsed: its text is all that stands between tags."""

    problem: str | None = TOO_DEEP

    def __init__(self, html: str) -> None:
        self._text = fold(unescape(_MARKUP.sub("", html)))

    def find(self, text: str, selector: str) -> str | None:
        """Where this folded text stands; elements are not to be told."""
        return TEXT if not selector and text in self._text else None


def _unescaped(script: str) -> str:
    r"""The text of a script with its ``\u4e2d`` and the like resolved."""
    if "\\" not in script:
        return script
    text = _ESCAPE.sub(lambda found: chr(int(found[1], 16)) if found[1] else found[2], script)
    return _PAIR.sub(_joined, text)


def _joined(found: re.Match[str]) -> str:
    return found[0].encode("utf-16", "surrogatepass").decode("utf-16")
