"""Whether two responses show the same page, when of one little more than its size is known.

Some controls keep of a page its status, its headers, its title and its length (OONI's test helper
does). That is enough to see that two pages are one, or that one is nothing like the other; in
between, nothing can be said.
"""

import re

from heliograph.detail import HttpDetail

_LONG_WORD, _WORD = re.compile(r"\w{5,}"), re.compile(r"\w+")
_LOST = "\ufffd"
_ALIKE, _UNLIKE = 0.7, 0.5
"""Of two lengths the smaller by the greater."""
_NOTICE, _FILE = 16_384, 65_536
"""Bytes: a page that only says that there is none to see is shorter; nobody forges a longer one."""
_SET_UP = (
    "welcome to nginx",
    "apache2 ",
    "test page for ",
    "iis windows",
    "index of /",
    "it works",
)
"""Beginnings of titles that servers show before anybody has set them up."""
_OF_ANY_PAGE = frozenset({"connection", "content-length", "content-type", "date", "keep-alive"})
_ENOUGH = 0.5
"""Of the other headers a page has, the share that its server sends with others, too."""

_USUAL = frozenset(
    {
        "accept-ranges",
        "age",
        "alt-svc",
        "cache-control",
        "connection",
        "content-encoding",
        "content-language",
        "content-length",
        "content-security-policy",
        "content-type",
        "date",
        "etag",
        "expires",
        "keep-alive",
        "last-modified",
        "link",
        "location",
        "p3p",
        "pragma",
        "proxy-connection",
        "referrer-policy",
        "server",
        "set-cookie",
        "strict-transport-security",
        "transfer-encoding",
        "upgrade",
        "vary",
        "via",
        "x-cache",
        "x-content-type-options",
        "x-frame-options",
        "x-powered-by",
        "x-xss-protection",
    }
)
"""Names of headers that so many servers send that to share them means nothing."""


_DELIVERED = frozenset(
    {
        "cf-ray",
        "retry-after",
        "set-cookie",
        "x-akamai-transformed",
        "x-amz-cf-id",
        "x-cdn",
        "x-fastly-request-id",
        "x-iinfo",
        "x-served-by",
        "x-sucuri-id",
    }
)
"""Names of headers that a site or those who deliver it send, and no filter on the way."""
_OF_DELIVERY = _DELIVERED | {
    "cf-cache-status",
    "cf-mitigated",
    "nel",
    "permissions-policy",
    "report-to",
    "server-timing",
    "x-amz-cf-pop",
    "x-cache-hits",
    "x-request-id",
    "x-timer",
}
"""Names of headers that tell who delivers a page: many a site has the same one deliver its own."""


def is_outline(page: HttpDetail) -> bool:
    """There was a page, and nobody kept any of its text."""
    return page.body_sha256 is None and page.body_bytes > 0


def same_outline(one: HttpDetail, other: HttpDetail) -> bool | None:
    """Whether both are one page; None when what is known of them does not tell.

    They are when they share an unusual header, their title or, both having one or neither, their
    length; they are not when their titles have no word in common, one is less than half as long as
    the other, and their headers share nothing. ``other`` is what a control kept, of the whole page.
    """
    if _agree(one, other):
        return True
    apart = _strangers(_title(one), _title(other))
    if one.truncated:
        return True if not apart and _FILE <= one.body_bytes <= other.body_bytes else None
    share = _share_of_length(one, other)
    if share is None:
        return None
    if share > _ALIKE and not apart and bool(_title(one)) == bool(_title(other)):
        return True
    return False if apart and share < _UNLIKE else None


def same_end(one: HttpDetail | None, other: HttpDetail | None) -> bool:
    """Two ways ended with one page, told by more than a length that is much the same."""
    if one is None or other is None or one.status != other.status:
        return False
    return _agree(one, other) or one.body_bytes == other.body_bytes > 0


def _agree(one: HttpDetail, other: HttpDetail) -> bool:
    """They share an unusual header, or the title."""
    title = _title(one)
    return bool(_unusual(one) & _unusual(other)) or (bool(title) and title == _title(other))


def is_notice(page: HttpDetail) -> bool:
    """A page as short as one that tells of a ban; not one of a server that nobody has set up."""
    return page.body_bytes < _NOTICE and not is_unused(page)


def is_unused(page: HttpDetail) -> bool:
    """The page that a server shows before anybody has set it up."""
    return _title(page).startswith(_SET_UP)


def says_whose_it_is(page: HttpDetail) -> bool:
    """It sets a cookie, asks to come again, or names who delivers the site: no stranger does."""
    return not _DELIVERED.isdisjoint(name.lower() for name, _ in page.headers)


def same_server(one: HttpDetail, other: HttpDetail) -> bool:
    """Both name the same software, or send much the same headers."""
    if _software(one) & _software(other):
        return True
    ours, theirs = _sent(one), _sent(other)
    return bool(theirs) and len(ours & theirs) >= _ENOUGH * len(theirs)


def _software(page: HttpDetail) -> frozenset[str]:
    return frozenset(value for name, value in page.headers if name.lower() == "server")


def _sent(page: HttpDetail) -> frozenset[str]:
    return frozenset(name.lower() for name, _ in page.headers) - _OF_ANY_PAGE


def _unusual(page: HttpDetail) -> frozenset[str]:
    return frozenset(name.lower() for name, _ in page.headers) - _USUAL - _OF_DELIVERY


def _title(page: HttpDetail) -> str:
    """Nothing, too, where its letters were lost on the way."""
    title = " ".join((page.title or "").casefold().split())
    return "" if _LOST in title else title


def _strangers(one: str, other: str) -> bool:
    """Both have words and share none of the long ones; where one has none such, none at all."""
    if one in other or other in one:
        return False
    ours, theirs = set(_LONG_WORD.findall(one)), set(_LONG_WORD.findall(other))
    if not ours or not theirs:
        ours, theirs = set(_WORD.findall(one)), set(_WORD.findall(other))
    return ours.isdisjoint(theirs)


def _share_of_length(one: HttpDetail, other: HttpDetail) -> float | None:
    """None where a length is unknown."""
    lengths = one.body_bytes, other.body_bytes
    return min(lengths) / max(lengths) if min(lengths) > 0 else None
