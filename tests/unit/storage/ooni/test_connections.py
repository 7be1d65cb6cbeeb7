"""Connections and handshakes as OONI lists them are steps of ours."""

from typing import Any

import msgspec
import pytest

from heliograph.detail import TcpDetail, TlsDetail, read
from heliograph.failure import Failure
from heliograph.model import Step, StepKind
from storage.ooni.connections import connect_steps, connects_among, handshake_steps
from storage.ooni.shapes import NOTHING, Connect, Handshake
from tests.unit.storage.ooni.published import ADDRESS, SITE, connect, handshake, line


def connected(found: dict[str, Any]) -> Step:
    (step,) = connect_steps([msgspec.convert(found, Connect, strict=False)], {1: SITE})
    return step


def shaken(found: dict[str, Any]) -> tuple[Step, TlsDetail]:
    (step,) = handshake_steps([msgspec.convert(found, Handshake)], {1: SITE})
    return step, read(step, TlsDetail)


def test_a_connection_is_made_for_the_host_of_its_hop() -> None:
    step = connected(connect())

    assert (step.kind, step.host, step.address, step.port) == (
        StepKind.TCP_CONNECT,
        SITE,
        ADDRESS,
        443,
    )
    assert (step.failure, step.started, step.seconds) == (None, 0.04, 0.01)


def test_a_connection_without_a_hop_is_made_for_the_name_its_address_was_looked_up_for() -> None:
    found = msgspec.convert(connect(tags=None), Connect)
    (step,) = connect_steps([found], {ADDRESS: "looked.example"})

    assert step.host == "looked.example"


@pytest.mark.parametrize(
    ("status", "failure"),
    [
        ({"failure": "connection_refused", "success": False}, Failure.CONNECTION_REFUSED),
        ({"failure": False, "success": True, "blocked": False}, None),
        ({"success": True}, None),
        ({"success": False}, Failure.UNKNOWN_FAILURE),
        (None, Failure.INTERRUPTED),
    ],
)
def test_a_connection_fails_as_its_status_says(
    status: dict[str, object] | None, failure: Failure | None
) -> None:
    assert connected(connect(status=status)).failure is failure


def test_free_text_is_kept_as_the_cause() -> None:
    step = connected(connect(failure="unknown_failure: connect: no route to host"))
    cause = read(step, TcpDetail).cause

    assert step.failure is Failure.HOST_UNREACHABLE
    assert cause is not None
    assert cause.text == "unknown_failure: connect: no route to host"


def test_events_tell_of_connections_where_nothing_else_does() -> None:
    events = [
        {"operation": "connect", "proto": "tcp", "address": f"{ADDRESS}:443", "t": 0.5},
        {"operation": "connect", "proto": "udp", "address": f"{ADDRESS}:443"},
        {"operation": "read", "num_bytes": 7},
        {"operation": "connect", "address": f"{ADDRESS}:80", "failure": "connection_reset"},
    ]
    steps = connects_among(msgspec.Raw(line(events)), {ADDRESS: SITE})

    assert [(s.port, s.failure, s.host) for s in steps] == [
        (443, None, SITE),
        (80, Failure.CONNECTION_RESET, SITE),
    ]


@pytest.mark.parametrize("events", [NOTHING, msgspec.Raw(b"null"), msgspec.Raw(b"[7]")])
def test_events_nobody_can_read_tell_of_none(events: msgspec.Raw) -> None:
    assert connects_among(events, {}) == []


def test_a_handshake_proves_the_name_it_was_made_for() -> None:
    step, detail = shaken(handshake(server_name="other.example"))

    assert (step.host, step.sni, step.address, step.port) == (
        "other.example",
        "other.example",
        ADDRESS,
        443,
    )
    assert (step.failure, step.pair) == (None, None)
    assert (detail.version, detail.alpn, detail.completed) == ("TLSv1.3", "h2", True)


def test_an_address_is_no_server_name() -> None:
    step, _ = shaken(handshake(server_name=ADDRESS))

    assert (step.host, step.sni) == (ADDRESS, None)


def test_a_certificate_for_another_name_was_presented_and_the_handshake_completed() -> None:
    found = handshake(failure="ssl_invalid_hostname", peer_certificates=[{"data": "AAAA"}])
    step, detail = shaken(found)

    assert step.failure is Failure.SSL_INVALID_HOSTNAME
    assert detail.completed
    assert detail.chain[0].der == "AAAA"


def test_an_alert_ends_a_handshake_before_it_is_completed() -> None:
    _, detail = shaken(handshake(failure="unknown_failure: remote error: tls: access denied"))

    assert (detail.alert, detail.completed, detail.server_spoke) == (49, False, True)


def test_silence_completes_nothing() -> None:
    _, detail = shaken(handshake(failure="generic_timeout_error"))

    assert (detail.completed, detail.server_spoke) == (False, False)


def test_a_handshake_whose_certificate_nobody_looked_at_proves_no_name() -> None:
    step, detail = shaken(handshake(no_tls_verify=True))

    assert step.pair is not None
    assert detail.verification is not None


def test_a_quic_handshake_is_one() -> None:
    found = msgspec.convert(handshake(), Handshake)
    (step,) = handshake_steps([found], {}, kind=StepKind.QUIC_HANDSHAKE)

    assert step.kind is StepKind.QUIC_HANDSHAKE
