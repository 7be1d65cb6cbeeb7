"""The report names everybody who was sent something, and nobody who was not."""

from datetime import UTC, datetime

import msgspec
import pytest

from heliograph.detail import DnsDetail
from heliograph.failure import Failure
from heliograph.model import PAIR_ASKED, Measurement, Role, Step, StepKind, Target, Vantage
from heliograph.pages.contacted import Contact, contacts

RESOLVER = "https://dns.example/dns-query@192.0.2.1"
TARGET = Target(
    input="x", url="https://site.example/", scheme="https", host="site.example", port=443
)


def step(kind: StepKind, **fields: object) -> Step:
    usual = Step(
        kind=kind,
        host="site.example",
        address="203.0.113.10",
        port=443,
        bytes_sent=100,
        bytes_received=2000,
        failure=None,
    )
    return msgspec.structs.replace(usual, **fields)


def found(*steps: Step, probe: str = "web") -> list[Contact]:
    measurement = Measurement(
        probe=probe,
        probe_version=1,
        target=TARGET,
        vantage=Vantage(),
        started=datetime(2026, 11, 24, tzinfo=UTC),
        steps=steps,
    )
    return contacts([measurement])


def test_a_resolver_is_one_contact_with_its_connections_and_a_count_of_names() -> None:
    connection = step(StepKind.TCP_CONNECT, resolver=RESOLVER, bytes_sent=0, bytes_received=0)
    query = step(StepKind.DNS_QUERY, resolver=RESOLVER)
    exchange = step(StepKind.HTTP_EXCHANGE, resolver=RESOLVER)

    assert found(connection, query, exchange, query, exchange) == [
        Contact(
            place=RESOLVER, purpose="asked for names", times=2, sent="200 bytes", received="4.0 kB"
        )
    ]


def test_a_host_is_a_contact_for_each_name_it_was_told() -> None:
    told = found(
        step(StepKind.TCP_CONNECT, bytes_sent=0, bytes_received=0),
        step(StepKind.TLS_HANDSHAKE),
        step(StepKind.HTTP_EXCHANGE),
        step(StepKind.TCP_CONNECT, host="control.example"),
        step(StepKind.DATAGRAM, host=None, address="2001:db8::1", port=53),
    )

    assert [(c.place, c.purpose, c.times) for c in told] == [
        ("203.0.113.10 port 443", "in the name of control.example", 1),
        ("203.0.113.10 port 443", "in the name of site.example", 1),
        ("[2001:db8::1] port 53", "without a name", 1),
    ]
    assert told[1].sent == "200 bytes"


def test_a_control_is_named_and_what_it_did_elsewhere_is_not() -> None:
    asking = step(
        StepKind.TCP_CONNECT,
        role=Role.REMOTE_CONTROL,
        pair=PAIR_ASKED,
        host="control.example",
        address="198.51.100.5",
    )
    there = step(StepKind.TCP_CONNECT, role=Role.REMOTE_CONTROL, address="198.51.100.99")

    (contact,) = found(asking, there)
    assert contact.place == "198.51.100.5 port 443"
    assert contact.purpose == "control control.example, asked to look, too"


@pytest.mark.parametrize("failure", [Failure.X_ADDRESS_REFUSED, Failure.X_BUDGET_EXHAUSTED])
def test_what_was_refused_before_a_packet_was_sent_is_left_out(failure: Failure) -> None:
    assert found(step(StepKind.TCP_CONNECT, failure=failure)) == []


def test_resolvers_come_first_then_controls_then_the_rest() -> None:
    steps = [
        step(StepKind.TCP_CONNECT, address="192.0.2.1"),
        step(StepKind.TCP_CONNECT, role=Role.REMOTE_CONTROL, pair=PAIR_ASKED, host=None),
        step(StepKind.DNS_QUERY, resolver="udp://9.9.9.9"),
        step(StepKind.QUIC_HANDSHAKE, address=None, port=None),
    ]

    assert [contact.place.split()[0] for contact in found(*steps)] == [
        "udp://9.9.9.9",
        "203.0.113.10",
        "192.0.2.1",
        "no",
    ]


def test_nothing_hides_or_turns_the_text() -> None:
    (contact,) = found(step(StepKind.TCP_CONNECT, host="a\u202eb"))

    assert contact.purpose == "in the name of a\\u202eb"


def test_what_was_sent_for_the_surroundings_is_marked() -> None:
    told = found(
        step(StepKind.DNS_QUERY, resolver=RESOLVER),
        step(StepKind.TCP_CONNECT),
        probe="surroundings",
    )

    assert [contact.purpose for contact in told] == [
        "surroundings: asked for names",
        "surroundings: in the name of site.example",
    ]


@pytest.mark.parametrize(
    ("transport", "sends", "sent", "failure", "times"),
    [
        ("udp", 1, 40, None, 1),
        ("udp", 2, 80, Failure.GENERIC_TIMEOUT_ERROR, 2),
        ("udp", 2, 80, Failure.INTERRUPTED, 2),
        ("udp", 1, 0, Failure.NETWORK_UNREACHABLE, 0),
        ("https", 1, 0, Failure.CONNECTION_RESET, 1),
    ],
)
def test_a_question_that_was_sent_again_counts_again(
    transport: str, sends: int, sent: int, failure: Failure | None, times: int
) -> None:
    detail = DnsDetail(query_type="A", transport=transport, sends=sends)
    query = step(
        StepKind.DNS_QUERY,
        resolver="udp://9.9.9.9",
        failure=failure,
        bytes_sent=sent,
        detail=msgspec.json.encode(detail).decode(),
    )
    (contact,) = found(query)

    assert contact.times == times
