"""Whether two responses show the same page: what a site changes by itself is no difference."""

import re
from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

from analysis.outlines import is_outline, same_outline
from heliograph.detail import HttpDetail

_WORD = re.compile(r"\w{4,}")
_UNSEEN = ("script", "style")
_ALIKE = 0.5
_MOST_CHARACTERS = 16_384
_OF_NOTHING = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
"""SHA-256 of an empty body."""

_NO_HOST = frozenset({("http", ""), ("https", "")})
_NO_ADDRESS = frozenset({("http", "", ""), ("https", "", "")})
"""What urljoin takes for the page itself, and no browser does."""
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


def same_page(one: HttpDetail | None, other: HttpDetail | None) -> bool | None:
    """Whether both responses say the same, nonces, dates and advertisements aside.

    None when nothing tells: no response, pages without words, or refusals and errors that share
    no more than the title their servers all use. Redirects are the same when they lead to the same
    host; any success counts as one status.
    """
    if one is None or other is None or one.status is None or other.status is None:
        return None
    if not _same_status(one.status, other.status):
        return False
    places = leads_to_host(one), leads_to_host(other)
    if places != (None, None):
        return places[0] == places[1]
    if one.body_sha256 is not None and one.body_sha256 == other.body_sha256:
        return True if one.body_sha256 != _OF_NOTHING else None
    if is_outline(one) or is_outline(other):
        return same_outline(one, other)
    return _same_content(one, other, served=one.status < 400)


def same_reply(one: HttpDetail | None, other: HttpDetail | None) -> bool | None:
    """The same, where two empty replies of one status are one, too."""
    if one is not None and other is not None and one.status == other.status and _empty(one, other):
        return True
    return same_page(one, other)


def _empty(*pages: HttpDetail) -> bool:
    """All were read to their end, and there was nothing in them."""
    return all(page.body_sha256 == _OF_NOTHING and not page.location for page in pages)


def leads_to_host(page: HttpDetail | None) -> str | None:
    """The host a redirect leads to; None when the response is none."""
    location, base = redirects_to(page), "" if page is None else page.url
    if location is None:
        return None
    try:
        return (urlsplit(urljoin(base, location)).hostname or "").lower()
    except ValueError:
        return ""


def leads_nowhere(page: HttpDetail | None) -> bool:
    """The response redirects to a page whose address names no host."""
    location, base = redirects_to(page), "" if page is None else page.url
    try:
        return location is not None and (
            urlsplit(location)[:3] in _NO_ADDRESS
            or urlsplit(urljoin(base, location))[:2] in _NO_HOST
        )
    except ValueError:
        return True


def redirects_to(page: HttpDetail | None) -> str | None:
    """Where a redirect says that it leads; None when the response is none."""
    return page.location or None if page is not None and page.status in _REDIRECTS else None


def _same_content(one: HttpDetail, other: HttpDetail, *, served: bool) -> bool | None:
    titles = _plain(one.title), _plain(other.title)
    words = _words(one), _words(other)
    alike = _alike(*words)
    if titles[0] != titles[1]:
        return False
    if titles[0] and served:
        return None if alike is False else True
    return True if alike else (None if titles[0] else alike)


def _same_status(one: int, other: int) -> bool:
    if one in _REDIRECTS and other in _REDIRECTS:
        return True
    return one == other or (200 <= one < 300 and 200 <= other < 300)


def _plain(title: str | None) -> str:
    return " ".join((title or "").casefold().split())


def _words(page: HttpDetail) -> frozenset[str]:
    text = " ".join(_seen((page.body_text or "")[:_MOST_CHARACTERS].casefold()))
    return frozenset(_WORD.findall(text))


def _seen(markup: str) -> Iterator[str]:
    """The text between tags, what scripts and styles hold left out; in one pass."""
    inside = ""
    first, *parts = markup.split("<")
    yield first
    for part in parts:
        tag, _, text = part.partition(">")
        name = next(iter(tag.split()), "")
        if inside:
            inside = "" if name == f"/{inside}" else inside
        elif name in _UNSEEN:
            inside = name
        if not inside:
            yield text


def _alike(one: frozenset[str], other: frozenset[str]) -> bool | None:
    """None when there are no words to compare."""
    if not one and not other:
        return None
    return len(one & other) >= _ALIKE * len(one | other)
