"""What is read of OONI's documents: the fields we need, each of them as lenient as the wild is.

Facts from OONI's data formats df-000 to df-008 and ts-017 (github.com/ooni/spec). Everything may be
missing or null; what has another type still is left to storage.ooni.odd. A document is a tree, so
nothing here needs the collector of cycles.
"""

from typing import TypeVar

import msgspec

Word = str | bool | None
"""A failure; old programs wrote false for none."""
Number = float | None
Count = int | None
Kind = TypeVar("Kind")
MOST_STEPS = 4096
"""A measurement with more steps than this is cut, and counts as broken."""
NOTHING = msgspec.Raw()
"""In the place of JSON that is not there."""


class Binary(msgspec.Struct, gc=False):
    """Bytes that are no UTF-8 (df-001)."""

    data: str = ""
    format: str = "base64"


Text = str | Binary | None


class Answer(msgspec.Struct, gc=False):
    """One record of an answer (df-002)."""

    answer_type: str | None = None
    ipv4: str | None = None
    ipv6: str | None = None
    hostname: str | None = None
    asn: Count = None
    as_org_name: str | None = None
    ttl: Count = None


class Query(msgspec.Struct, gc=False):
    """One look-up (df-002)."""

    answers: list[Answer] | None = None
    engine: str | None = None
    failure: Word = None
    hostname: str | None = None
    query_type: str | None = None
    rcode: Count = None
    resolver_address: str | None = None
    resolver_hostname: str | None = None
    resolver_port: Count = None
    t0: Number = None
    t: Number = None
    tags: list[str] | None = None
    transaction_id: Count = None


class ConnectStatus(msgspec.Struct, gc=False):
    """What came of a connection."""

    failure: Word = None
    success: bool | None = None


class Connect(msgspec.Struct, gc=False):
    """One connection (df-005)."""

    ip: str | None = None
    port: Count = None
    status: ConnectStatus | None = None
    t0: Number = None
    t: Number = None
    tags: list[str] | None = None
    transaction_id: Count = None


class Handshake(msgspec.Struct, gc=False):
    """One TLS or QUIC handshake (df-006)."""

    address: str | None = None
    cipher_suite: str | None = None
    failure: Word = None
    negotiated_protocol: str | None = None
    no_tls_verify: bool | None = None
    peer_certificates: list[Binary | None] | None = None
    server_name: str | None = None
    t0: Number = None
    t: Number = None
    tags: list[str] | None = None
    tls_version: str | None = None
    transaction_id: Count = None


class Tor(msgspec.Struct, gc=False):
    """Whether a request went through Tor, as a control of old tests did."""

    is_tor: bool | None = None


class Request(msgspec.Struct, omit_defaults=True, gc=False):
    """The request of a transaction (df-001)."""

    url: str | None = None
    method: str | None = None
    headers: msgspec.Raw = NOTHING
    headers_list: list[tuple[str, Text]] | None = None
    tor: Tor | None = None


class Response(msgspec.Struct, omit_defaults=True, gc=False):
    """The response of a transaction; ``code`` 0 or null means that there was none."""

    code: Count = None
    body: Text = None
    body_is_truncated: bool | None = None
    headers: msgspec.Raw = NOTHING
    headers_list: list[tuple[str, Text]] | None = None


class Transaction(msgspec.Struct, gc=False):
    """One request and what came back."""

    address: str | None = None
    failure: Word = None
    request: Request | None = None
    response: Response | None = None
    t0: Number = None
    t: Number = None
    tags: list[str] | None = None
    transaction_id: Count = None


class Event(msgspec.Struct, gc=False):
    """Something that happened on a socket (df-008)."""

    address: str | None = None
    failure: Word = None
    operation: str | None = None
    proto: str | None = None
    t0: Number = None
    t: Number = None


class Ping(msgspec.Struct, gc=False):
    """One round of the experiments that repeat themselves (ts-031 to ts-035)."""

    query: Query | None = None
    tcp_connect: Connect | None = None
    tls_handshake: Handshake | None = None
    quic_handshake: Handshake | None = None


class Keys(msgspec.Struct, omit_defaults=True, gc=False):
    """``test_keys``: what every experiment has in common, and what a few have besides."""

    queries: list[Query] | None = None
    requests: list[Transaction] | None = None
    tcp_connect: list[Connect] | None = None
    tls_handshakes: list[Handshake] | None = None
    quic_handshakes: list[Handshake] | None = None
    network_events: msgspec.Raw = NOTHING
    x_dns_duplicate_responses: list[Query] | None = None
    control: msgspec.Raw = NOTHING
    control_failure: Word = None
    blocking: Word = None
    accessible: bool | None = None
    bootstrap: msgspec.Raw = NOTHING
    lookups: msgspec.Raw = NOTHING
    targets: msgspec.Raw = NOTHING
    target: msgspec.Raw = NOTHING
    pings: msgspec.Raw = NOTHING
    x_dns_whoami: msgspec.Raw = NOTHING
    x_heliograph: msgspec.Raw = NOTHING


class Seen(msgspec.Struct, gc=False):
    """What the test helper met at an address and port."""

    failure: Word = None
    status: bool | None = None
    server_name: str | None = None


class Page(msgspec.Struct, gc=False):
    """What the test helper was shown, redirects followed; -1 stands for nothing."""

    failure: Word = None
    status_code: Count = None
    body_length: Count = None
    title: str | None = None
    headers: dict[str, Text] | None = None


class Names(msgspec.Struct, gc=False):
    """What the test helper's resolver said."""

    failure: Word = None
    addrs: list[str] | None = None


class AboutAddress(msgspec.Struct, gc=False):
    """What the test helper knows of an address."""

    asn: Count = None


class Control(msgspec.Struct, gc=False):
    """The test helper's answer (ts-017)."""

    dns: Names | None = None
    tcp_connect: dict[str, Seen] | None = None
    tls_handshake: dict[str, Seen] | None = None
    quic_handshake: dict[str, Seen] | None = None
    http_request: Page | None = None
    ip_info: dict[str, AboutAddress] | None = None


class Document(msgspec.Struct, omit_defaults=True, gc=False):
    """One measurement as OONI publishes it (df-000)."""

    annotations: msgspec.Raw = NOTHING
    input: str | None = None
    measurement_start_time: str | None = None
    measurement_uid: str | None = None
    probe_asn: str | int | None = None
    probe_cc: str | None = None
    probe_network_name: str | None = None
    report_id: str | None = None
    resolver_asn: str | int | None = None
    resolver_ip: str | None = None
    software_name: str | None = None
    software_version: str | None = None
    test_helpers: msgspec.Raw = NOTHING
    test_keys: Keys | None = None
    test_name: str | None = None
    test_runtime: Number = None
    test_start_time: str | None = None
    test_version: str | None = None
    content: msgspec.Raw = NOTHING
    """The measurement itself, where the archive kept what was posted."""


def some(found: list[Kind] | None) -> list[Kind]:
    """A list without what is beyond any honest measurement's length."""
    return [] if found is None else found[: MOST_STEPS + 1]


def is_object(raw: msgspec.Raw) -> bool:
    """Whether the JSON is an object: null, or none at all, is not."""
    return memoryview(raw)[:1].tobytes() == b"{"


def is_list(raw: msgspec.Raw) -> bool:
    """Whether the JSON is an array."""
    return memoryview(raw)[:1].tobytes() == b"["
