"""What OONI's probe of version 0.5 would publish of a world (ts-017, as since 2022)."""

import json
from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import urljoin

from heliograph.url import parse_target
from heliograph.valid import is_address
from tests.unit.ooni_world import HERE, THERE, Answer, Page, World, host_of, port_of

_HEADERS = [["Accept", "*/*"], ["Host", "site"], ["User-Agent", "Mozilla/5.0"]]
_MOST_REDIRECTS = 10
Json = dict[str, object]


def document(keys: Json, url: str, version: str, **more: object) -> bytes:
    """The measurement around its keys."""
    around: Json = {
        "annotations": {"platform": "linux"},
        "data_format_version": "0.2.0",
        "input": url,
        "measurement_start_time": "2024-05-06 07:08:09",
        "probe_asn": "AS64999",
        "probe_cc": "XA",
        "probe_ip": "127.0.0.1",
        "report_id": "20240506T070800Z_webconnectivity_XA_64999_n1_staged",
        "resolver_asn": "AS64999",
        "resolver_ip": "9.9.1.1",
        "software_name": "ooniprobe-cli",
        "software_version": "3.22.0",
        "test_helpers": {"backend": {"address": "https://helper.example/", "type": "https"}},
        "test_keys": keys,
        "test_name": "web_connectivity",
        "test_runtime": 3.25,
        "test_start_time": "2024-05-06 07:08:00",
        "test_version": version,
    }
    return json.dumps({**around, **more}).encode()


def is_loopback(address: str) -> bool:
    return ip_address(address).is_loopback


def is_private(address: str) -> bool:
    return not ip_address(address).is_global


def addresses(told: Answer) -> tuple[str, ...]:
    return () if isinstance(told, str) else told


def records(world: World, told: tuple[str, ...]) -> list[Json] | None:
    """df-002: the answers; null when there are none."""
    made: list[Json] = [
        {
            "answer_type": "AAAA" if ":" in address else "A",
            "ipv6" if ":" in address else "ipv4": address,
            "asn": world.asn(address),
            "as_org_name": f"Network {world.asn(address)}",
            "ttl": None,
        }
        for address in told
    ]
    return made or None


def query(world: World, engine: str, kind: str, host: str, told: Answer, **more: object) -> Json:
    """df-002: one look-up."""
    failed = isinstance(told, str)
    found = () if failed else tuple(a for a in told if kind == "ANY" or (":" in a) == (kind != "A"))
    return {
        "engine": engine,
        "hostname": host,
        "query_type": kind,
        "failure": told if failed else None if found else "dns_no_answer",
        "answers": records(world, found),
        "resolver_hostname": None,
        "resolver_port": None,
        **more,
    }


def transaction(url: str, shown: Page | str, **more: object) -> Json:
    """df-001: one request and what came back."""
    made: Json = {"request": {"url": url, "method": "GET", "headers_list": _HEADERS}, **more}
    if isinstance(shown, str):
        empty = {"code": 0, "body": "", "headers": None, "headers_list": None}
        return {**made, "failure": shown, "response": empty}
    response = {
        "code": shown.status,
        "body": shown.body,
        "body_is_truncated": shown.truncated,
        "headers": dict(shown.headers),
        "headers_list": [list(pair) for pair in shown.headers],
    }
    return {**made, "failure": shown.failure, "response": response}


def control(world: World, url: str, found: tuple[str, ...], *, modern: bool = True) -> Json:
    """ts-017: what the helper saw; before 2022 it made no handshakes and told no networks."""
    told = world.answer("helper", host_of(url))
    known = [a for a in dict.fromkeys((*found, *addresses(told))) if not is_private(a)]
    ports = [port_of(url)] if url.startswith("https:") or ":" in url[6:] else [443, 80]
    shaken, taken = {}, {}
    for address in known:
        for port in ports if modern else [port_of(url)]:
            failure = world.connects(THERE, address, port)
            taken[endpoint(address, port)] = _seen(failure)
            if port == 443 and failure is None:
                proof = world.proves(THERE, address, host_of(url))
                shaken[endpoint(address, port)] = {**_seen(proof), "server_name": host_of(url)}
    names = {"failure": _of_names(told), "addrs": list(addresses(told))}
    made: Json = {"dns": names, "tcp_connect": taken, "http_request": _fetched(world, url)}
    if modern:
        info = {a: {"asn": world.asn(a), "flags": 1} for a in known}
        made |= {"tls_handshake": shaken, "quic_handshake": {}, "ip_info": info}
    return made


def endpoint(address: str, port: int) -> str:
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


_TCP_WORDS = {
    "connection_refused": "connection_refused_error",
    "generic_timeout_error": "generic_timeout_error",
}


def _seen(failure: str | None) -> Json:
    tls = failure is not None and failure.startswith("ssl_")
    word = failure if failure is None or tls else _TCP_WORDS.get(failure, "connect_error")
    return {"failure": word, "status": failure is None}


def _of_names(told: Answer) -> str | None:
    if not isinstance(told, str) or told == "dns_no_answer":
        return None
    return "dns_name_error" if told == "dns_nxdomain_error" else "dns_server_failure"


def _fetched(world: World, url: str) -> Json:
    shown = list(world.helper_goes(url))[-1]
    if isinstance(shown, str):
        known = {*_TCP_WORDS.values(), "dns_lookup_error"}
        word = shown if shown in known else _TCP_WORDS.get(shown, "unknown_error")
        failed = {"body_length": -1, "failure": word, "status_code": -1, "title": ""}
        return {**failed, "headers": {}}
    body = shown.body if isinstance(shown.body, str) else ""
    title = body.partition("<title>")[2].partition("</title>")[0]
    length = next((v for k, v in shown.headers if k == "Content-Length"), str(len(body)))
    return {
        "body_length": int(length),
        "failure": None,
        "status_code": shown.status,
        "title": title,
        "headers": dict(shown.headers),
    }


@dataclass
class _Look:
    """The keys of a look, and the seconds that went by."""

    world: World
    doh: bool
    keys: dict[str, list[Json]] = field(
        default_factory=lambda: {
            name: [] for name in ("queries", "tcp_connect", "tls_handshakes", "requests")
        }
    )
    clock: float = 0.0

    def note(self, where: str, depth: int, made: Json, *tags: str) -> None:
        began, self.clock = self.clock, round(self.clock + 0.01, 2)
        timed = {"t0": began, "t": self.clock, "tags": [f"depth={depth}", *tags]}
        self.keys[where].append({**made, **timed, "transaction_id": 10_000 + depth})

    def resolve(self, host: str, depth: int) -> tuple[str, ...]:
        """Everybody's answers, the system's first."""
        if is_address(host):
            return (host,)
        asked: list[tuple[str, str, str, tuple[str, ...]]] = [
            ("system", "getaddrinfo", "", ("ANY",))
        ]
        asked.append(("udp", "udp", "1.1.1.1:53", ("A", "AAAA")))
        if self.doh and depth == 0:
            asked.append(("doh", "doh", "https://dns.example/dns-query", ("A", "AAAA")))
        found: list[str] = []
        for who, engine, place, kinds in asked:
            told = self.world.answer(who, host)
            for kind in kinds:
                made = query(self.world, engine, kind, host, told, resolver_address=place)
                self.note("queries", depth, made)
            found += addresses(told)
        return tuple(dict.fromkeys(found))

    def fetch(self, url: str, found: tuple[str, ...], depth: int) -> Page | str | None:
        """Connections to all of them, the page from the first that is ready."""
        shown: Page | str | None = None
        host, asked = host_of(url), port_of(url)
        ports = [asked] if asked not in {80, 443} or asked == 443 else [80, 443]
        for address in (a for a in found if not is_loopback(a)):
            for port in ports:
                ready = self._ready(address, port, host, depth)
                if ready and port == asked and shown is None:
                    shown = self.world.shows(HERE, address, url)
                    where = endpoint(address, port)
                    made = transaction(url, shown, address=where, network="tcp")
                    self.keys["requests"].insert(0, {})
                    self.note("requests", depth, made, "fetch_body=true")
                    self.keys["requests"][0] = self.keys["requests"].pop()
        return shown

    def _ready(self, address: str, port: int, host: str, depth: int) -> bool:
        failure = self.world.connects(HERE, address, port)
        status = {"failure": failure, "success": failure is None}
        made: Json = {"ip": address, "port": port, "status": status}
        self.note("tcp_connect", depth, made)
        if failure is not None or port == 80:
            return failure is None
        failure = self.world.proves(HERE, address, host)
        made = {"address": endpoint(address, port), "server_name": host, "failure": failure}
        self.note("tls_handshakes", depth, {**made, "peer_certificates": None})
        return failure is None


def written(world: World, url: str, *, doh: bool = True, **more: object) -> bytes:
    """The measurement of one URL, as version 0.5 publishes it."""
    given, url = url, parse_target(url).url
    look = _Look(world, doh)
    found = look.resolve(host_of(url), 0)
    helper = addresses(world.answer("helper", host_of(url)))
    told = None if world.helper_failure else control(world, url, found)
    to_try = tuple(dict.fromkeys((*found, *(() if told is None else helper))))
    at, shown = url, look.fetch(url, to_try, 0)
    for depth in range(1, _MOST_REDIRECTS + 1):
        if not isinstance(shown, Page) or not shown.leads_on or shown.failure:
            break
        at = urljoin(at, shown.location or "")
        shown = look.fetch(at, look.resolve(host_of(at), depth), depth)
    asker = "9.9.1.1" if world.intercepted else "8.8.0.1"
    whoami = {
        "system_v4": None if world.deaf else [{"address": "9.9.1.1"}],
        "udp_v4": {"1.1.1.1:53": [{"address": asker}]},
    }
    keys: Json = {
        **look.keys,
        "x_dns_whoami": whoami,
        "control": told,
        "control_failure": world.helper_failure,
    }
    return document(keys, given, "0.5.28", **more)
