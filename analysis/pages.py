"""Whether two responses show the same page: what a site changes by itself is no difference."""

import re
from urllib.parse import urljoin, urlsplit

from heliograph.detail import HttpDetail

_WORD = re.compile(r"\w{4,}")
_TAG = re.compile(r"(?s)<(script|style)\b.*?</\1>|<[^>]*>")
_ALIKE = 0.5
_MOST_CHARACTERS = 16_384
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


def same_page(one: HttpDetail, other: HttpDetail) -> bool:
    """Both responses say the same, nonces, dates and advertisements aside.

    Equal status (any success counts as one), then equal content, title or, without titles, most
    of the words; redirects are the same when they lead to the same host.
    """
    if one.status is None or other.status is None or not _same_status(one.status, other.status):
        return False
    if leads_to_host(one) is not None or leads_to_host(other) is not None:
        return leads_to_host(one) == leads_to_host(other)
    if one.body_sha256 is not None and one.body_sha256 == other.body_sha256:
        return True
    titles = _plain(one.title), _plain(other.title)
    if any(titles):
        return titles[0] == titles[1]
    return _alike(_words(one), _words(other))


def leads_to_host(page: HttpDetail) -> str | None:
    """The host a redirect leads to; None when the response is none."""
    if page.status not in _REDIRECTS or not page.location:
        return None
    try:
        return (urlsplit(urljoin(page.url, page.location)).hostname or "").lower()
    except ValueError:
        return ""


def _same_status(one: int, other: int) -> bool:
    if one in _REDIRECTS and other in _REDIRECTS:
        return True
    return one == other or (200 <= one < 300 and 200 <= other < 300)


def _plain(title: str | None) -> str:
    return " ".join((title or "").casefold().split())


def _words(page: HttpDetail) -> frozenset[str]:
    text = _TAG.sub(" ", (page.body_text or "")[:_MOST_CHARACTERS])
    return frozenset(_WORD.findall(text.casefold()))


def _alike(one: frozenset[str], other: frozenset[str]) -> bool:
    if not one and not other:
        return True
    return len(one & other) >= _ALIKE * len(one | other)
