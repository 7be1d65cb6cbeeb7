"""What a configuration may say of places and names; each mistake with what, where and how to mend.

Values only: ``heliograph.config`` asks, and raises.
"""

import re
from collections.abc import Iterable, Iterator
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

TEST_RANGES = (
    "198.18.0.0/15",
    "192.0.2.0/24",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "2001:2::/48",
    "2001:db8::/32",
    "3fff::/20",
)
"""Benchmarking and documentation (RFC 2544, 5737, 5180, 3849, 9637): nobody's on the internet.

A laboratory may use them as if they were public. Nothing else may be, or the address guard would
let probes into the volunteer's own network.
"""

LARGEST_ASN = 2**32 - 1
"""Autonomous system numbers are 32 bits (RFC 6793)."""

_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_MOST_NAME = 253
_TESTS = tuple(ip_network(text) for text in TEST_RANGES)

Problem = tuple[bool, str]
"""Whether something is wrong, and the words for it."""


def range_problems(ranges: Iterable[str]) -> Iterator[Problem]:
    """``network.assume_public``: networks within those for tests."""
    for text in ranges:
        try:
            network = ip_network(text)
        except ValueError as error:
            yield True, f"network.assume_public: {text!r} is not a network: {error}"
            continue
        yield (
            not any(_holds(test, network) for test in _TESTS),
            f"network.assume_public: {text!r} is not within a range for tests, so the address guard"
            f" keeps it closed; leave it out, or use {', '.join(TEST_RANGES)}",
        )


def name_problems(names: Iterable[str]) -> Iterator[Problem]:
    """``network.control_names``: host names, written as they are compared."""
    for name in names:
        why = _why_no_name(name)
        yield why is not None, f"network.control_names: {name!r} {why}"


def check_problems(urls: Iterable[str]) -> Iterator[Problem]:
    """``network.connectivity_checks``: URLs of pages."""
    for url in urls:
        yield (
            not _is_page(url),
            f"network.connectivity_checks: {url!r} is no http or https URL; write such as"
            " http://connectivity.example/204",
        )


def place_problems(addresses: Iterable[str]) -> Iterator[Problem]:
    """``network.injection_probe_addresses``: literal addresses."""
    for text in addresses:
        yield (
            not is_address(text),
            f"network.injection_probe_addresses: {text!r} is not an IP address",
        )


def vantage_problems(country: str | None, asn: int | None) -> Iterator[Problem]:
    """``vantage.country`` and ``vantage.asn``."""
    yield (
        country is not None and not is_country_code(country),
        f"vantage.country: {country!r} is not two capital letters (ISO 3166-1)",
    )
    yield (
        asn is not None and not 0 <= asn <= LARGEST_ASN,
        f"vantage.asn: {asn} is no autonomous system number; they go to {LARGEST_ASN}",
    )


def is_country_code(text: str) -> bool:
    """Whether it is written like one of ISO 3166-1: two capital letters."""
    return len(text) == 2 and text.isascii() and text.isalpha() and text.isupper()


def is_address(text: str) -> bool:
    """Whether the text is a literal IPv4 or IPv6 address (no brackets, no zone)."""
    try:
        ip_address(text)
    except ValueError:
        return False
    return "%" not in text


def _holds(outer: IPv4Network | IPv6Network, inner: IPv4Network | IPv6Network) -> bool:
    if isinstance(outer, IPv4Network) and isinstance(inner, IPv4Network):
        return inner.subnet_of(outer)
    if isinstance(outer, IPv6Network) and isinstance(inner, IPv6Network):
        return inner.subnet_of(outer)
    return False


def _why_no_name(name: str) -> str | None:
    if is_address(name.strip("[]")):
        return "is an address; write a host name, which a certificate can prove"
    if "/" in name or ":" in name:
        return "is a URL or holds a port; write the host name alone"
    if not name.isascii():
        return "is not ASCII; write its xn-- form"
    if name != name.lower() or name.endswith("."):
        return "is not in lower case without a dot at its end; write it so"
    labels = name.split(".")
    if len(labels) < 2 or len(name) > _MOST_NAME or not all(map(_LABEL.fullmatch, labels)):
        return "is no host name; write such as example.org"
    return None


def _is_page(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
