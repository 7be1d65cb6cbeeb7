"""What the detail of each kind of step holds; written by Net, read by rules, exports and pages."""

from typing import TypeVar

import msgspec

from heliograph.model import Step


class Cause(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The raw error behind a failure word, own addresses scrubbed."""

    type: str
    errno: int | None = None
    text: str = ""


class DnsAnswer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One record of an answer section."""

    name: str
    type: str
    """A, AAAA, CNAME, …"""
    value: str
    ttl: int = 0
    """Seconds the record may be cached."""
    bogon: str | None = None
    """Why this address can't be a public host's, or None (heliograph.address)."""
    asn: int | None = None
    network: str | None = None
    country: str | None = None


class DnsReply(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One answer to one query; a forged one and the real one are two replies."""

    after: float
    """Seconds between the (first) query and this reply."""
    rcode: str = ""
    flags: str = ""
    answers: tuple[DnsAnswer, ...] = ()
    ip_ttl: int | None = None
    """IP time to live (hop limit) on arrival: tells an injector from the resolver."""
    size: int = 0
    problem: str | None = None
    """Why the reply was not accepted (wrong id, other question, unreadable), or None."""
    reasons: tuple[int, ...] = ()
    """Numbers of the extended errors the resolver gave (RFC 8914)."""


class DnsDetail(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A query and every reply that came within its window."""

    query_type: str
    standing: str = "system"
    """``system``: what a browser here would use; ``trusted``: asked for comparison; ``other``,
    such as an address where no resolver lives."""
    transport: str = "udp"
    sends: int = 1
    replies: tuple[DnsReply, ...] = ()
    networks: str | None = None
    """Name and date of the table that the networks of the answers come from."""
    cause: Cause | None = None


class TcpDetail(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A connection attempt; ``refusal`` says why the address guard forbade it."""

    refusal: str | None = None
    residual: bool = False
    """It failed where another name had just been stopped, and nobody been answered since."""
    cause: Cause | None = None


class Certificate(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one certificate of a chain says of itself."""

    sha256: str
    subject: str
    issuer: str
    not_before: str
    not_after: str
    names: tuple[str, ...] = ()
    der: str | None = None
    """Base64 of the whole certificate, kept when the chain does not verify."""


class TlsDetail(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A handshake: what was agreed, and whether the chain proves the name."""

    version: str | None = None
    cipher: str | None = None
    alpn: str | None = None
    completed: bool = False
    """The handshake ended well, whatever the certificate."""
    server_spoke: bool = False
    """At least one TLS record of the peer arrived."""
    alert: int | None = None
    """Number of the alert the peer sent in the clear (RFC 8446, section 6)."""
    client_hello_bytes: int = 0
    injected: str | None = None
    """The start of a reply that is not TLS, as text."""
    chain: tuple[Certificate, ...] = ()
    verification: str | None = None
    """OpenSSL's words when the chain does not verify or is for another name."""
    implied: str | None = None
    """What of this somebody else's record does not say and its format implies; None: nothing."""
    residual: bool = False
    """It failed where another name had just been stopped, and nobody been answered since."""
    cause: Cause | None = None


class HttpDetail(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One request and its response, read raw and inflated with a cap."""

    url: str
    method: str = "GET"
    request_headers: tuple[tuple[str, str], ...] = ()
    stage: str = "request"
    """How far it got: ``request``, ``headers`` (waiting for them), ``body``, ``done``."""
    version: str | None = None
    status: int | None = None
    headers: tuple[tuple[str, str], ...] = ()
    location: str | None = None
    title: str | None = None
    raw_bytes: int = 0
    """Body bytes as they came over the wire."""
    expected_bytes: int | None = None
    """The Content-Length announced."""
    body_bytes: int = 0
    """Body bytes after inflating, up to the cap."""
    body_sha256: str | None = None
    body_text: str | None = None
    """The beginning of the body as text."""
    truncated: bool = False
    """We stopped reading at our own cap."""
    encoding: str | None = None
    encoding_problem: str | None = None
    implied: str | None = None
    """What of this somebody else's record does not say and its format implies; None: nothing."""
    residual: bool = False
    """It failed where another name had just been stopped, and nobody been answered since."""
    cause: Cause | None = None


class DatagramDetail(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A datagram sent, and every one that came back (base64)."""

    sent: str
    replies: tuple[str, ...] = ()
    cause: Cause | None = None


Detail = DnsDetail | TcpDetail | TlsDetail | HttpDetail | DatagramDetail

D = TypeVar("D", DnsDetail, TcpDetail, TlsDetail, HttpDetail, DatagramDetail)


def read(step: Step, shape: type[D]) -> D:
    """The step's detail in its shape; fields of newer versions are passed over."""
    return msgspec.json.decode(step.detail, type=shape)
