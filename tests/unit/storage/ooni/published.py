"""Measurements as OONI publishes them, made up: the current program's, and those of older ones."""

import json
from typing import Any

Json = dict[str, Any]

SITE = "site.example.org"
URL = f"https://{SITE}/"
PLAIN = f"http://{SITE}/"
ADDRESS, OTHER = "45.0.2.7", "45.0.2.8"
HELPER = "https://helper.example.net"
PAGE = "<html><head><title>A  page &amp; more</title></head><body>words of a page</body></html>"
AGENT = ["User-Agent", "Mozilla/5.0"]


def document(keys: Json | None, **changes: object) -> Json:
    """A document of web_connectivity; ``changes`` replace its fields."""
    return {
        "annotations": {"platform": "linux"},
        "data_format_version": "0.2.0",
        "input": URL,
        "measurement_start_time": "2024-01-24 14:12:13",
        "probe_asn": "AS64500",
        "probe_cc": "XA",
        "probe_ip": "127.0.0.1",
        "probe_network_name": "Example Net",
        "report_id": "20240124T141213Z_webconnectivity_XA_64500_n1_made",
        "resolver_asn": "AS64501",
        "resolver_ip": "45.0.3.1",
        "software_name": "ooniprobe",
        "software_version": "3.21.0",
        "test_helpers": {"backend": {"address": HELPER, "type": "https"}},
        "test_keys": keys,
        "test_name": "web_connectivity",
        "test_runtime": 1.25,
        "test_start_time": "2024-01-24 14:12:10",
        "test_version": "0.5.28",
    } | changes


def line(found: object) -> bytes:
    """A document as it stands in a file."""
    return json.dumps(found).encode()


def query(*addresses: str, failure: str | None = None, hop: int = 1, **changes: object) -> Json:
    """A look-up by the system."""
    kinds = [("AAAA", "ipv6") if ":" in address else ("A", "ipv4") for address in addresses]
    answers = [
        {"answer_type": kind, key: address, "ttl": None, "asn": 64999, "as_org_name": "Hoster"}
        for (kind, key), address in zip(kinds, addresses, strict=True)
    ]
    return {
        "answers": answers or None,
        "engine": "getaddrinfo",
        "failure": failure,
        "hostname": SITE,
        "query_type": "ANY",
        "resolver_hostname": None,
        "resolver_port": None,
        "resolver_address": "",
        "t0": 0.001,
        "t": 0.031,
        "tags": ["classic", f"depth={hop - 1}"],
        "transaction_id": 1,
    } | changes


def over_udp(*addresses: str, **changes: object) -> Json:
    """A look-up by the program itself."""
    return (
        query(*addresses)
        | {"engine": "udp", "query_type": "A", "resolver_address": "9.9.9.9:53", "rcode": 0}
        | {"transaction_id": 2}
        | changes
    )


def connect(address: str = ADDRESS, failure: str | None = None, **changes: object) -> Json:
    return {
        "ip": address,
        "port": 443,
        "status": {"failure": failure, "success": failure is None},
        "t0": 0.04,
        "t": 0.05,
        "tags": ["classic", "depth=0", "fetch_body=true"],
        "transaction_id": 3,
    } | changes


def handshake(address: str = ADDRESS, failure: str | None = None, **changes: object) -> Json:
    return {
        "address": f"{address}:443",
        "cipher_suite": "TLS_AES_128_GCM_SHA256",
        "failure": failure,
        "negotiated_protocol": "h2",
        "no_tls_verify": False,
        "peer_certificates": None,
        "server_name": SITE,
        "t0": 0.05,
        "t": 0.09,
        "tags": ["classic", "depth=0", "fetch_body=true"],
        "tls_version": "TLSv1.3",
        "transaction_id": 3,
    } | changes


def response(code: int = 200, body: object = PAGE, **headers: str) -> Json:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return {
        "body": body,
        "body_is_truncated": False,
        "code": code,
        "headers_list": [[name, value] for name, value in named.items()],
        "headers": named,
    }


def request(
    url: str = URL,
    shown: Json | None = None,
    address: str | None = ADDRESS,
    failure: str | None = None,
    **changes: object,
) -> Json:
    port = 443 if url.startswith("https") else 80
    return {
        "address": f"{address}:{port}",
        "failure": failure,
        "request": {
            "body": "",
            "headers_list": [AGENT],
            "headers": dict([AGENT]),
            "method": "GET",
            "tor": {"exit_ip": None, "exit_name": None, "is_tor": False},
            "url": url,
        },
        "response": response(0, "") if shown is None else shown,
        "t0": 0.1,
        "t": 0.2,
        "tags": ["classic", "depth=0", "fetch_body=true"],
        "transaction_id": 3,
    } | changes


def control(**changes: object) -> Json:
    """The helper's answer about a healthy site."""
    return {
        "tcp_connect": {f"{ADDRESS}:443": {"status": True, "failure": None}},
        "tls_handshake": {f"{ADDRESS}:443": {"server_name": SITE, "status": True, "failure": None}},
        "http_request": {
            "body_length": 1234,
            "failure": None,
            "title": "A page &amp;  more",
            "headers": {"Server": "made"},
            "status_code": 200,
        },
        "dns": {"failure": None, "addrs": [ADDRESS]},
        "ip_info": {ADDRESS: {"asn": 64999, "flags": 11}},
    } | changes


def healthy(**changes: object) -> Json:
    """The keys of a look at a site that is as it should be."""
    return {
        "queries": [query(ADDRESS), over_udp(ADDRESS)],
        "tcp_connect": [connect()],
        "tls_handshakes": [handshake()],
        "requests": [request(shown=response(Server="made"))],
        "network_events": [],
        "control": control(),
        "control_failure": None,
        "blocking": False,
        "accessible": True,
    } | changes


# Programs before 0.5 fetched pages apart, and listed neither hops nor the address of a page.


def unlisted(found: Json) -> Json:
    """A request as those programs wrote it."""
    left_out = ("address", "tags", "transaction_id", "t0")
    return {key: value for key, value in found.items() if key not in left_out}


def older(keys: Json | None = None, **changes: object) -> Json:
    """A document of version 0.4."""
    made = healthy(
        queries=[query(ADDRESS, engine="system", query_type="A", tags=None)],
        tcp_connect=[connect(tags=["tcptls_experiment"])],
        tls_handshakes=[handshake(tags=["tcptls_experiment"])],
        requests=[unlisted(request(shown=response()))],
    )
    return document(made | (keys or {}), test_version="0.4.1", software_version="3.7.0", **changes)


def oldest(keys: Json | None = None, **changes: object) -> Json:
    """A document of the first program, in Python."""
    made = {
        "queries": [
            {
                "answers": [
                    {"answer_type": "CNAME", "hostname": "alias.example.net"},
                    {"answer_type": "A", "ipv4": ADDRESS},
                ],
                "failure": None,
                "hostname": SITE,
                "query_type": "A",
                "resolver_hostname": None,
                "resolver_port": None,
            }
        ],
        "tcp_connect": [
            {
                "ip": ADDRESS,
                "port": 443,
                "status": {"blocked": False, "failure": False, "success": True},
            }
        ],
        "requests": [
            {
                "failure": None,
                "request": {"headers": dict([AGENT]), "method": "GET", "url": URL},
                "response": {"code": 200, "body": PAGE, "headers": {"Server": "made"}},
            }
        ],
        "control": control(dns={"failure": None, "addrs": ["alias.example.net", ADDRESS]}),
        "control_failure": None,
    }
    return document(
        made | (keys or {}),
        software_name="ooniprobe",
        software_version="2.2.0",
        test_version="0.3.0",
        test_helpers={"backend": "httpo://helper.onion"},
        **changes,
    )
