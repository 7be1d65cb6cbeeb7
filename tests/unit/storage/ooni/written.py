"""What a line holds, read as strictly as OONI's specification is written.

Shapes of their own, typed from the specification and not from what we write.
"""

from typing import Literal

import msgspec

from heliograph.ids import with_id
from heliograph.model import Measurement, Step, VerdictRow
from storage.ooni.writing import line_of
from tests.unit.analysis.builders import measured

Failure = str | None


class Answer(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    answer_type: str
    hostname: str | None
    ipv4: str | None
    ipv6: str | None
    ttl: int | None
    asn: int | None
    as_org_name: str | None


class Query(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    answers: list[Answer] | None
    engine: Literal["system", "udp", "tcp", "dot", "doh", "unknown"]
    failure: Failure
    hostname: str
    query_type: str
    rcode: int | None
    resolver_address: str
    resolver_hostname: str | None
    resolver_port: str | None
    t0: float
    t: float
    tags: list[str]
    transaction_id: int


class Status(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    failure: Failure
    success: bool


class TcpConnect(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    ip: str
    port: int
    status: Status
    t0: float
    t: float
    tags: list[str]
    transaction_id: int


class Binary(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    format: Literal["base64"]
    data: bytes


class Handshake(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    network: Literal["tcp"]
    address: str
    cipher_suite: str
    failure: Failure
    negotiated_protocol: str
    no_tls_verify: bool
    peer_certificates: list[Binary]
    server_name: str
    t0: float
    t: float
    tags: list[str]
    tls_version: str
    transaction_id: int


class Tor(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    exit_ip: str | None
    exit_name: str | None
    is_tor: bool


class Request(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    body: str
    body_is_truncated: bool
    headers: dict[str, str]
    headers_list: list[tuple[str, str]]
    method: str
    tor: Tor
    x_transport: str
    url: str


class Response(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    body: str
    body_is_truncated: bool
    code: int
    headers: dict[str, str]
    headers_list: list[tuple[str, str]]


class Transaction(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    network: Literal["tcp"]
    address: str
    alpn: str
    failure: Failure
    request: Request
    response: Response | None
    t0: float
    t: float
    tags: list[str]
    transaction_id: int


class Event(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    address: str
    failure: Failure
    operation: Literal[
        "connect",
        "tls_handshake_start",
        "tls_handshake_done",
        "http_transaction_start",
        "http_transaction_done",
    ]
    proto: Literal["tcp"]
    t0: float
    t: float
    tags: list[str]
    transaction_id: int


class ControlStatus(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    status: bool
    failure: Failure


class ControlHandshake(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    server_name: str
    status: bool
    failure: Failure


class ControlRequest(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    body_length: int
    discovered_h3_endpoint: str
    failure: Failure
    title: str
    headers: dict[str, str]
    status_code: int


class ControlDns(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    failure: Failure
    addrs: list[str]


class AddressInfo(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    asn: int
    flags: int


class Control(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    tcp_connect: dict[str, ControlStatus]
    tls_handshake: dict[str, ControlHandshake]
    quic_handshake: dict[str, ControlStatus]
    http_request: ControlRequest
    http3_request: None
    dns: ControlDns
    ip_info: dict[str, AddressInfo]


class Keys(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    agent: Literal["redirect"]
    failure: Failure
    failed_operation: str | None
    network_events: list[Event]
    queries: list[Query]
    requests: list[Transaction]
    socksproxy: str | None
    tcp_connect: list[TcpConnect]
    tls_handshakes: list[Handshake]
    x_dns_duplicate_responses: list[Query]
    x_heliograph: msgspec.Raw
    x_heliograph_verdict: dict[str, object] | None


class WebKeys(Keys, forbid_unknown_fields=True, kw_only=True):
    accessible: bool | None
    blocking: Literal["dns", "tcp_ip", "http-failure", "http-diff"] | bool | None
    body_length_match: bool | None
    body_proportion: float | None
    client_resolver: str
    control: Control | None
    control_failure: Failure
    dns_consistency: str | None
    dns_experiment_failure: Failure
    headers_match: bool | None
    http_experiment_failure: Failure
    retries: int | None
    status_code_match: bool | None
    title_match: bool | None


class Document(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    annotations: dict[str, str]
    data_format_version: Literal["0.2.0"]
    extensions: dict[str, int]
    id: str
    input: str
    measurement_start_time: str
    measurement_uid: str
    options: list[str]
    probe_asn: str
    probe_cc: str
    probe_ip: Literal["127.0.0.1"]
    probe_network_name: str
    report_id: str
    resolver_asn: str
    resolver_ip: str
    resolver_network_name: str
    software_name: str
    software_version: str
    test_helpers: dict[str, str]
    test_keys: Keys
    test_name: str
    test_runtime: float
    test_start_time: str
    test_version: str


class WebDocument(Document, forbid_unknown_fields=True, kw_only=True):
    test_keys: WebKeys
    test_name: Literal["web_connectivity"]


def read_back(look: Measurement, row: VerdictRow | None = None) -> Document:
    """The line of a measurement, strictly read."""
    shape = WebDocument if look.probe == "web" else Document
    return msgspec.json.decode(line_of(look, row), type=shape)


def web(*steps: Step, url: str = "https://site.example/", row: VerdictRow | None = None) -> WebKeys:
    """What a look of the web probe with these steps is written as."""
    found = read_back(with_id(measured(*steps, probe="web", url=url)), row)
    assert isinstance(found.test_keys, WebKeys)
    return found.test_keys
