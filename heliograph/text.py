"""Text made safe for where it goes: databases, terminals, spreadsheets.

Everything a network returns may be forged to hurt whoever stores or shows it.
"""

import codecs
import re

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


def clean(text: str) -> str:
    r"""Text every database takes: U+0000 becomes ``\x00``, lone surrogates ``\udXXX``."""
    if "\x00" in text:
        text = text.replace("\x00", "\\x00")
    return _SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def clean_json(text: str) -> str:
    """JSON text that decodes to what ``clean`` makes of each of its strings.

    The escapes of NUL and of lone surrogates are valid JSON that databases refuse.
    """
    text = text.replace("\x00", r"\\x00")
    if "\\u" in text:
        text = _JSON_ESCAPE.sub(_harmless, text)
    return _SURROGATE.sub(lambda found: rf"\\u{ord(found[0]):04x}", text)


def decode(data: bytes, charset: str | None = None) -> str:
    """Bytes as clean text; never raises. Bytes that do not fit become ``\\xNN``."""
    try:
        return clean(data.decode(_known_charset(charset), "backslashreplace"))
    except (LookupError, ValueError):  # no codec for text, or one that refuses to replace
        return clean(data.decode("utf-8", "backslashreplace"))


def for_terminal(text: str, width: int | None = None) -> str:
    """One line without anything that moves the cursor, hides text or turns its direction."""
    shown = _UNSEEN.sub(_visible, clean(text))
    return shown if width is None or len(shown) <= width else shown[: max(width - 1, 0)] + "…"


def for_csv(text: str) -> str:
    """A cell no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def title_of(html: str) -> str | None:
    """The page's title, white space folded, at most 512 characters; None when it has none."""
    beginning = clean(html[:_TITLE_CUT])
    if "<" not in beginning:
        return None
    from selectolax.lexbor import LexborHTMLParser

    node = LexborHTMLParser(beginning).css_first("title")
    if node is None:
        return None
    folded = " ".join(node.text().split())
    return clean(folded)[:_TITLE_CHARACTERS] or None


def _known_charset(charset: str | None) -> str:
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
