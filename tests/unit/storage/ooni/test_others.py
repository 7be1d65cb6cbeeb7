"""Every other experiment of OONI has the steps that its format has."""

from typing import Any

import pytest

from heliograph.failure import Failure
from heliograph.model import Outcome, Role, Step, StepKind
from storage.ooni import reader
from tests.unit.storage.ooni.published import (
    ADDRESS,
    OTHER,
    PAGE,
    SITE,
    URL,
    connect,
    document,
    handshake,
    line,
    over_udp,
    query,
    request,
    response,
    unlisted,
)

Json = dict[str, Any]


def steps(test_name: str, keys: Json, **changes: object) -> list[Step]:
    made = reader.read(line(document(keys, **{"test_name": test_name, "input": None} | changes)))
    assert (made.outcome, made.reason, made.probe) == (Outcome.MEASURED, None, test_name)
    return list(made.steps)


def kinds(found: list[Step]) -> list[StepKind]:
    return [step.kind for step in found]


def test_a_messengers_operations_are_steps_for_the_names_that_led_to_them() -> None:
    keys = {
        "queries": [query(ADDRESS), query(OTHER, hostname="other.example")],
        "tcp_connect": [connect(OTHER, tags=None, port=5222), connect(tags=None)],
        "tls_handshakes": [handshake(tags=None)],
        "requests": [unlisted(request(shown=response()))],
    }
    found = steps("whatsapp", keys)

    assert [s.host for s in found if s.kind is StepKind.TCP_CONNECT] == ["other.example", SITE]
    assert sorted(kinds(found)) == sorted(
        [StepKind.DNS_QUERY] * 2
        + [StepKind.TCP_CONNECT] * 2
        + [StepKind.TLS_HANDSHAKE, StepKind.HTTP_EXCHANGE]
    )
    assert {step.hop for step in found} == {1}


def test_the_steps_stand_in_the_order_they_began() -> None:
    keys = {"queries": [query(ADDRESS, t0=2.0, t=3.0)], "tcp_connect": [connect(t0=1.0, t=1.5)]}

    assert kinds(steps("telegram", keys)) == [StepKind.TCP_CONNECT, StepKind.DNS_QUERY]


def test_dnscheck_keeps_its_operations_within() -> None:
    keys = {
        "bootstrap": {"queries": [query(ADDRESS)]},
        "lookups": {
            "dot://45.0.2.7:853": {
                "queries": [over_udp(OTHER, engine="dot", resolver_address="45.0.2.7:853")],
                "tcp_connect": [connect(port=853)],
                "tls_handshakes": [handshake()],
            },
            "empty": None,
        },
    }
    found = steps("dnscheck", keys, input="dot://dns.example.org:853")

    assert sorted(kinds(found)) == sorted(
        [StepKind.DNS_QUERY] * 2 + [StepKind.TCP_CONNECT, StepKind.TLS_HANDSHAKE]
    )


def test_tor_keeps_them_by_its_targets() -> None:
    keys = {"targets": {"one": {"tcp_connect": [connect()], "tls_handshakes": None}, "two": {}}}

    assert kinds(steps("tor", keys)) == [StepKind.TCP_CONNECT]


def test_pings_keep_one_of_each() -> None:
    keys = {"pings": [{"tcp_connect": connect(), "tls_handshake": handshake()}, {}]}

    assert kinds(steps("tlsping", keys)) == [StepKind.TCP_CONNECT, StepKind.TLS_HANDSHAKE]


def test_two_handshakes_with_nothing_around_them_are_steps() -> None:
    keys = {"control": handshake(), "target": handshake(failure="connection_reset")}

    assert [s.failure for s in steps("echcheck", keys)] == [None, Failure.CONNECTION_RESET]


def test_connections_are_taken_from_events_where_nothing_lists_them() -> None:
    event = {"operation": "connect", "proto": "tcp", "address": f"{ADDRESS}:443", "t": 0.5}

    assert kinds(steps("openvpn", {"network_events": [event]})) == [StepKind.TCP_CONNECT]
    assert kinds(steps("openvpn", {"network_events": [event], "tcp_connect": [connect()]})) == [
        StepKind.TCP_CONNECT
    ]


def test_a_request_through_tor_was_the_control_of_an_old_test() -> None:
    through_tor = request(shown=response())
    through_tor["request"]["tor"]["is_tor"] = True
    found = steps(
        "http_requests", {"requests": [through_tor, request(shown=response())]}, input=URL
    )

    assert [step.role for step in found] == [Role.REMOTE_CONTROL, Role.TEST]


def test_a_test_without_such_operations_has_no_steps() -> None:
    assert steps("ndt", {"server": {"hostname": "ndt.example"}, "download": [1, 2]}) == []


@pytest.mark.parametrize("body", [PAGE, None, {"data": "AAAA", "format": "base64"}])
def test_old_headers_in_pairs_are_read(body: object) -> None:
    shown = {"code": 200, "body": body, "headers": [["Server", ["made"]]]}
    (step,) = steps("http_requests", {"requests": [unlisted(request(shown=shown))]}, input=URL)

    assert '["Server","made"]' in step.detail
