"""The documents of a JSON array, each as its own text; one that is odd costs no other."""

import json
import re

import msgspec

_ITEMS = msgspec.json.Decoder(list[msgspec.Raw])
_FORGIVING = json.JSONDecoder(parse_int=str, parse_float=str, strict=False)
"""Takes what msgspec does not pass over, such as half a character; numbers are not looked at."""
_BLANK = re.compile(r"[ \t\r\n]*")
_KEEP_BYTES = "surrogateescape"


def items_of(text: bytes) -> list[bytes] | None:
    """The items of an array, as they are written; None for what is no array."""
    try:
        return [bytes(item) for item in _ITEMS.decode(text)]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        pass
    try:
        return _told_apart(text.decode("utf-8", _KEEP_BYTES))
    except (ValueError, RecursionError):
        return None


def _told_apart(text: str) -> list[bytes]:
    """Those of an array with one or more; raises ValueError where no item, comma or end stands."""
    start = _after_blank(text, 0)
    if text[start : start + 1] != "[":
        raise ValueError("no array")
    items: list[bytes] = []
    at, mark = _after_blank(text, start + 1), ","
    while mark == ",":
        _, end = _FORGIVING.raw_decode(text, at)
        items.append(text[at:end].encode("utf-8", _KEEP_BYTES))
        at = _after_blank(text, end)
        mark, at = text[at : at + 1], _after_blank(text, at + 1)
    if mark != "]" or at < len(text):
        raise ValueError("neither a comma nor the end")
    return items


def _after_blank(text: str, at: int) -> int:
    blank = _BLANK.match(text, at)
    return at if blank is None else blank.end()
