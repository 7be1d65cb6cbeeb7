"""Lines as Censored Planet's scanners write them and as it publishes them, made up by us."""

import msgspec

START, END = "2021-10-20 14:51:41.221546144 -0400 EDT", "2021-10-20 14:51:42.721546144 -0400 EDT"
ABROAD = {"country_name": "Ukraine", "country_code": "UA"}
RESOLVER, SERVER = "203.0.113.53", "203.0.113.80"
TIMEOUT = "read udp 192.0.2.1:6280->203.0.113.53:53: i/o timeout"
READ_RESET = "read tcp 192.0.2.1:6280->203.0.113.80:443: read: connection reset by peer"


def written(**fields: object) -> bytes:
    return msgspec.json.encode(fields)


def query(rcode: int, *addresses: str, url: str = "site.example", error: str = "null") -> object:
    """One query of version 2.2."""
    tags = {"http": "", "cert": "", "asnum": 64500, "asname": "EXAMPLE", "matched": ["ip"]}
    return {
        "url": url,
        "has_type_a": bool(addresses),
        "response": dict.fromkeys(addresses, tags),
        "error": error,
        "rcode": rcode,
    }


def satellite(*queries: object, **fields: object) -> bytes:
    usual: dict[str, object] = {
        "vp": RESOLVER,
        "test_url": "site.example",
        "location": ABROAD,
        "start_time": START,
        "end_time": END,
        "passed_liveness": True,
        "anomaly": False,
        "response": queries,
    }
    return written(**(usual | fields))


def flat_satellite(rcode: int, *addresses: str, **fields: object) -> bytes:
    usual: dict[str, object] = {
        "domain": "site.example",
        "domain_is_control": False,
        "start_time": "2021-10-20T14:51:41.221546144-04:00",
        "end_time": "2021-10-20T14:51:41.721546144-04:00",
        "resolver_ip": RESOLVER,
        "resolver_asn": 64500,
        "resolver_as_full_name": "Example Inc.",
        "resolver_country": "UA",
        "received_error": None,
        "received_rcode": rcode,
        "answers": [{"ip": ip, "asn": 64501, "as_name": "SITE"} for ip in addresses],
        "source": "CP_Satellite-2021-10-20-12-00-01",
    }
    return written(**(usual | fields))


def said(second: int, **fields: object) -> dict[str, object]:
    """One request; it took a quarter of a second."""
    usual: dict[str, object] = {
        "matches_template": True,
        "start_time": f"2021-05-30T01:01:{second:02}.5-04:00",
        "end_time": f"2021-05-30T01:01:{second:02}.75-04:00",
    }
    return usual | fields


def answer(status: str = "403 Forbidden", body: str = "<title>No</title>", **tls: object) -> object:
    headers = {"Content-Type": ["text/html"], "Via": ["one", "two"]}
    return {"status_line": status, "headers": headers, "body": body, **tls}


def quack(*requests: object, service: str = "http", **fields: object) -> bytes:
    usual: dict[str, object] = {
        "vp": SERVER,
        "location": ABROAD,
        "service": service,
        "test_url": "site.example",
        "response": requests,
        "anomaly": True,
        "controls_failed": False,
        "stateful_block": False,
        "tag": "2021-05-30T01:01:01",
    }
    return written(**(usual | fields))


def flat_quack(**fields: object) -> bytes:
    usual: dict[str, object] = {
        "domain": "site.example",
        "domain_is_control": False,
        "start_time": "2021-05-30T01:01:09.5-04:00",
        "end_time": "2021-05-30T01:01:09.75-04:00",
        "server_ip": SERVER,
        "server_asn": 64500,
        "server_as_full_name": "Example Inc.",
        "server_country": "UA",
        "received_error": None,
        "received_status": None,
        "received_headers": [],
        "received_body": None,
        "matches_template": True,
        "no_response_in_measurement_matches_template": False,
        "source": "CP_Quack-https-2021-05-30-01-01-01",
    }
    return written(**(usual | fields))
