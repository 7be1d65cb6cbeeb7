"""Headers as they go on record: what a site gave this visitor alone is left out."""

from collections.abc import Iterable, Sequence

import msgspec

from heliograph.detail import HttpDetail
from heliograph.text import clean

MOST_HEADERS = 200
HEADER_CHARACTERS = 2048

_SET = frozenset({"set-cookie", "set-cookie2"})
_SENT = frozenset({"cookie", "cookie2"})
SECRETS = frozenset({"authorization", "proxy-authorization"})
"""Never sent to a control, and never recorded."""

Headers = tuple[tuple[str, str], ...]


def written(raw: Sequence[tuple[bytes, bytes]]) -> Headers:
    """Headers off the wire as text, not too many and not too long."""
    return tuple(
        (
            clean(name.decode("latin-1"))[:HEADER_CHARACTERS],
            clean(value.decode("utf-8", "backslashreplace"))[:HEADER_CHARACTERS],
        )
        for name, value in raw[:MOST_HEADERS]
    )


def for_record(headers: Iterable[tuple[str, str]]) -> Headers:
    """Headers without the values of cookies and without credentials.

    A cookie's value may be an address or a number that this visitor alone was given; its name and
    attributes tell what a rule may want to know. What was there is told by its length.
    """
    return tuple((name, _masked(name.lower(), value)) for name, value in headers)


def without_values(detail: str) -> str:
    """The JSON of an exchange somebody else recorded, made fit for our record."""
    found = msgspec.json.decode(detail, type=HttpDetail)
    headers, request = for_record(found.headers), for_record(found.request_headers)
    if (headers, request) == (found.headers, found.request_headers):
        return detail
    kept = msgspec.structs.replace(found, headers=headers, request_headers=request)
    return msgspec.json.encode(kept).decode()


def _masked(name: str, value: str) -> str:
    if name in SECRETS:
        return _length(value)
    if name in _SET:
        pair, mark, attributes = value.partition(";")
        return f"{_pair(pair)}{mark}{attributes}"
    if name in _SENT:
        return "; ".join(_pair(pair) for pair in value.split("; "))
    return value


def _pair(pair: str) -> str:
    """``name=[7 characters]``; a cookie without a name may be nothing but a value."""
    name, mark, value = pair.partition("=")
    return f"{name}={_length(value)}" if mark else _length(pair)


def _length(text: str) -> str:
    """How long it was; text that says this already stays, so that nothing is counted twice."""
    inner = text.removeprefix("[").removesuffix(" characters]")
    if text == f"[{inner} characters]" and inner.isascii() and inner.isdigit():
        return text
    return f"[{len(text)} characters]"
