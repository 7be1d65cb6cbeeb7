"""Text made safe for where it goes: databases, terminals, spreadsheets.

Everything a network returns may be forged to hurt whoever stores or shows it.
"""

import codecs
import re
from collections.abc import Iterator
from html import unescape
from itertools import islice

_SURROGATE = re.compile("[\ud800-\udfff]")
_JSON_ESCAPE = re.compile(
    r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"  # a whole pair is a character
    r"|u00(?P<nul>00)|u(?P<half>[dD][89a-fA-F][0-9a-fA-F]{2})|.)",
    re.DOTALL,
)
_UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e007f]"
)
# Python's own codecs: no browser reads them, and some need time quadratic in the input's length.
_NOT_CHARSETS = frozenset(
    {"idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape", "utf-7"}
)
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_TITLE_CUT = 131_072
_TITLE_CHARACTERS = 512
_TITLE_START = re.compile("<title", re.IGNORECASE)
_TITLE = re.compile("<(?:title|TITLE|Title)>([^<]*)</(?:title|TITLE|Title)>")
_NO_MARKUP = re.compile(
    "<(?:!--|!\\[|\\?|/?(?:script|style|svg|math|template|noscript|textarea|xmp|iframe|noembed"
    "|noframes|plaintext|select|title|frameset))",
    re.IGNORECASE,
)
"""What makes a parser read on otherwise than by tags."""
_FOREIGN = re.compile("<(?:svg|math)", re.IGNORECASE)
_TITLE_END = re.compile("</(?:title|TITLE|Title)[ \t\n]*>")
_TITLES_TRIED = 4
_TEXT_BYTES = 16_384
_LONGEST_WORD = 128


def clean(text: str) -> str:
    r"""Text every database takes: U+0000 becomes ``\x00``, lone surrogates ``\udXXX``."""
    if "\x00" in text:
        text = text.replace("\x00", "\\x00")
    if _is_sound(text):
        return text
    return _SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _is_sound(text: str) -> bool:
    """Whether it has no lone surrogate; much quicker than to look for one."""
    try:
        return text.isascii() or text.encode() is not None
    except UnicodeEncodeError:
        return False


def clean_json(text: str) -> str:
    """JSON text that decodes to what ``clean`` makes of each of its strings.

    The escapes of NUL and of lone surrogates are valid JSON that databases refuse.
    """
    text = text.replace("\x00", r"\\x00")
    if "\\u" in text:
        text = _JSON_ESCAPE.sub(_harmless, text)
    if _is_sound(text):
        return text
    return _SURROGATE.sub(lambda found: rf"\\u{ord(found[0]):04x}", text)


def decode(data: bytes, charset: str | None = None) -> str:
    """Bytes as clean text; never raises. Bytes that do not fit become ``\\xNN``."""
    try:
        return clean(data.decode(known_charset(charset), "backslashreplace"))
    except (LookupError, ValueError):  # no codec for text, or one that refuses to replace
        return clean(data.decode("utf-8", "backslashreplace"))


def for_terminal(text: str, width: int | None = None) -> str:
    """One line without anything that moves the cursor, hides text or turns its direction."""
    shown = _UNSEEN.sub(_visible, clean(text))
    return shown if width is None or len(shown) <= width else shown[: max(width - 1, 0)] + "…"


def for_csv(text: str) -> str:
    """A cell no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def for_cell(text: str) -> str:
    """A cell that can be seen, stands on one line and is no formula."""
    shown = for_terminal(text)
    return f"'{shown}" if for_csv(text) != text else for_csv(shown)


def beginning(body: bytes, charset: str | None = None) -> str:
    """The first text of a body, not cut within a word: half an address would escape scrubbing."""
    text = decode(body[:_TEXT_BYTES], charset)
    if len(body) <= _TEXT_BYTES:
        return text
    tail = max(text.rfind(mark, len(text) - _LONGEST_WORD) for mark in " \n\t<>\"',;")
    return text[: tail if tail >= 0 else len(text) - _LONGEST_WORD]


def title_of(html: str) -> str | None:
    """The page's title, white space folded, at most 512 characters; None when it has none."""
    page = clean(html[:_TITLE_CUT])
    if _TITLE_START.search(page) is None:
        return None
    plain = _plain_title(page)
    if plain is not None:
        return plain
    return next((title for part in _up_to_titles(page) if (title := _title_in(part))), None)


def _plain_title(page: str) -> str | None:
    """The title of a page that leaves nothing to a parser: no other text or quote before it."""
    found = _TITLE.search(page)
    if found is None:
        return None
    before = page[: found.start()]
    if before.rfind("<") > before.rfind(">") or before.count('"') % 2 or before.count("'") % 2:
        return None
    if _NO_MARKUP.search(before) is not None:
        return None
    return _folded(unescape(found[1]))


def _up_to_titles(page: str) -> Iterator[str]:
    """The page up to where its first titles end, and then as a whole.

    A parser reads on without looking back, so what stands behind a title changes nothing in it;
    in drawings and formulas alone an element may end later than it seems to.
    """
    for end in islice(_TITLE_END.finditer(page), _TITLES_TRIED):
        part = page[: end.end()]
        if _FOREIGN.search(part) is not None:
            break
        yield part
    yield page


def _title_in(page: str) -> str | None:
    from selectolax.lexbor import LexborHTMLParser

    node = LexborHTMLParser(page).css_first("title")
    if node is None:
        return None
    return _folded(node.text())


def _folded(title: str) -> str | None:
    return clean(" ".join(title.split()))[:_TITLE_CHARACTERS] or None


def known_charset(charset: str | None) -> str:
    """UTF-8 unless the charset is one text on the network is written in."""
    try:
        name = codecs.lookup(charset or "utf-8").name
    except (LookupError, ValueError):
        return "utf-8"
    return "utf-8" if name in _NOT_CHARSETS else name


def _harmless(found: re.Match[str]) -> str:
    if found["nul"] is not None:
        return r"\\x00"
    half = found["half"]
    return found[0] if half is None else rf"\\u{half.lower()}"


def _visible(found: re.Match[str]) -> str:
    return ascii(found[0])[1:-1]


def counted(count: int, noun: str) -> str:
    """``1 measurement``, ``2 measurements``."""
    return f"{count} {noun}{'' if count == 1 else 's'}"
