"""OONI's keys hold the visit and nothing that was done to explain it."""

import msgspec
import pytest

from heliograph.detail import TlsDetail
from heliograph.failure import NOT_ATTEMPTED, Failure
from heliograph.model import Step
from storage.ooni.writing_steps import endpoint, visit, word_of
from tests.unit.analysis.builders import (
    REAL,
    REAL2,
    RESET,
    TIMEOUT,
    UNKNOWN_CA,
    V6,
    WRONG_NAME,
    certificate,
    control_here,
    http,
    resolver_control,
    swap_test,
    system,
    tcp,
    tls,
    written,
)
from tests.unit.analysis.builders_control import at_hop, from_nobody, seen, tried_again
from tests.unit.storage.ooni.written import web

CARRIER = msgspec.structs.replace(tcp("192.0.2.1"), resolver="https://resolver.example@192.0.2.1")


def at(step: Step, started: float, seconds: float) -> Step:
    return msgspec.structs.replace(step, started=started, seconds=seconds)


def test_connections_say_where_they_went_when_and_how_they_ended() -> None:
    found = web(at(tcp(), 0.5, 0.25), at(tcp(V6, TIMEOUT), 0.1, 10.0)).tcp_connect

    assert [(c.ip, c.port, c.t0, c.t) for c in found] == [
        (REAL, 443, 0.5, 0.75),
        (V6, 443, 0.1, 10.1),
    ]
    assert [(c.status.success, c.status.failure) for c in found] == [
        (True, None),
        (False, "generic_timeout_error"),
    ]


def test_handshakes_say_what_was_agreed() -> None:
    detail = TlsDetail(version="TLSv1.3", cipher="TLS_AES_128_GCM_SHA256", alpn="h2")
    step = msgspec.structs.replace(at(tls(V6), 1.0, 0.5), detail=written(detail))
    (found,) = web(step).tls_handshakes

    assert (found.address, found.server_name) == (f"[{V6}]:443", "site.example")
    assert (found.tls_version, found.cipher_suite) == ("TLSv1.3", "TLS_AES_128_GCM_SHA256")
    assert (found.negotiated_protocol, found.failure) == ("h2", None)
    assert (found.t0, found.t, found.no_tls_verify) == (1.0, 1.5, False)


def test_certificates_are_written_as_far_as_they_were_kept() -> None:
    kept = msgspec.structs.replace(certificate(), der="MAA=")
    (found,) = web(tls(failure=UNKNOWN_CA, chain=(kept, certificate()))).tls_handshakes

    assert [one.data for one in found.peer_certificates] == [b"0\x00"]


@pytest.mark.parametrize(
    "step",
    [
        swap_test(tls(failure=WRONG_NAME)),
        control_here(tls(failure=RESET)),
        *tried_again(tls(failure=RESET)),
        *seen(),
        *from_nobody(()),
        resolver_control(),
        CARRIER,
    ],
    ids=lambda step: f"{step.role} {step.pair}",
)
def test_what_was_done_for_a_comparison_is_no_part_of_the_visit(step: Step) -> None:
    """Another host's certificate, said to be the target's, reads as an interceptor's."""
    assert visit((step,)) == ()


@pytest.mark.parametrize("failure", sorted(NOT_ATTEMPTED))
def test_what_says_something_of_us_alone_is_no_part_of_the_visit(failure: Failure) -> None:
    assert visit((tcp(failure=failure), tls(failure=failure))) == ()


def test_the_way_from_connecting_to_the_page_has_one_number() -> None:
    found = web(system(REAL, REAL2), tcp(), tcp(REAL2), tls(), tls(REAL2), http())

    assert [c.transaction_id for c in found.tcp_connect] == [2, 3]
    assert [t.transaction_id for t in found.tls_handshakes] == [2, 3]
    assert [r.transaction_id for r in found.requests] == [2]
    assert [q.transaction_id for q in found.queries] == [1]


def test_two_connections_to_one_place_are_told_apart_by_the_port_they_came_from() -> None:
    first, second = (msgspec.structs.replace(tcp(), source_port=port) for port in (4000, 4001))
    numbers = [each.transaction for each in visit((first, second, first))]

    assert numbers == [1, 2, 1]


def test_tags_say_how_many_redirects_led_there() -> None:
    found = web(tcp(), *at_hop(3, tcp()))

    assert [c.tags for c in found.tcp_connect] == [["depth=0"], ["depth=2"]]


def test_events_tell_beginning_and_end_in_their_order() -> None:
    steps = at(tcp(), 0.1, 0.1), at(tls(failure=RESET), 0.2, 0.3), at(tcp(REAL2), 0.15, 0.1)
    found = web(*steps).network_events

    assert [(e.operation, e.t, e.failure) for e in found] == [
        ("connect", 0.2, None),
        ("tls_handshake_start", 0.2, None),
        ("connect", 0.25, None),
        ("tls_handshake_done", 0.5, "connection_reset"),
    ]


@pytest.mark.parametrize("failure", Failure)
def test_words_of_our_own_are_unknown_to_ooni(failure: Failure) -> None:
    word = word_of(failure)

    assert word == (f"unknown_failure: {failure}" if failure.startswith("x_") else str(failure))


def test_no_failure_has_no_word_and_no_peer_no_place() -> None:
    assert word_of(None) is None
    assert endpoint(None, 443) == ""
