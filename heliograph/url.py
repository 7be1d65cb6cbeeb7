"""Target URLs: read strictly, written one way (WHATWG URL standard, RFC 3986, RFC 5891)."""

import re
from collections.abc import Iterable, Iterator
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from urllib.parse import quote, urlsplit

import idna

from heliograph.address import BAD_PORTS
from heliograph.model import Target

MOST_CHARACTERS = 2048
_DEFAULT_PORTS = {"http": 80, "https": 443}
_FORBIDDEN = re.compile(
    r"[\x00-\x20\x7f-\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ud800-\udfff\\]"
)
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):(?://)?")
_USER_INFO = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]*://)?[^/?#]*@")
_SECRET = re.compile(r"(\A|://)[^/?#]*@")
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_PATH_SAFE = "/:@!$&'()*+,;=~-._%[]|"
_QUERY_SAFE = _PATH_SAFE + "?{}`^"
_SPECIAL = frozenset(
    # names that are not on the public internet: RFC 6761, 6762, 7686, 8375, 9476, ICANN 2024
    {"localhost", "local", "onion", "internal", "home.arpa", "alt", "lan"}
)


class BadTarget(ValueError):
    """This text is not a target; the message says what is wrong and how to mend it."""


def parse_target(text: str) -> Target:
    """The target a text means, normalised; a bare host means ``https://host/``.

    Raises BadTarget.
    """
    given = text.strip().strip("\ufeff")  # a byte order mark begins many a list
    if not given:
        raise BadTarget("a target is empty; write a URL such as https://example.org/")
    if len(given) > MOST_CHARACTERS:
        raise _too_long(given, given)
    if _FORBIDDEN.search(given):
        raise BadTarget(
            f"{_short(given)}: holds white space, a backslash or a control character;"
            " percent-encode it or split the line"
        )
    if _USER_INFO.match(given):
        raise BadTarget(f"{_short(given)}: holds a user name or password; leave it out")
    scheme, rest = _split_scheme(given)
    return _target(given, scheme, rest)


def without_user_info(text: str) -> str:
    """The text with a user name and password, if it holds any, replaced by stars."""
    return _SECRET.sub(r"\1***@", text)


def parse_targets(lines: Iterable[str]) -> Iterator[tuple[int, Target | BadTarget]]:
    """Each line's number with its target or what is wrong.

    Blank lines, # comments and targets that came before are skipped.
    """
    seen: set[str] = set()
    for number, line in enumerate(lines, start=1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        try:
            target = parse_target(text)
        except BadTarget as error:
            yield number, error
            continue
        if target.url not in seen:
            seen.add(target.url)
            yield number, target


def _split_scheme(text: str) -> tuple[str, str]:
    found = _SCHEME.match(text)
    if found is None or ("//" not in found[0] and _is_host_and_port(text)):
        return "https", text.removeprefix("//")
    scheme = found[1].lower()
    if scheme not in _DEFAULT_PORTS:
        raise BadTarget(f"{_short(text)}: {scheme} is not measured; use an http or https URL")
    if "//" not in found[0]:
        raise BadTarget(f"{_short(text)}: write {scheme}://host/ with two slashes")
    return scheme, text[found.end() :]


def _is_host_and_port(text: str) -> bool:
    """``example.org:8443/x`` has no scheme, ``mailto:x`` has."""
    return re.fullmatch(r"[^:/?#]+:([0-9]+([/?#].*)?)?", text) is not None


def _target(given: str, scheme: str, rest: str) -> Target:
    try:
        parts = urlsplit(f"{scheme}://{rest}")
        port = parts.port
    except ValueError as error:
        raise BadTarget(f"{_short(given)}: {error}; check the host and the port") from error
    host = _host(parts.netloc, given)
    port = _DEFAULT_PORTS[scheme] if port is None else port
    if port in BAD_PORTS:
        raise BadTarget(f"{_short(given)}: port {port} is never measured; use a web port")
    shown = f"[{host}]" if ":" in host else host
    suffix = "" if port == _DEFAULT_PORTS[scheme] else f":{port}"
    path = quote(parts.path, safe=_PATH_SAFE) or "/"
    query = f"?{quote(parts.query, safe=_QUERY_SAFE)}" if parts.query else ""
    url = f"{scheme}://{shown}{suffix}{path}{query}"
    if len(url) > MOST_CHARACTERS:
        raise _too_long(given, url)
    return Target(input=given, url=url, scheme=scheme, host=host, port=port)


def _host(authority: str, given: str) -> str:
    if authority.startswith("["):
        literal, _, rest = authority[1:].partition("]")
        if rest and not rest.startswith(":"):
            raise BadTarget(f"{_short(given)}: only a port can follow the brackets of an address")
        return _ipv6(literal, given)
    written = authority.partition(":")[0]
    name = _ascii(written, given).removesuffix(".")
    if not name:
        raise BadTarget(f"{_short(given)}: has no host; write it as https://host/path")
    labels = name.split(".")
    if _is_number(labels[-1]):
        return _ipv4(labels, given)
    return _public_name(name, labels, given)


def _ascii(written: str, given: str) -> str:
    """The A-label form, the way browsers make it (UTS 46, non-transitional)."""
    if "%" in written:
        raise BadTarget(f"{_short(given)}: the host is percent-encoded; write it plainly")
    lowered = written.lower()
    if lowered.isascii() and "xn--" not in lowered:
        return lowered
    try:
        return idna.encode(lowered, uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError) as error:
        raise BadTarget(f"{_short(given)}: the host is no valid name: {error}") from error


def _public_name(name: str, labels: list[str], given: str) -> str:
    if len(name) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise BadTarget(
            f"{_short(given)}: {_short(name)!r} is no valid host name; check its spelling"
        )
    endings = {".".join(labels[i:]) for i in range(len(labels))}
    if len(labels) == 1 or not endings.isdisjoint(_SPECIAL):
        raise BadTarget(f"{_short(given)}: {name} is not a name on the public internet")
    return name


def _is_number(label: str) -> bool:
    return _NUMBER.fullmatch(label) is not None


def _ipv4(labels: list[str], given: str) -> str:
    """What WHATWG's IPv4 parser makes of 127.1, 0x7f.1, 017700000001 or 2130706433."""
    try:
        numbers = [_number(label) for label in labels]
    except ValueError:
        numbers = []
    fits = 0 < len(numbers) <= 4 and all(n < 256 for n in numbers[:-1])
    if not fits or numbers[-1] >= 256 ** (5 - len(numbers)):
        raise BadTarget(f"{_short(given)}: {'.'.join(labels)} is no valid IPv4 address")
    value = numbers[-1] + sum(n * 256 ** (3 - i) for i, n in enumerate(numbers[:-1]))
    return str(IPv4Address(value))


def _number(label: str) -> int:
    if _NUMBER.fullmatch(label) is None:  # int() takes signs and underscores, too
        raise ValueError(label)
    if label.startswith("0x"):
        return int(label[2:] or "0", 16)
    if len(label) > 1 and label.startswith("0"):
        return int(label, 8)
    return int(label)


def _ipv6(text: str, given: str) -> str:
    try:
        if "%" in text:
            raise AddressValueError("zone identifiers are for this host only")
        address = IPv6Address(text)
    except AddressValueError as error:
        raise BadTarget(f"{_short(given)}: no valid IPv6 address: {error}") from error
    mapped = address.ipv4_mapped  # which Python versions write in different ways
    if mapped is not None:
        return f"::ffff:{int(mapped) >> 16:x}:{int(mapped) & 0xFFFF:x}"
    return str(address)


def _too_long(given: str, text: str) -> BadTarget:
    return BadTarget(
        f"{_short(given)}: {len(text)} characters are too long;"
        f" a target has at most {MOST_CHARACTERS}"
    )


def _short(text: str) -> str:
    shown = without_user_info(text)
    return shown if len(shown) <= 80 else f"{shown[:77]}..."
