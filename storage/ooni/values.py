"""Small things OONI writes in ways of its own: moments, versions, endpoints, tags, bytes."""

import binascii
from base64 import b64decode
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from ipaddress import ip_address
from typing import NamedTuple
from urllib.parse import urlsplit

import msgspec

from heliograph.address import Guard
from heliograph.model import UNKNOWN_COUNTRY, Step, Target
from heliograph.text import clean
from heliograph.url import MOST_CHARACTERS, BadTarget, parse_target, without_user_info
from storage.ooni.shapes import NOTHING, Binary, Text, is_list, is_object

NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)
"""Stands for a moment that is not published."""

_PORTS = {"http": 80, "https": 443}
_NO_TARGET = Target(input="", url="", scheme="", host="", port=0)
_GUARD = Guard()
_HOPS = {f"depth={depth}": depth + 1 for depth in range(64)}
_ZERO: float = next(f.default for f in msgspec.structs.fields(Step) if f.name == "started")
"""The default itself, so that it is left out where a record is hashed (heliograph.ids)."""
_LONGEST = 10_000_000.0
_LARGEST_PORT = 65535
_LARGEST_ASN = 2**32 - 1


class Place(NamedTuple):
    """Where a URL leads."""

    scheme: str
    host: str
    port: int


NOWHERE = Place("", "", 0)


def moment_of(*texts: str | None) -> datetime:
    """The first of the texts that is a moment; UTC, whole seconds."""
    return next((found for text in texts if (found := _moment(text)) is not None), NO_TIME)


def _moment(text: str | None) -> datetime | None:
    try:
        found = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    if found.tzinfo is not None:
        found = found.astimezone(UTC)
    return found.replace(tzinfo=UTC, microsecond=0)


def version_of(text: str | None) -> int:
    """``0.5.28`` as a number that orders: 5028; 0 when there is none."""
    return _version(short(text, 32))


@lru_cache(maxsize=1024)
def _version(text: str) -> int:
    parts = text.split(".")[:3]
    numbers = [int(part) if part.isascii() and part.isdigit() else 0 for part in parts]
    bounded = [min(number, 999) for number in (*numbers, 0, 0, 0)]
    return bounded[0] * 1_000_000 + bounded[1] * 1_000 + bounded[2]


def asn_of(text: str | int | None) -> int:
    """``AS64500`` as a number; 0 when unknown."""
    digits = (text if isinstance(text, str) else str(text or ""))[:16].upper().removeprefix("AS")
    number = int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 12 else 0
    return number if number <= _LARGEST_ASN else 0


def country_of(text: str | None) -> str:
    """An ISO 3166-1 code as published, or ZZ."""
    code = (text or "").upper()
    known = len(code) == 2 and code.isascii() and code.isalpha() and code != UNKNOWN_COUNTRY
    return code if known else UNKNOWN_COUNTRY


def seconds_of(t0: float | None, t: float | None) -> tuple[float, float]:
    """When a step began and how long it took.

    Old programs published its end alone: it then counts as begun at that moment.
    """
    if t0 is None:
        return second_of(t), _ZERO
    began = second_of(t0)
    return began, second_of(None if t is None else t - t0)


def second_of(value: float | None) -> float:
    """A sane number of seconds, to the microsecond."""
    return round(value, 6) if value and 0 < value < _LONGEST else _ZERO


def short(text: str | None, most: int = 512) -> str:
    """The beginning of a text: what is remembered of texts is bounded by this."""
    return text[:most] if text else ""


def hop_of(tags: Sequence[str] | None) -> int | None:
    """The hop in ``depth=N``, counted from 1; None when there is no such tag."""
    if not tags:
        return None
    for tag in tags:
        if tag in _HOPS:
            return _HOPS[tag]
    return None


def endpoint_of(text: str | None) -> tuple[str | None, int | None]:
    """The address and port in ``1.2.3.4:443`` or ``[::1]:443``; None for what is neither."""
    return _endpoint(short(text, 64))


@lru_cache(maxsize=8192)
def _endpoint(text: str) -> tuple[str | None, int | None]:
    host, _, port = text.rpartition(":")
    return address_of(host.strip("[]")), port_of(int(port) if _is_number(port) else None)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 6


def port_of(number: int | None) -> int | None:
    """The number, if it is a port."""
    return number if number is not None and 0 < number <= _LARGEST_PORT else None


def address_of(text: str | None) -> str | None:
    """The text, if it is an IP address, written one way."""
    return _address(text[:64]) if text else None


@lru_cache(maxsize=65536)
def _address(text: str) -> str | None:
    try:
        return str(ip_address(text.partition("%")[0]))
    except ValueError:
        return None


@lru_cache(maxsize=65536)
def bogon_of(address: str) -> str | None:
    """Why no public host can have this address, or None (heliograph.address)."""
    return _GUARD.bogon(address)


def target_of(text: str | None) -> Target:
    """The target of a measurement: a URL as our own, or whatever else was the input."""
    return _target(text[: MOST_CHARACTERS + 1]) if text else _NO_TARGET


@lru_cache(maxsize=4096)
def _target(text: str) -> Target:
    shown = clean(text)[:MOST_CHARACTERS]
    try:
        return parse_target(text)
    except (BadTarget, ValueError):
        place = _place(text)
        kept = without_user_info(shown)
        return Target(input=shown, url=kept, scheme=place.scheme, host=place.host, port=place.port)


def place_of(url: str | None) -> Place:
    """Where a request went."""
    target = target_of(url)
    return Place(target.scheme, target.host, target.port)


def _place(text: str) -> Place:
    """What can be told of ``dot://dns.example:853`` or ``192.0.2.1:80``."""
    try:
        parts = urlsplit(text if "://" in text else f"//{text}")
        port = parts.port or _PORTS.get(parts.scheme, 0)
        return Place(parts.scheme, clean(parts.hostname or "")[:255], port)
    except ValueError:
        return NOWHERE


def name_of(text: str | None) -> str | None:
    """A host name as steps have it: lower case, without the dot at its end."""
    return _name(text[:256]) if text else None


@lru_cache(maxsize=8192)
def _name(text: str) -> str | None:
    ascii_name = text if text.isascii() else place_of(f"https://{text}/").host or text
    return clean(ascii_name.lower().removesuffix("."))[:255] or None


def bytes_of(text: Text) -> bytes:
    """The bytes behind a text, or behind its base64."""
    if isinstance(text, str):
        return text.encode("utf-8", "backslashreplace")
    return b"" if text is None else unbased(text.data)


def unbased(data: str) -> bytes:
    """Base64 undone; nothing when it is none."""
    try:
        return b64decode(data)
    except (binascii.Error, ValueError):
        return b""


def plain(text: Text) -> str:
    """A short text, such as a header's value."""
    if isinstance(text, str):
        return text
    return "" if text is None else bytes_of(text).decode("utf-8", "backslashreplace")


def headers_of(
    pairs: Sequence[tuple[str, Text]] | None, mapped: msgspec.Raw = NOTHING
) -> tuple[tuple[str, str], ...]:
    """Headers as they came, or those a map kept, not too many and not too long."""
    if pairs is None:
        pairs = _pairs(mapped)
    return tuple(
        [
            (name[:_HEADER], (value if isinstance(value, str) else plain(value))[:_HEADER])
            for name, value in pairs[:_MOST_HEADERS]
        ]
    )


_MOST_HEADERS, _HEADER = 200, 2048
_Mapped = dict[str, str | Binary | None]
_Listed = list[tuple[str, list[str]]]
_MAPPED = msgspec.json.Decoder(_Mapped)
_LISTED = msgspec.json.Decoder(_Listed)


def _pairs(raw: msgspec.Raw) -> list[tuple[str, Text]]:
    """The headers of a map, or of the pairs of a name and its values that came before maps."""
    try:
        if is_object(raw):
            return list(_MAPPED.decode(raw).items())
        listed = _LISTED.decode(raw) if is_list(raw) else []
    except msgspec.DecodeError:
        return []
    return [(name, value) for name, values in listed for value in values]
