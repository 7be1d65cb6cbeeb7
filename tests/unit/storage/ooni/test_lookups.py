"""Look-ups as OONI lists them are queries of ours, with the reply each program made of them."""

from typing import Any

import msgspec
import pytest

from heliograph.detail import DnsDetail, read
from heliograph.failure import Failure
from heliograph.model import Step
from storage.ooni.lookups import lookup_steps, rcode_of
from storage.ooni.shapes import Query
from tests.unit.storage.ooni.published import ADDRESS, OTHER, SITE, over_udp, query


def step_of(found: dict[str, Any], *late: dict[str, Any]) -> Step:
    made = [msgspec.convert(one, Query) for one in (found, *late)]
    (step,) = lookup_steps(made[:1], made[1:], "system@45.0.3.1")
    return step


def detail_of(found: dict[str, Any], *late: dict[str, Any]) -> DnsDetail:
    return read(step_of(found, *late), DnsDetail)


def test_a_look_up_by_the_system_is_one_query_of_the_default_path() -> None:
    step = step_of(query(ADDRESS, "2a01::7"))
    detail = read(step, DnsDetail)

    assert (step.host, step.resolver, step.address) == (SITE, "system@45.0.3.1", None)
    assert (step.failure, step.hop, step.started, step.seconds) == (None, 1, 0.001, 0.03)
    assert (detail.standing, detail.transport, detail.query_type) == ("system", "getaddrinfo", "A")
    (reply,) = detail.replies
    assert [(a.type, a.value, a.asn, a.network) for a in reply.answers] == [
        ("A", ADDRESS, 64999, "Hoster"),
        ("AAAA", "2a01::7", 64999, "Hoster"),
    ]
    assert detail.networks == "ooni"


def test_a_look_up_that_brought_ipv6_alone_is_a_query_for_that() -> None:
    assert detail_of(query("2a01::7")).query_type == "AAAA"
    assert detail_of(query(failure="dns_nxdomain_error")).query_type == "A"


@pytest.mark.parametrize(
    ("engine", "place", "resolver", "transport"),
    [
        ("udp", "9.9.9.9:53", "udp://9.9.9.9", "udp"),
        ("udp", "[2620:fe::9]:5353", "udp://[2620:fe::9]:5353", "udp"),
        ("dot", "9.9.9.9:853", "tls://9.9.9.9", "tls"),
        ("doh", "https://dns.example/dns-query", "https://dns.example/dns-query", "https"),
        ("tcp", "9.9.9.9:53", "tcp://9.9.9.9", "tcp"),
        ("doh", "https://dns.example:x/", "https://dns.example:x/", "https"),
    ],
)
def test_a_look_up_by_the_program_itself_is_a_comparison(
    engine: str, place: str, resolver: str, transport: str
) -> None:
    found = over_udp(ADDRESS, engine=engine, resolver_address=place)

    assert step_of(found).resolver == resolver
    assert (detail_of(found).standing, detail_of(found).transport) == ("trusted", transport)


def test_a_resolver_an_old_test_named_is_neither() -> None:
    found = query(ADDRESS, engine=None, resolver_hostname="9.9.9.9")

    assert (detail_of(found).standing, step_of(found).resolver) == ("other", "udp://9.9.9.9")


@pytest.mark.parametrize(
    ("failure", "rcodes"),
    [
        ("dns_nxdomain_error", ["NXDOMAIN"]),
        ("dns_no_answer", ["NOERROR"]),
        ("dns_servfail_error", ["SERVFAIL"]),
        ("dns_refused_error", ["REFUSED"]),
        ("generic_timeout_error", []),
        ("android_dns_cache_no_data", []),
        ("dns_lookup_error", []),
    ],
)
def test_a_failure_says_whether_a_reply_came_and_what_it_said(
    failure: str, rcodes: list[str]
) -> None:
    assert [reply.rcode for reply in detail_of(query(failure=failure)).replies] == rcodes


def test_a_published_response_code_is_kept() -> None:
    found = over_udp(failure="dns_server_misbehaving", rcode=9)

    assert [reply.rcode for reply in detail_of(found).replies] == ["RCODE9"]
    assert rcode_of(Failure.GENERIC_TIMEOUT_ERROR) is None


def test_a_late_reply_to_the_same_query_is_a_second_reply() -> None:
    late = over_udp(OTHER, t0=0.001, t=0.531)
    another = over_udp(OTHER, transaction_id=9)
    detail = detail_of(over_udp(ADDRESS), late, another)

    assert [reply.answers[0].value for reply in detail.replies] == [ADDRESS, OTHER]
    assert detail.replies[1].after == 0.53


def test_a_bogon_is_marked_and_an_alias_kept() -> None:
    alias = {"answer_type": "CNAME", "hostname": "Alias.example.net."}
    found = query("10.10.34.36")
    found["answers"].insert(0, alias)
    first, second = detail_of(found).replies[0].answers

    assert (first.type, first.value) == ("CNAME", "alias.example.net")
    assert second.bogon is not None


def test_the_hop_is_that_of_the_tag() -> None:
    assert step_of(query(ADDRESS, hop=3)).hop == 3


def test_a_word_of_an_older_program_keeps_its_text() -> None:
    detail = detail_of(query(failure="dns_lookup_error"))

    assert detail.cause is not None
    assert detail.cause.text == "dns_lookup_error"


def test_answers_without_end_are_cut() -> None:
    found = query(*[f"45.0.{n // 250}.{n % 250}" for n in range(1000)])

    assert len(detail_of(found).replies[0].answers) == 64
