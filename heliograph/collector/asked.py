"""What a caller asks a control, read strictly: a target, literal addresses, plain headers."""

import re
from http import HTTPStatus
from ipaddress import ip_address

import msgspec

from heliograph.collector.problem import Problem
from heliograph.control import (
    MOST_ADDRESSES,
    MOST_HEADERS,
    MOST_SOUGHT,
    MOST_SOUGHT_CHARACTERS,
    ControlRequest,
)
from heliograph.detail import Sought
from heliograph.model import Target
from heliograph.sought import wrong_selector
from heliograph.url import BadTarget, parse_target
from heliograph.valid import is_address

_MOST_CHARACTERS = 4096
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")
_VALUE = re.compile(r"[\t\x20-\x7e]*")
_OURS = frozenset(
    {
        *("connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding"),
        *("upgrade", "proxy-authenticate", "proxy-authorization", "http2-settings"),
        *("host", "content-length", "expect", "authorization", "cookie2"),
    }
)
"""Headers of one connection, of a body we do not send, or with a secret that is not for sites."""


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A request that can be looked at."""

    target: Target
    addresses: tuple[str, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    sought: tuple[Sought, ...] = ()


def read_asked(body: bytes) -> Asked:
    """The request in a body; raises Problem."""
    try:
        asked = msgspec.json.decode(body, type=ControlRequest)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Problem(HTTPStatus.BAD_REQUEST, f"the body is no control request: {error}") from error
    try:
        target = parse_target(asked.url)
    except BadTarget as error:
        raise _unusable(f"url: {error}") from error
    return Asked(
        target=target,
        addresses=_addresses(asked.addresses),
        headers=_headers(asked.headers),
        sought=_sought(asked.sought),
    )


def _unusable(detail: str) -> Problem:
    return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, detail)


def _addresses(given: tuple[str, ...]) -> tuple[str, ...]:
    """Each once, written one way."""
    if len(given) > MOST_ADDRESSES:
        raise _unusable(f"addresses: at most {MOST_ADDRESSES}, not {len(given)}")
    for number, text in enumerate(given):
        if not is_address(text):
            raise _unusable(f"addresses[{number}]: is not an IP address")
    return tuple(dict.fromkeys(str(ip_address(text)) for text in given))


def _headers(given: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """Those that may be sent on."""
    if len(given) > MOST_HEADERS:
        raise _unusable(f"headers: at most {MOST_HEADERS}, not {len(given)}")
    for number, (name, value) in enumerate(given):
        fits = _NAME.fullmatch(name) and _VALUE.fullmatch(value) and len(value) <= _MOST_CHARACTERS
        if not fits:
            raise _unusable(
                f"headers[{number}]: is no header: a token and at most {_MOST_CHARACTERS}"
                " characters of printable ASCII"
            )
    dropped = _OURS | _named_by_connection(given)
    return tuple((name, value.strip()) for name, value in given if name.lower() not in dropped)


def _sought(given: tuple[Sought, ...]) -> tuple[Sought, ...]:
    """What to look for, without what anybody claims to have found."""
    if len(given) > MOST_SOUGHT:
        raise _unusable(f"sought: at most {MOST_SOUGHT}, not {len(given)}")
    for number, one in enumerate(given):
        if max(len(one.text), len(one.selector)) > MOST_SOUGHT_CHARACTERS:
            raise _unusable(f"sought[{number}]: more than {MOST_SOUGHT_CHARACTERS} characters")
        wrong = wrong_selector(one.selector) if one.selector or not one.text else None
        if wrong is not None:
            raise _unusable(f"sought[{number}]: {wrong}")
    return tuple(Sought(text=one.text, selector=one.selector) for one in given)


def _named_by_connection(given: tuple[tuple[str, str], ...]) -> frozenset[str]:
    """Headers that the Connection header makes a matter of one connection (RFC 9110, 7.6.1)."""
    values = (value for name, value in given if name.lower() == "connection")
    return frozenset(word.strip().lower() for value in values for word in value.split(","))
