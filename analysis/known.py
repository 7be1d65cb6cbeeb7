"""Forged addresses, block pages and issuers that are known: dated, versioned data of ours.

What stands in ``known.toml`` was reported by others, each entry says where and when. A look-up
says that something is known, never that it proves anything: an address that is forged for one name
may be another's own, and a page may be shown by a filter of one's own. Rules decide.
"""

import re
from collections.abc import Iterator
from enum import StrEnum
from functools import cache, lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from urllib.parse import SplitResult, urljoin, urlsplit

import msgspec

from analysis.pages import redirects_to
from heliograph.detail import HttpDetail

_SHORT = 8_192
"""Bytes: a block page says one thing; what is longer may quote one."""
_STUB = 4_096
"""Bytes: a page that holds no more than a frame or a way on."""
_FRAME = re.compile(
    r"""<(?:i?frame|meta)\b[^<>]*?\b(?:src|url)\s*=\s*["']?\s*(?P<to>[^"'\s<>]+)""", re.IGNORECASE
)
_SCRIPT = re.compile(r"""\blocation(?:\.href|\.replace|\.assign)?\s*[=(]\s*["'](?P<to>[^"']+)""")
_HINTS = ("rame", "RAME", "efresh", "EFRESH", "location")
"""Pieces of the words without which there is no way on."""
_BETWEEN_PARTS = re.compile(r"(?<!\\)[,+]")
"""What parts the parts of a name, as RFC 4514 spells it."""


class Scope(StrEnum):
    """Whose an address or a page is."""

    NATIONAL = "national"
    """A state's, or what all providers there are told to use."""
    NETWORK = "network"
    """One provider's, in the networks named, if any are."""
    OPTIONAL = "optional"
    """One provider's, for those of its customers who did not have it taken off: on one line it is
    no more than what that customer left on."""
    PRODUCT = "product"
    """A filter's that anybody may install or choose: it accuses no country and no provider."""


_ACCUSING = frozenset({Scope.NATIONAL, Scope.NETWORK})


class Known(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One entry: what it is, whose, and who reported it when."""

    id: str
    """Permanent name, to be quoted in verdicts."""
    what: str
    country: str
    """ISO 3166-1 code of the country it was reported from; ZZ for products."""
    scope: Scope
    asns: tuple[int, ...] = ()
    """Autonomous systems it was seen in; empty when reported for a country as a whole."""
    by: str
    """Who reported it: author and title."""
    source: str
    """Where that can be read."""
    since: str | None = None
    """Date of the first report, as far as it is known (YYYY, YYYY-MM or YYYY-MM-DD)."""
    reported: str
    """Date of the last report."""
    note: str = ""
    """What else is told of it; of an optional one, where it is told how it is taken off."""

    @property
    def accuses(self) -> bool:
        """It is a state's or a provider's, and their customers have no say in it."""
        return self.scope in _ACCUSING

    @property
    def quoted(self) -> str:
        """The entry as a sentence names it."""
        return f"{self.id} in list {known().edition}: {self.what}"


class Forged(Known, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Addresses given for names that are not theirs."""

    addresses: tuple[str, ...]
    """IPv4 or IPv6 addresses, or networks with a prefix length."""
    owner: str | None = None
    """Who lives there in truth, if somebody does: for names of theirs it proves nothing."""


class Marks(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a page shows, all of it at once."""

    title: str | None = None
    """The whole title, case aside."""
    body: tuple[str, ...] = ()
    """Pieces of the body as it comes, tags included."""
    most_bytes: int = _SHORT
    """The body is shorter than that."""


class BlockPage(Known, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A page shown in place of what was asked for: by where it stands, or by what it shows."""

    leads_to: tuple[str, ...] = ()
    """Hosts, with the beginning of a path where the host has other pages, too."""
    shows: tuple[Marks, ...] = ()
    """Ways in which it is told: one of them is enough."""


class Issuer(Known, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who signs certificates of his own in the place of those that servers present."""

    names: tuple[tuple[str, ...], ...]
    """Parts of the issuer's name (CN=..., O=...): all those of one row tell it."""


class KnownData(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All that is known, with the version and the date a verdict names."""

    version: int
    date: str
    address: tuple[Forged, ...] = ()
    page: tuple[BlockPage, ...] = ()
    issuer: tuple[Issuer, ...] = ()

    @property
    def edition(self) -> str:
        """Version and date in one."""
        return f"{self.version} ({self.date})"


@cache
def known() -> KnownData:
    """The data as shipped; read once, when it is first asked for."""
    from importlib.resources import files

    return msgspec.toml.decode((files("analysis") / "known.toml").read_bytes(), type=KnownData)


def forged(address: str) -> Forged | None:
    """The entry of an address that was reported as a forged answer, or None."""
    return _addresses().get(address) or (_within(address) if ":" in address else None)


def block_page(page: HttpDetail) -> BlockPage | None:
    """The entry of a page that was reported as a block page, or that leads to one; or None.

    A site that leads to another part of itself leads to no block page.
    """
    location = redirects_to(page)
    if location is not None:
        return _led_to(page.url, location)
    text = page.body_text
    if not text or page.status is None or page.body_bytes >= _SHORT:
        return None
    told = _candidates(page.title)
    shown = next((e for marks, e in told if _all_in(marks, text, page.body_bytes)), None)
    if shown is not None or page.body_bytes >= _STUB:
        return shown
    return next((e for to in _ways_on(text) if (e := _led_to(page.url, to)) is not None), None)


@lru_cache(maxsize=1024)
def issuer(name: str) -> Issuer | None:
    """The entry of an issuer of certificates (RFC 4514) that was reported, or None."""
    parts = frozenset(part.strip() for part in _BETWEEN_PARTS.split(name))
    rows = ((row, entry) for entry in known().issuer for row in entry.names)
    return next((entry for row, entry in rows if parts.issuperset(row)), None)


_Told = tuple[Marks, BlockPage]


@cache
def _addresses() -> dict[str, Forged]:
    singly = ((a, entry) for entry in known().address for a in entry.addresses if "/" not in a)
    return {str(ip_address(a)): entry for a, entry in singly}


@cache
def _networks() -> tuple[tuple[IPv4Network | IPv6Network, Forged], ...]:
    return tuple(
        (ip_network(a), entry) for entry in known().address for a in entry.addresses if "/" in a
    )


@lru_cache(maxsize=1024)
def _within(address: str) -> Forged | None:
    """Of an IPv6 address in whatever spelling; IPv4 addresses have one, and stand singly."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return None
    of_a_network = (entry for network, entry in _networks() if parsed in network)
    return _addresses().get(str(parsed)) or next(of_a_network, None)


@cache
def _places() -> dict[str, list[tuple[str, BlockPage]]]:
    """Beginnings of paths by host."""
    found: dict[str, list[tuple[str, BlockPage]]] = {}
    for entry in known().page:
        for place in entry.leads_to:
            host, slash, path = place.partition("/")
            found.setdefault(_bare(host), []).append((slash + path, entry))
    return found


def _led_to(here: str, location: str) -> BlockPage | None:
    try:
        there = urlsplit(urljoin(here, location))
        host, own = _bare(there.hostname or ""), _bare(urlsplit(here).hostname or "")
    except ValueError:
        return None
    places = _places().get(host, ()) if host != own else ()
    return next((entry for path, entry in places if _begins(_rest(there), path)), None)


def _rest(url: SplitResult) -> str:
    return f"{url.path or '/'}?{url.query}" if url.query else url.path or "/"


def _begins(rest: str, path: str) -> bool:
    """Whole parts of a path: /dot begins /dot/x, and not /dotted."""
    cut = path[-1:].isalnum() and rest[len(path) : len(path) + 1].isalnum()
    return rest.startswith(path) and not cut


def _bare(host: str) -> str:
    return host.lower().removeprefix("www.")


def _ways_on(text: str) -> Iterator[str]:
    """Where frames, refreshes and scripts of a page lead."""
    if not any(hint in text for hint in _HINTS):
        return
    for pattern in (_FRAME, _SCRIPT):
        yield from (found["to"] for found in pattern.finditer(text))


@cache
def _told() -> dict[str, list[_Told]]:
    """Marks by the page's title; under no title those that ask for none."""
    found: dict[str, list[_Told]] = {}
    for entry in known().page:
        for marks in entry.shows:
            found.setdefault((marks.title or "").casefold(), []).append((marks, entry))
    return found


def _candidates(title: str | None) -> Iterator[_Told]:
    """What a page of this title may be."""
    told = _told()
    if title:
        yield from told.get(title.casefold(), ())
    yield from told.get("", ())


def _all_in(marks: Marks, text: str, size: int) -> bool:
    return size < marks.most_bytes and all(piece in text for piece in marks.body)
