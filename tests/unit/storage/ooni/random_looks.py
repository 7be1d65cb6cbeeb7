"""Measurements as no probe would make them, so that what they are written to holds them all."""

from datetime import UTC, datetime

import msgspec
from hypothesis import strategies as st

from heliograph.detail import (
    Cause,
    Certificate,
    DatagramDetail,
    Detail,
    DnsAnswer,
    DnsDetail,
    DnsReply,
    HttpDetail,
    TcpDetail,
    TlsDetail,
)
from heliograph.failure import Failure
from heliograph.ids import with_id
from heliograph.model import Measurement, Role, Stack, Step, StepKind, Target, Vantage

HOSTILE = ("", "\x00", "\u202e", "</script>", "\ud7ff", "é" * 3, '"}\n{"', "\\ud800", "𝄞", "a b")
TEXT = st.sampled_from(HOSTILE) | st.text(max_size=12)
MAYBE = st.none() | TEXT
NAMES = st.sampled_from(("site.example", "control.example"))
ADDRESSES = st.sampled_from((None, "203.0.113.10", "2001:db8::10", "10.10.34.34"))
PORTS = st.sampled_from((None, 80, 443))
SECONDS = st.floats(0, 90, allow_nan=False)
COUNTS = st.integers(0, 2**40)
HEADERS = st.lists(st.tuples(TEXT, TEXT), max_size=3).map(tuple)

ANSWERS = st.builds(
    DnsAnswer,
    name=NAMES,
    type=st.sampled_from(("A", "AAAA", "CNAME", "HTTPS")),
    value=st.sampled_from(("203.0.113.10", "2001:db8::10", "a.example")) | TEXT,
    ttl=COUNTS,
    bogon=MAYBE,
    asn=st.none() | st.integers(0, 2**32),
    network=MAYBE,
)
REPLIES = st.builds(
    DnsReply,
    after=SECONDS,
    rcode=st.sampled_from(("NOERROR", "NXDOMAIN", "", "BADVERS")),
    answers=st.lists(ANSWERS, max_size=3).map(tuple),
    problem=MAYBE,
)
CAUSES = st.none() | st.builds(Cause, type=TEXT, errno=st.none() | COUNTS, text=TEXT)
LOOKUPS = st.builds(
    DnsDetail,
    query_type=st.sampled_from(("A", "AAAA")),
    standing=st.sampled_from(("system", "trusted", "other")),
    transport=st.sampled_from(("udp", "tcp", "tls", "https", "pigeon")),
    replies=st.lists(REPLIES, max_size=3).map(tuple),
    cause=CAUSES,
)
CERTIFICATES = st.builds(
    Certificate,
    sha256=TEXT,
    subject=TEXT,
    issuer=TEXT,
    not_before=TEXT,
    not_after=TEXT,
    names=st.lists(TEXT, max_size=2).map(tuple),
    der=st.none() | st.just("MAA="),
)
HANDSHAKES = st.builds(
    TlsDetail,
    version=MAYBE,
    cipher=MAYBE,
    alpn=MAYBE,
    completed=st.booleans(),
    server_spoke=st.booleans(),
    alert=st.none() | st.integers(0, 255),
    injected=MAYBE,
    chain=st.lists(CERTIFICATES, max_size=2).map(tuple),
    cause=CAUSES,
)
EXCHANGES = st.builds(
    HttpDetail,
    url=TEXT,
    method=st.sampled_from(("GET", "POST")),
    request_headers=HEADERS,
    stage=st.sampled_from(("request", "headers", "body", "done")),
    status=st.none() | st.integers(100, 599),
    headers=HEADERS,
    location=MAYBE,
    title=MAYBE,
    body_bytes=COUNTS,
    body_sha256=MAYBE,
    body_text=MAYBE,
    truncated=st.booleans(),
    cause=CAUSES,
)
DETAILS: dict[StepKind, st.SearchStrategy[Detail]] = {
    StepKind.DNS_QUERY: LOOKUPS,
    StepKind.TCP_CONNECT: st.builds(TcpDetail, refusal=MAYBE, cause=CAUSES),
    StepKind.TLS_HANDSHAKE: HANDSHAKES,
    StepKind.HTTP_EXCHANGE: EXCHANGES,
    StepKind.DATAGRAM: st.builds(DatagramDetail, sent=TEXT),
}


def _written(detail: Detail) -> str:
    return msgspec.json.encode(detail).decode()


def _details_of(kind: StepKind) -> st.SearchStrategy[str]:
    """What was noted of a step; a step that was cut off at once has nothing but a lookup's."""
    noted = DETAILS[kind].map(_written)
    return noted if kind is StepKind.DNS_QUERY else st.just("{}") | noted


def _steps_of(kind: StepKind) -> st.SearchStrategy[Step]:
    return st.builds(
        Step,
        kind=st.just(kind),
        role=st.sampled_from(Role),
        pair=st.sampled_from((None, None, "swap", "again", "asked", "resolver")),
        hop=st.integers(1, 3),
        host=st.none() | NAMES,
        resolver=st.sampled_from((None, "udp://192.0.2.53", "https://r.example@192.0.2.1", "?")),
        address=ADDRESSES,
        port=PORTS,
        source_port=st.none() | st.integers(1024, 65535),
        sni=st.none() | NAMES,
        started=SECONDS,
        seconds=SECONDS,
        bytes_sent=COUNTS,
        bytes_received=COUNTS,
        failure=st.none() | st.sampled_from(Failure),
        detail=_details_of(kind),
    )


STEPS = st.one_of([_steps_of(kind) for kind in DETAILS])
LOOKS = st.builds(
    Measurement,
    probe=st.sampled_from(("web", "web", "dns", "tls")) | TEXT,
    probe_version=st.integers(0, 99),
    target=st.builds(
        Target,
        input=TEXT,
        url=st.sampled_from(("https://site.example/", "http://site.example/a?b=c")),
        scheme=st.sampled_from(("http", "https")),
        host=NAMES,
        port=st.integers(1, 65535),
    ),
    vantage=st.builds(
        Vantage, country=st.just("XA"), asn=st.integers(0, 2**32 - 1), network_name=MAYBE
    ),
    started=st.integers(0, 2**32).map(lambda second: datetime.fromtimestamp(second, UTC)),
    seconds=SECONDS,
    campaign=MAYBE,
    consent=MAYBE,
    software=st.sampled_from(("heliograph 0.1.0", "heliograph", "")) | TEXT,
    stack=st.none() | st.builds(Stack, system=TEXT, tls_library=TEXT, http_library=TEXT),
    context=st.lists(TEXT, max_size=2).map(tuple),
    steps=st.lists(STEPS, max_size=8).map(tuple),
).map(with_id)
"""Complete records with the ids of their content."""
