"""Lookups in OONI's words: who was asked, and what the first acceptable reply said."""

import msgspec
import pytest

from heliograph.detail import DnsAnswer, DnsDetail, DnsReply
from heliograph.model import Step, StepKind
from tests.unit.analysis.builders import (
    BOGON,
    NODATA,
    NXDOMAIN,
    REAL,
    TIMEOUT,
    V6,
    WRONG,
    system,
    told,
    trusted,
    written,
)
from tests.unit.analysis.builders_control import in_network, two_answers
from tests.unit.storage.ooni.written import Query, web


def one(step: Step) -> Query:
    (found,) = web(step).queries
    return found


def asked(resolver: str, transport: str, **changes: object) -> Step:
    detail = DnsDetail(query_type="A", standing="trusted", transport=transport)
    step = Step(kind=StepKind.DNS_QUERY, resolver=resolver, detail=written(detail), failure=TIMEOUT)
    return msgspec.structs.replace(step, **changes)


@pytest.mark.parametrize(
    ("step", "engine", "address"),
    [
        (asked("udp://192.0.2.9", "udp"), "udp", "192.0.2.9:53"),
        (asked("udp://r.example", "udp", address="192.0.2.9", port=53), "udp", "192.0.2.9:53"),
        (asked("udp://[2001:db8::9]:54", "udp"), "udp", "[2001:db8::9]:54"),
        (asked("tcp://192.0.2.9", "tcp"), "tcp", "192.0.2.9:53"),
        (asked("tls://r.example@192.0.2.9", "tls"), "dot", "192.0.2.9:853"),
        (asked("https://r.example/q@192.0.2.9", "https"), "doh", "https://r.example/q"),
        (
            asked("https://r.example:8443@192.0.2.9", "https", address="192.0.2.9", port=8443),
            "doh",
            "https://r.example:8443/dns-query",
        ),
        (asked("of no form", "pigeon"), "unknown", "of no form"),
        (system(REAL), "system", "192.0.2.53:53"),
    ],
)
def test_resolvers_are_named_as_ooni_names_them(step: Step, engine: str, address: str) -> None:
    found = one(step)

    assert (found.engine, found.resolver_address) == (engine, address)


def test_answers_say_what_they_are() -> None:
    alias = DnsAnswer(name="site.example", type="CNAME", value="cdn.example", ttl=30)
    address = DnsAnswer(
        name="cdn.example", type="A", value=REAL, ttl=60, asn=64500, network="Example"
    )
    found = one(system(replies=(DnsReply(after=0.2, rcode="NOERROR", answers=(alias, address)),)))

    assert found.answers is not None
    assert [(a.answer_type, a.hostname, a.ipv4, a.ttl) for a in found.answers] == [
        ("CNAME", "cdn.example", None, 30),
        ("A", None, REAL, 60),
    ]
    assert [(a.asn, a.as_org_name) for a in found.answers] == [(None, None), (64500, "Example")]
    assert (found.t0, found.t, found.rcode) == (0.0, 0.2, 0)


def test_addresses_of_both_families_have_their_own_keys() -> None:
    found = one(in_network(64500, system(V6, kind="AAAA")))

    assert found.answers is not None
    assert [(a.ipv4, a.ipv6, a.asn) for a in found.answers] == [(None, V6, 64500)]


@pytest.mark.parametrize(
    ("step", "failure", "rcode"),
    [
        (system(failure=NXDOMAIN), "dns_nxdomain_error", 3),
        (system(failure=NODATA), "dns_no_answer", 0),
        (system(failure=TIMEOUT), "generic_timeout_error", None),
        (trusted(failure=NXDOMAIN), "dns_nxdomain_error", 3),
        (system(replies=(told(rcode="BADVERS"),)), None, None),
    ],
)
def test_a_lookup_without_answers_says_why(
    step: Step, failure: str | None, rcode: int | None
) -> None:
    found = one(step)

    assert (found.answers, found.failure, found.rcode) == (None, failure, rcode)


def test_the_forged_reply_that_came_first_is_the_answer_and_the_true_one_is_beside_it() -> None:
    found = web(system(replies=two_answers(WRONG, REAL)))
    (first,), (late,) = found.queries, found.x_dns_duplicate_responses

    assert first.answers is not None
    assert late.answers is not None
    assert (first.answers[0].ipv4, late.answers[0].ipv4) == (WRONG, REAL)
    assert first.transaction_id == late.transaction_id


def test_a_reply_no_stub_would_take_is_no_answer() -> None:
    found = web(system(replies=(told(BOGON, problem="wrong id"), told(REAL))))
    (query,) = found.queries

    assert query.answers is not None
    assert [answer.ipv4 for answer in query.answers] == [REAL]
    assert found.x_dns_duplicate_responses == []
