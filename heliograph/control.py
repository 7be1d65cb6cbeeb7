"""What a vantage asks a control server and what it is told (docs/design.md, section 4).

A control makes the same look from an uncensored network: ``POST /v1/control`` with a
``ControlRequest`` as JSON, answered by a ``ControlReply``.
"""

import hashlib
import hmac
from collections.abc import Iterable, Sequence
from ipaddress import ip_address, ip_network
from urllib.parse import urlsplit

import msgspec

from heliograph.config import Config, ConfigError
from heliograph.detail import Sought
from heliograph.model import Step
from heliograph.valid import is_address

MOST_ADDRESSES = 8
"""So many addresses of the vantage's at most are tried for one request."""

MOST_HEADERS = 20
MOST_SOUGHT = 4
"""So many things at most are sought in one page."""
MOST_SOUGHT_CHARACTERS = 500
"""And so many characters at most say which words, and which elements."""


SINK_BODY_BYTES = 65_536
"""The longest body that a sink takes."""


def sink_signature(token: str, nonce: str, request: Sequence[str], body: bytes) -> str:
    """What a sink (``control run --sink``) writes under its answer: HMAC-SHA256 (RFC 2104), in hex.

    Over the caller's ``nonce``, and method, target, Host and Referer of the request as it came.
    Whoever does not know the token can't write it, and a request that was changed on its way is
    answered with another one.
    """
    told = "\n".join((nonce, *request)).encode() + b"\n" + hashlib.sha256(body).digest()
    return hmac.new(token.encode(), told, hashlib.sha256).hexdigest()


class ControlRequest(msgspec.Struct, frozen=True, kw_only=True):
    """One hop to be looked at: a URL, and where the vantage was led for its host."""

    url: str
    addresses: tuple[str, ...] = ()
    """Literal addresses the vantage found; tried beside those the control finds itself."""
    headers: tuple[tuple[str, str], ...] = ()
    """Request headers of the vantage, sent as they are (Host, Connection and the like excepted)."""
    sought: tuple[Sought, ...] = ()
    """What the page is to be searched for."""


class ControlNetwork(msgspec.Struct, frozen=True, kw_only=True):
    """The network of the caller as the control's table knows it."""

    asn: int
    country: str
    name: str
    source: str | None = None
    """Name and date of the table."""


class ControlReply(msgspec.Struct, frozen=True, kw_only=True):
    """The control's own steps for one hop, and who it saw asking."""

    steps: tuple[Step, ...]
    """Seconds count from the moment the control began."""
    software: str
    observed_address: str | None = None
    """The caller's address; used for scrubbing and attribution, and never stored."""
    network: ControlNetwork | None = None


class ControlPlace(msgspec.Struct, frozen=True, kw_only=True):
    """Where a control server answers: ``scheme://host[:port]/path[@address]``."""

    scheme: str
    host: str
    """A name (checked in the certificate) or an address."""
    port: int
    path: str
    address: str | None = None
    """The literal to connect to; None when the host's name must be looked up first."""

    @property
    def url(self) -> str:
        """The URL to post to, without the address."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}{self.path}"

    def __str__(self) -> str:
        return self.url if self.address is None else f"{self.url}@{self.address}"

    def in_the_clear(self, test_ranges: Iterable[str]) -> bool:
        """Whether somebody on the way could read the token and every target.

        Not over https, within this host, and within a laboratory's ranges.
        """
        if self.scheme == "https":
            return False
        if self.address is None:
            return True
        address = ip_address(self.address)
        ranges = [ip_network(text) for text in test_ranges]
        return not (address.is_loopback or any(address in each for each in ranges))

    @classmethod
    def parse(cls, text: str) -> "ControlPlace":
        """Read the written form; raises ValueError saying what is wrong and what is expected."""
        rest, _, address = text.rpartition("@") if "@" in text else (text, "", "")
        parts = urlsplit(rest)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError(f"control {text!r}: write https://host/v1/control, or ...@address")
        literal = address.strip("[]") or (parts.hostname if is_address(parts.hostname) else None)
        if literal is not None and not is_address(literal):
            raise ValueError(f"control {text!r}: {literal!r} after '@' is not an IP address")
        return cls(
            scheme=parts.scheme,
            host=parts.hostname,
            port=parts.port or (443 if parts.scheme == "https" else 80),
            path=parts.path if parts.path not in {"", "/"} else "/v1/control",
            address=literal,
        )


def headers_for(token: str | None) -> tuple[tuple[str, str], ...]:
    """The headers of a request to a control."""
    usual = (("Accept", "application/json"), ("Content-Type", "application/json"))
    return usual if token is None else (*usual, ("Authorization", f"Bearer {token}"))


def places(config: Config) -> tuple[ControlPlace, ...]:
    """The control servers of a configuration, in its order; raises ConfigError."""
    try:
        found = tuple(ControlPlace.parse(text) for text in config.control.urls)
    except ValueError as error:
        raise ConfigError(f"control.urls: {error}") from error
    for place, text in zip(found, config.control.urls, strict=True):
        if place.in_the_clear(config.network.assume_public):
            raise ConfigError(
                f"control.urls: {text!r} is not encrypted, so whoever watches the line would read"
                " the token and every target; write https://, or http:// with a loopback address"
            )
    return found
