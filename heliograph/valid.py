"""What a configuration may say of places and names; each mistake with what, where and how to mend.

Values only: ``heliograph.config`` asks, and raises.
"""

import re
from collections.abc import Iterable, Iterator
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from string import ascii_uppercase
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

_ALPHA_2 = (
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR"
    " BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ"
    " EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW"
    " GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY"
    " KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV"
    " MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY"
    " QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG"
    " TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM"
    " ZW"
)
_ASSIGNED = frozenset(_ALPHA_2.split())
"""ISO 3166-1 alpha-2, the 249 codes officially assigned."""

_LEFT_TO_USERS = re.compile("AA|Q[M-Z]|X[A-Z]|ZZ")
"""ISO 3166-1, 8.1.3: no country's, for anybody to use; a laboratory's, and ZZ for unknown."""

_HABITS = {"UK": "GB", "EL": "GR", "KO": "KR", "SU": "RU"}

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
        country is not None and not is_assigned(country),
        f"vantage.country: {country!r} is no country code of ISO 3166-1, which are two capital"
        f" letters such as NL{_meant(country or '')}",
    )
    yield (
        asn is not None and not 0 <= asn <= LARGEST_ASN,
        f"vantage.asn: {asn} is no autonomous system number; they go to {LARGEST_ASN}",
    )


def is_country_code(text: str) -> bool:
    """Whether it is written like one of ISO 3166-1: two capital letters."""
    return len(text) == 2 and text.isascii() and text.isalpha() and text.isupper()


def country_codes() -> Iterator[str]:
    """Every code that a configuration may name, in the order of the alphabet."""
    pairs = (f"{first}{second}" for first in ascii_uppercase for second in ascii_uppercase)
    return filter(is_assigned, pairs)


def is_assigned(text: str) -> bool:
    """Whether it is a country's code in ISO 3166-1 alpha-2, or one left to users to assign."""
    return is_country_code(text) and (
        text in _ASSIGNED or _LEFT_TO_USERS.fullmatch(text) is not None
    )


def _meant(text: str) -> str:
    """The code that a habit has in mind, where that is another one."""
    code = _HABITS.get(text.upper()) or (text.upper() if is_assigned(text.upper()) else None)
    return "" if code is None else f"; {code} may be meant"


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
