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
    unsent: bool = False
    """This host's own routes or rules refused it: no packet left it."""
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
    client_hello_segments: int = 0
    """In how many TCP segments it was sent, where one did not hold it; 0: one, or not known."""
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


class QuicDetail(TlsDetail, frozen=True, kw_only=True, omit_defaults=True):
    """A QUIC handshake, or an offer of a version nobody has (RFC 9000): what came of it.

    ``server_spoke`` is true when a packet arrived that only whoever read ours could send.
    """

    offered: str | None = None
    """The version offered only to be refused, in hex; None where a name was said."""
    versions: tuple[str, ...] = ()
    """What the peer's version negotiation lists, in hex."""
    sends: int = 0
    """Datagrams sent, and received."""
    received: int = 0
    initial_datagrams: int = 0
    """How many the ClientHello took, and their bytes: filters are fooled by more than one."""
    initial_bytes: int = 0
    close_code: int | None = None
    """Error code of the CONNECTION_CLOSE that ended it; 256 and more are TLS alerts."""
    close_reason: str = ""
    close_in: str | None = None
    """Whose it was: ``initial`` (anybody on the path can write that), ``peer`` (encrypted), or
    ``ours``, since what arrived was no QUIC."""
    contradicted: bool = False
    """After a close that anybody could have written, the peer completed the handshake."""
    follow_ups: int = 0
    """Packets sent on the same pair of ports a second after the first, and how many of them were
    answered: blocking comes late."""
    answered: int = 0
    status: int | None = None
    """Of the response to a request over HTTP/3; None: there was none, or none was asked for."""

    @property
    def cut(self) -> bool:
        """The peer spoke, and a second later nothing came through."""
        return self.server_spoke and self.follow_ups > 0 and not self.answered


class Sought(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Words, an element, or words within such an element, that a page is searched for."""

    text: str = ""
    selector: str = ""
    """Which elements count (heliograph.sought); empty: the whole page."""
    found: str | None = None
    """Where it stands: ``text``, ``element``, ``meta`` or ``script``; None: nowhere in what was
    read."""
    problem: str | None = None
    """Why what was not found may be there all the same; None: nothing speaks for that."""


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
    request_body: str = ""
    """Of a request to a sink alone."""
    words: tuple[tuple[str, str], ...] = ()
    """Which parts of it held what of the target's (heliograph.plugin.SinkMessage); else filler."""
    signed: bool | None = None
    """The sink answered this request as it was sent, and nobody else did; None: no response."""
    pace: tuple[tuple[float, int], ...] = ()
    """How a response that took long came: seconds since the request, and bytes of body by then."""
    out_of_order: int = 0
    """Segments that came out of their order: others before them had been lost on the way here."""
    encoding: str | None = None
    encoding_problem: str | None = None
    sought: tuple[Sought, ...] = ()
    """What the response was searched for, in the order it was asked; none before there is one."""
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


class Caught(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Packets of one kind that came for one trial, as a capture saw them."""

    kind: str
    """``reset``, ``data``, ``end``, or ``expired``: ICMP of a router that threw the name away."""
    count: int = 1
    after: float = 0.0
    """Seconds between the name and the first of them."""
    ip_ttl: int = 0
    """Of the first of them, as it arrived; so is all that follows."""
    ip_id: int = 0
    dont_fragment: bool = False
    flags: str = ""
    """TCP's, one letter each: F, S, R, P, A, U, E, C."""
    window: int = 0
    size: int = 0
    """Bytes of payload."""
    payload: str = ""
    """The first of them, in hex."""


class HopTrial(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One packet sent with a time to live that ends at a certain hop, and what came of it."""

    ttl: int
    ended: str = "silent"
    """``answered``, ``reset``, ``closed``, ``refused`` (ICMP: nobody is at that port), ``expired``
    (a router threw it away, as it must), ``silent``, or ``unconnected``: nothing could be said."""
    expired: bool = False
    """A router said that it threw the packet away, whatever else came."""
    after: float | None = None
    """Seconds until that end; None where there was none."""
    answer: str = ""
    """How an answer begins, as text; of DNS, the addresses."""
    ip_ttl: int | None = None
    """IP time to live of an answer over UDP as it arrived."""
    inside: bool = False
    """The router is in the vantage's own network, so nothing more is said of it."""
    router: str | None = None
    """Its address, where that locates no volunteer (docs/probes/trace.md)."""
    asn: int | None = None
    network: str | None = None
    country: str | None = None
    retransmits: int = 0
    """How often the kernel sent the name again (TCP)."""
    caught: tuple[Caught, ...] = ()


class SweepDetail(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The same thing said several times, each time with another time to live."""

    said: str
    """``tls``, ``http`` or ``dns``: how a name is said; ``routers``: none is."""
    trials: tuple[HopTrial, ...] = ()
    captured: bool = False
    """Packets were captured, with the rights that takes."""
    networks: str | None = None
    """Name and date of the table that the routers' networks come from."""
    cause: Cause | None = None


Detail = DnsDetail | TcpDetail | TlsDetail | HttpDetail | DatagramDetail | SweepDetail

D = TypeVar(
    "D", DnsDetail, TcpDetail, TlsDetail, QuicDetail, HttpDetail, DatagramDetail, SweepDetail
)


def read(step: Step, shape: type[D]) -> D:
    """The step's detail in its shape; fields of newer versions are passed over."""
    return msgspec.json.decode(step.detail, type=shape)
