"""What we write of OONI's data formats (github.com/ooni/spec, data-formats), as structs.

df-000 base, df-001 httpt, df-002 dnst, df-005 tcpconnect, df-006 tlshandshake, df-008 netevents;
ts-017 for what web_connectivity adds. Moments are seconds since the measurement began. Every key is
written, null where there is nothing, as OONI does.
"""

import msgspec

from storage.ooni.own import OwnRecord
from storage.ooni.writing_verdict import Judged


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """df-002: one record of an answer."""

    answer_type: str
    hostname: str | None = None
    ipv4: str | None = None
    ipv6: str | None = None
    ttl: int | None = None
    asn: int | None = None
    as_org_name: str | None = None


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """df-002: one lookup."""

    hostname: str
    query_type: str
    engine: str
    failure: str | None
    answers: tuple[Answer, ...] | None
    rcode: int | None
    resolver_address: str
    t0: float
    t: float
    tags: tuple[str, ...]
    transaction_id: int
    resolver_hostname: None = None
    resolver_port: None = None


class ConnectStatus(msgspec.Struct, frozen=True, kw_only=True):
    """df-005."""

    failure: str | None
    success: bool


class TcpConnect(msgspec.Struct, frozen=True, kw_only=True):
    """df-005: one attempt to connect."""

    ip: str
    port: int
    status: ConnectStatus
    t0: float
    t: float
    tags: tuple[str, ...]
    transaction_id: int


class Binary(msgspec.Struct, frozen=True, kw_only=True):
    """df-001: bytes that are no text."""

    data: str
    format: str = "base64"


class Handshake(msgspec.Struct, frozen=True, kw_only=True):
    """df-006: one TLS handshake."""

    address: str
    cipher_suite: str
    failure: str | None
    negotiated_protocol: str
    peer_certificates: tuple[Binary, ...]
    server_name: str
    tls_version: str
    t0: float
    t: float
    tags: tuple[str, ...]
    transaction_id: int
    network: str = "tcp"
    no_tls_verify: bool = False


class Tor(msgspec.Struct, frozen=True, kw_only=True):
    """df-001: never used here."""

    exit_ip: None = None
    exit_name: None = None
    is_tor: bool = False


class HttpRequest(msgspec.Struct, frozen=True, kw_only=True):
    """df-001: what was sent."""

    url: str
    method: str
    headers: dict[str, str]
    headers_list: tuple[tuple[str, str], ...]
    body: str = ""
    body_is_truncated: bool = False
    tor: Tor = Tor()
    x_transport: str = "tcp"


class HttpResponse(msgspec.Struct, frozen=True, kw_only=True):
    """df-001: what came back."""

    code: int
    headers: dict[str, str]
    headers_list: tuple[tuple[str, str], ...]
    body: str
    body_is_truncated: bool


class Transaction(msgspec.Struct, frozen=True, kw_only=True):
    """df-001: one request and its response."""

    address: str
    alpn: str
    failure: str | None
    request: HttpRequest
    response: HttpResponse | None
    t0: float
    t: float
    tags: tuple[str, ...]
    transaction_id: int
    network: str = "tcp"


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """df-008: something that happened on a connection."""

    operation: str
    t0: float
    t: float
    address: str
    failure: str | None
    tags: tuple[str, ...]
    transaction_id: int
    proto: str = "tcp"


class ControlStatus(msgspec.Struct, frozen=True, kw_only=True):
    """ts-017: how an endpoint answered the control."""

    status: bool
    failure: str | None


class ControlHandshake(msgspec.Struct, frozen=True, kw_only=True):
    """ts-017: how a handshake of the control's ended."""

    server_name: str
    status: bool
    failure: str | None


class ControlRequest(msgspec.Struct, frozen=True, kw_only=True):
    """ts-017: the page the control was shown."""

    body_length: int
    failure: str | None
    title: str
    headers: dict[str, str]
    status_code: int
    discovered_h3_endpoint: str = ""


class ControlDns(msgspec.Struct, frozen=True, kw_only=True):
    """ts-017: what the control's resolver said."""

    failure: str | None
    addrs: tuple[str, ...]


class AddressInfo(msgspec.Struct, frozen=True, kw_only=True):
    """ts-017: whose an address is; ``flags`` are the sum of those in ``writing_control``."""

    asn: int
    flags: int


class Control(msgspec.Struct, frozen=True, kw_only=True):
    """ts-017: what a control elsewhere saw."""

    tcp_connect: dict[str, ControlStatus]
    tls_handshake: dict[str, ControlHandshake]
    http_request: ControlRequest
    dns: ControlDns
    ip_info: dict[str, AddressInfo]
    quic_handshake: dict[str, ControlStatus] = {}
    http3_request: None = None


class Keys(msgspec.Struct, frozen=True, kw_only=True):
    """What every look's ``test_keys`` hold; the names are those of urlgetter."""

    failure: str | None
    failed_operation: str | None
    queries: tuple[Query, ...]
    tcp_connect: tuple[TcpConnect, ...]
    tls_handshakes: tuple[Handshake, ...]
    requests: tuple[Transaction, ...]
    network_events: tuple[Event, ...]
    x_dns_duplicate_responses: tuple[Query, ...]
    x_heliograph: OwnRecord
    x_heliograph_verdict: Judged | None
    agent: str = "redirect"
    socksproxy: None = None


class WebKeys(Keys, frozen=True, kw_only=True):
    """What ts-017 adds. What compares two pages by their lengths we do not work out: null."""

    control: Control | None
    control_failure: str | None
    dns_experiment_failure: str | None
    http_experiment_failure: str | None
    blocking: str | bool | None
    accessible: bool | None
    client_resolver: str
    dns_consistency: None = None
    body_length_match: None = None
    body_proportion: None = None
    headers_match: None = None
    status_code_match: None = None
    title_match: None = None
    retries: None = None


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """df-000: one line of the file."""

    annotations: dict[str, str]
    extensions: dict[str, int]
    id: str
    input: str
    measurement_start_time: str
    measurement_uid: str
    options: tuple[str, ...]
    probe_asn: str
    probe_cc: str
    probe_network_name: str
    report_id: str
    software_name: str
    software_version: str
    test_keys: Keys
    test_name: str
    test_runtime: float
    test_start_time: str
    test_version: str
    data_format_version: str = "0.2.0"
    probe_ip: str = "127.0.0.1"
    resolver_asn: str = "AS0"
    resolver_ip: str = "127.0.0.2"
    resolver_network_name: str = ""
    test_helpers: dict[str, str] = {}
