"""What fails as it must is told so; what only looks so stays a failure."""

from datetime import UTC, datetime

import msgspec
import pytest

from heliograph.detail import DnsAnswer, DnsDetail, DnsReply
from heliograph.failure import Failure
from heliograph.model import (
    PAIR_RESOLVER,
    PAIR_STRANGER,
    PAIR_SWAP,
    Measurement,
    Role,
    Step,
    StepKind,
    Target,
    Vantage,
)
from heliograph.pages.expected import LEGEND, expected, explained
from heliograph.pages.report import bars

TARGET = Target(
    input="x", url="https://site.example/", scheme="https", host="site.example", port=443
)


def of(*steps: Step) -> Measurement:
    return Measurement(
        probe="web",
        probe_version=1,
        target=TARGET,
        vantage=Vantage(),
        started=datetime(2026, 11, 24, tzinfo=UTC),
        steps=steps,
    )


def asked(
    kind: str, *found: str, host: str = "site.example", failure: Failure | None = None
) -> Step:
    answers = tuple(DnsAnswer(name=host, type=kind, value=value) for value in found)
    detail = DnsDetail(query_type=kind, replies=(DnsReply(after=0.1, answers=answers),))
    return Step(
        kind=StepKind.DNS_QUERY,
        host=host,
        resolver="udp://192.0.2.53",
        failure=failure,
        detail=msgspec.json.encode(detail).decode(),
    )


def shaken(role: Role, pair: str | None, failure: Failure | None) -> Step:
    return Step(kind=StepKind.TLS_HANDSHAKE, role=role, pair=pair, host="x", failure=failure)


NO_IPV6 = asked("AAAA", failure=Failure.DNS_NO_ANSWER)


def test_a_site_without_ipv6_is_told_so_and_is_no_failure() -> None:
    measurement = of(asked("A", "203.0.113.10"), NO_IPV6)
    drawn = bars(measurement)

    assert expected(measurement) == {1: "no IPv6 (dns_no_answer)"}
    assert [(bar.outcome, bar.failed) for bar in drawn] == [
        ("ok", False),
        ("no IPv6 (dns_no_answer)", False),
    ]


@pytest.mark.parametrize(
    "steps",
    [
        (asked("A", failure=Failure.DNS_NO_ANSWER),),
        (NO_IPV6, asked("AAAA", "2001:db8::1")),
        (asked("AAAA", failure=Failure.DNS_NXDOMAIN_ERROR),),
        (Step(kind=StepKind.DNS_QUERY, failure=Failure.DNS_NO_ANSWER),),
        (Step(kind=StepKind.TCP_CONNECT, failure=Failure.DNS_NO_ANSWER),),
    ],
    ids=["of IPv4", "withheld here alone", "another word", "cut off", "another kind"],
)
def test_an_answer_that_is_missing_for_another_reason_stays_a_failure(
    steps: tuple[Step, ...],
) -> None:
    assert expected(of(*steps)) == {}


def test_another_name_s_ipv6_says_nothing() -> None:
    other = asked("AAAA", "2001:db8::1", host="other.example")

    assert list(expected(of(NO_IPV6, other))) == [0]


WRONG_NAME = Failure.SSL_INVALID_HOSTNAME


@pytest.mark.parametrize(
    ("role", "pair", "failure", "is_expected"),
    [
        (Role.CONTROL_AFTER, "203.0.113.10:443", WRONG_NAME, True),
        (Role.CONTROL_BEFORE, PAIR_STRANGER, WRONG_NAME, True),
        (Role.TEST, PAIR_SWAP, WRONG_NAME, True),
        (Role.CONTROL_BEFORE, PAIR_SWAP, WRONG_NAME, False),
        (Role.CONTROL_AFTER, PAIR_RESOLVER, WRONG_NAME, False),
        (Role.TEST, None, WRONG_NAME, False),
        (Role.TEST, "again 203.0.113.10:443", WRONG_NAME, False),
        (Role.REMOTE_CONTROL, None, WRONG_NAME, False),
        (Role.CONTROL_AFTER, "203.0.113.10:443", Failure.SSL_UNKNOWN_AUTHORITY, False),
        (Role.CONTROL_AFTER, "203.0.113.10:443", Failure.CONNECTION_RESET, False),
    ],
)
def test_a_name_said_to_a_server_that_is_not_its_own_is_answered_with_another_certificate(
    role: Role, pair: str | None, failure: Failure, is_expected: bool
) -> None:
    found = expected(of(shaken(role, pair, failure)))

    assert found == ({0: "answered (ssl_invalid_hostname)"} if is_expected else {})


def test_only_the_words_that_stand_there_are_explained() -> None:
    assert [word for word, _ in explained({"hop", "control after", "ok"})] == [
        "hop",
        "control before, control after",
    ]
    assert explained(["ok", "connection_reset"]) == []
    assert len(explained(word.split(", ")[0] for word, _ in LEGEND)) == len(LEGEND)
