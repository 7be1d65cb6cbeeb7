"""Satellite's queries as steps: of another resolver than a browser's, however they are written."""

import pytest

from heliograph.detail import DnsDetail, read
from heliograph.failure import Failure
from heliograph.model import Role, Step, StepKind
from storage.censoredplanet.reading import read as read_line
from storage.censoredplanet.satellite import PAIR
from tests.unit.storage.censoredplanet.lines import (
    RESOLVER,
    TIMEOUT,
    flat_satellite,
    query,
    satellite,
)

REAL, OTHER = "203.0.113.10", "203.0.113.11"
HARMLESS = "a.root-servers.net"


def steps_of(line: bytes) -> tuple[Step, ...]:
    return read_line(line).steps


def detail_of(step: Step) -> DnsDetail:
    return read(step, DnsDetail)


@pytest.mark.parametrize(
    "line",
    [
        satellite(query(0, REAL, OTHER)),
        satellite({"url": "site.example", "answer": [REAL, OTHER], "rcode": 0, "error": ""}),
        satellite(response={REAL: ["ip"], OTHER: [], "rcode": ["0"]}),
        flat_satellite(0, REAL, OTHER),
    ],
    ids=["2.2", "2.0", "2.1", "flat"],
)
def test_a_query_is_the_same_step_in_every_form(line: bytes) -> None:
    (step,) = steps_of(line)
    (reply,) = detail_of(step).replies

    assert (step.kind, step.role, step.pair) == (StepKind.DNS_QUERY, Role.TEST, None)
    assert (step.host, step.address, step.port) == ("site.example", RESOLVER, 53)
    assert step.resolver == f"udp://{RESOLVER}"
    assert step.failure is None
    assert detail_of(step).standing == "other"
    assert [(a.type, a.value) for a in reply.answers] == [("A", REAL), ("A", OTHER)]
    assert reply.rcode == "NOERROR"


def test_owners_of_addresses_are_kept_and_bogons_marked() -> None:
    (step,) = steps_of(satellite(query(0, REAL, "10.10.34.36", "2001:db8::1", "not an address")))
    (reply,) = detail_of(step).replies

    assert [(a.asn, a.network) for a in reply.answers] == [(64500, "EXAMPLE")] * 4
    assert [bool(a.bogon) for a in reply.answers] == [True, True, True, False]
    assert [a.type for a in reply.answers] == ["A", "A", "AAAA", "CNAME"]
    (flat,) = steps_of(flat_satellite(0, REAL))
    assert detail_of(flat).replies[0].answers[0].asn == 64501


@pytest.mark.parametrize(
    ("rcode", "error", "failure", "replies"),
    [
        (0, "null", Failure.DNS_NO_ANSWER, 1),
        (2, "null", Failure.DNS_SERVFAIL_ERROR, 1),
        (3, "null", Failure.DNS_NXDOMAIN_ERROR, 1),
        (5, "null", Failure.DNS_REFUSED_ERROR, 1),
        (9, "null", Failure.DNS_SERVER_MISBEHAVING, 1),
        (-1, TIMEOUT, Failure.GENERIC_TIMEOUT_ERROR, 0),
        (
            -1,
            TIMEOUT.replace("i/o timeout", "read: connection refused"),
            Failure.CONNECTION_REFUSED,
            0,
        ),
        (-1, "null", Failure.UNKNOWN_FAILURE, 0),
    ],
)
def test_a_query_without_addresses_says_why(
    rcode: int, error: str, failure: Failure, replies: int
) -> None:
    (nested,) = steps_of(satellite(query(rcode, error=error)))
    told = None if error == "null" else error
    (flat,) = steps_of(flat_satellite(rcode, received_error=told))

    for step in (nested, flat):
        assert step.failure is failure
        assert len(detail_of(step).replies) == replies
        cause = detail_of(step).cause
        assert (cause is None) == (rcode != -1)


def test_a_harmless_name_asked_around_is_a_comparison() -> None:
    harmless = query(-1, url=HARMLESS, error=TIMEOUT)
    steps = steps_of(satellite(harmless, query(2), query(2), harmless))

    assert [(s.role, s.pair, s.host) for s in steps] == [
        (Role.CONTROL_BEFORE, PAIR, HARMLESS),
        (Role.TEST, None, "site.example"),
        (Role.TEST, None, "site.example"),
        (Role.CONTROL_AFTER, PAIR, HARMLESS),
    ]
    (flat,) = steps_of(flat_satellite(0, REAL, domain=HARMLESS, domain_is_control=True))
    assert (flat.role, flat.pair, flat.host) == (Role.CONTROL_BEFORE, PAIR, HARMLESS)


def test_tries_that_are_summed_up_come_in_their_order_with_their_errors() -> None:
    told = {REAL: [], "error": [TIMEOUT, TIMEOUT], "rcode": ["-1", "2", "-1", "0"]}
    steps = steps_of(satellite(response=told))

    assert [step.failure for step in steps] == [
        Failure.GENERIC_TIMEOUT_ERROR,
        Failure.DNS_SERVFAIL_ERROR,
        Failure.GENERIC_TIMEOUT_ERROR,
        None,
    ]
    assert [len(reply.answers) for s in steps for reply in detail_of(s).replies] == [0, 1]


def test_addresses_without_a_good_try_are_nobodys_answer() -> None:
    """A fault of one version: there is no telling which try they came from."""
    (step,) = steps_of(satellite(response={REAL: [], "rcode": ["2"]}))

    assert step.failure is Failure.DNS_SERVFAIL_ERROR
    assert detail_of(step).replies[0].answers == ()


def test_times_are_kept_where_they_are_told() -> None:
    times = {"start_time": "2021-10-20T18:51:42.221546Z", "end_time": "2021-10-20T18:51:42.5Z"}
    timed, untimed = steps_of(
        satellite({"url": "site.example", "answer": [REAL], "rcode": 0, **times}, query(0, REAL))
    )

    assert (timed.started, timed.seconds) == (1.0, 0.278454)
    assert (untimed.started, untimed.seconds) == (0.0, 0.0)


def test_no_query_was_made_where_none_is_told() -> None:
    assert steps_of(satellite(response={})) == steps_of(satellite(response=None)) == ()
