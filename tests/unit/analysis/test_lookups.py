"""One DNS query and what it brought, whoever made it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.lookups import LookupFact, failure_of, union
from heliograph.detail import DnsAnswer, DnsDetail, DnsReply, read
from heliograph.failure import Failure
from heliograph.model import Step
from tests.unit.analysis.builders import (
    BOGON,
    HOST,
    NODATA,
    NXDOMAIN,
    REAL,
    REAL2,
    REFUSED,
    SERVFAIL,
    TIMEOUT,
    V6,
    WRONG,
    system,
    told,
    trusted,
)
from tests.unit.analysis.builders_control import two_answers

ALIAS = DnsReply(
    after=0.1, rcode="NOERROR", answers=(DnsAnswer(name=HOST, type="CNAME", value="cdn.example"),)
)


def fact(step: Step) -> LookupFact:
    return LookupFact(step, read(step, DnsDetail))


def brought(*replies: DnsReply, sends: int = 1) -> LookupFact:
    return fact(system(replies=replies, sends=sends))


def test_the_first_acceptable_reply_counts() -> None:
    one = brought(told(WRONG, problem="wrong query id"), told(REAL, BOGON), told(REAL2))

    assert one.taken == told(REAL, BOGON)
    assert one.addresses == {REAL, BOGON}
    assert one.public == {REAL}
    assert one.later == {REAL2}


@pytest.mark.parametrize("one", [brought(), brought(told(REAL, problem="unreadable"))])
def test_without_an_acceptable_reply_there_is_nothing(one: LookupFact) -> None:
    assert one.taken is None
    assert one.addresses == one.public == one.later == frozenset()
    assert not one.contradicted
    assert not one.from_two_places


def test_an_alias_is_no_address() -> None:
    assert brought(ALIAS).addresses == frozenset()


@pytest.mark.parametrize(
    ("one", "contradicted"),
    [
        (brought(*two_answers(WRONG, REAL)), True),
        (brought(told(rcode="NXDOMAIN"), told(REAL)), True),
        (brought(ALIAS, told(REAL)), True),
        (brought(told(WRONG), told(WRONG), told(REAL)), True),
        (brought(*two_answers(WRONG, REAL), sends=2), False),
        (brought(*two_answers(REAL, REAL)), False),
        (brought(told(REAL, REAL2), told(REAL)), False),
        (brought(told(rcode="SERVFAIL"), told(REAL)), False),
        (brought(told(rcode="NXDOMAIN"), told()), False),
    ],
)
def test_replies_to_one_send_contradict_each_other_when_nothing_is_shared(
    one: LookupFact, contradicted: bool
) -> None:
    assert one.contradicted is contradicted


@pytest.mark.parametrize(
    ("lives", "two"),
    [((63, 63), False), ((63, 62), False), ((63, 61), True), ((None, 61), False), ((), False)],
)
def test_paths_two_hops_apart_are_two_places(lives: tuple[int | None, ...], two: bool) -> None:
    assert brought(*(told(REAL, ip_ttl=hops) for hops in lives)).from_two_places is two


@pytest.mark.parametrize(
    ("transport", "encrypted"), [("udp", False), ("tcp", False), ("tls", True), ("https", True)]
)
def test_only_tls_keeps_a_forger_out(transport: str, encrypted: bool) -> None:
    assert fact(trusted(REAL, transport=transport)).encrypted is encrypted


@pytest.mark.parametrize(
    ("steps", "word"),
    [
        ((), None),
        ((system(REAL), system(failure=SERVFAIL, kind="AAAA")), None),
        ((system(failure=SERVFAIL), system(V6, kind="AAAA")), None),
        ((system(failure=NXDOMAIN), system(failure=NXDOMAIN, kind="AAAA")), NXDOMAIN),
        ((system(failure=REFUSED), system(failure=TIMEOUT, kind="AAAA")), REFUSED),
        ((system(failure=TIMEOUT), system(failure=TIMEOUT, kind="AAAA")), TIMEOUT),
        ((system(failure=TIMEOUT), system(failure=NODATA, kind="AAAA")), None),
        ((system(failure=NODATA, kind="AAAA"),), None),
        ((system(replies=(told(BOGON),)),), None),
    ],
)
def test_a_resolver_failed_when_neither_family_brought_an_address(
    steps: tuple[Step, ...], word: Failure | None
) -> None:
    assert failure_of(tuple(fact(step) for step in steps)) is word


def test_sets_are_put_together() -> None:
    assert union([]) == frozenset()
    assert union([frozenset({REAL}), frozenset({REAL, V6})]) == {REAL, V6}


ANSWERS = st.lists(
    st.sampled_from([REAL, REAL2, WRONG, BOGON, V6]) | st.text(max_size=8), max_size=3
)
REPLIES = st.builds(
    lambda addresses, rcode, problem, hops: told(
        *addresses, rcode=rcode, problem=problem, ip_ttl=hops
    ),
    ANSWERS,
    st.sampled_from(["NOERROR", "NXDOMAIN", "SERVFAIL", ""]) | st.text(max_size=4),
    st.none() | st.text(max_size=4),
    st.none() | st.integers(0, 255),
)


@given(st.lists(REPLIES, max_size=4), st.integers(0, 3))
def test_no_replies_a_forger_sends_are_an_error(replies: list[DnsReply], sends: int) -> None:
    one = brought(*replies, sends=sends)

    assert one.public <= one.addresses
    assert (one.taken is None) is all(reply.problem is not None for reply in replies)
    if one.contradicted:
        assert len(replies) > 1
        assert sends <= 1
