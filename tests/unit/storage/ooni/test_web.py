"""Measurements of web_connectivity: hops, and what older programs' formats imply."""

from collections.abc import Iterable
from typing import Any

import pytest

from heliograph.detail import HttpDetail, TlsDetail, read
from heliograph.failure import Failure
from heliograph.model import Measurement, Role, Step, StepKind
from storage.ooni import reader
from tests.unit.storage.ooni.published import (
    ADDRESS,
    OTHER,
    PLAIN,
    SITE,
    URL,
    connect,
    document,
    handshake,
    healthy,
    line,
    older,
    oldest,
    query,
    request,
    response,
    unlisted,
)

Json = dict[str, Any]
NEXT = "https://next.example.org/"


def made(found: Json) -> Measurement:
    measurement = reader.read(line(found))
    assert measurement.reason is None
    return measurement


def steps(found: Json, kind: StepKind) -> list[Step]:
    return [s for s in made(found).steps if s.kind is kind and s.role is Role.TEST]


def exchanges(found: Json) -> list[tuple[Step, HttpDetail]]:
    return [(s, read(s, HttpDetail)) for s in steps(found, StepKind.HTTP_EXCHANGE)]


def listed_apart(*requests: Json, **changes: object) -> Json:
    """A document of version 0.4 with these requests, the newest first."""
    return older({"requests": [unlisted(one) for one in requests]} | changes)


def test_steps_stand_in_the_order_they_began_and_the_controls_last() -> None:
    found = made(document(healthy()))
    own = [step.started for step in found.steps if step.role is Role.TEST]

    assert own == sorted(own)
    assert [step.role for step in found.steps][len(own) :] == [Role.REMOTE_CONTROL] * 5


def test_each_redirect_is_a_hop_with_the_steps_made_for_it() -> None:
    at: Json = {"tags": ["depth=1"]}
    keys = healthy(
        queries=[query(ADDRESS), query(OTHER, hop=2, hostname="next.example.org")],
        tcp_connect=[connect(), connect(OTHER, **at)],
        tls_handshakes=[handshake(), handshake(OTHER, server_name="next.example.org", **at)],
        requests=[
            request(NEXT, response(), OTHER, **at),
            request(shown=response(302, "", Location=NEXT)),
        ],
    )
    found = made(document(keys))
    hosts = {(s.hop, s.host) for s in found.steps if s.role is Role.TEST}

    assert hosts == {(1, SITE), (2, "next.example.org")}
    assert [(s.hop, d.status) for s, d in exchanges(document(keys))] == [(1, 302), (2, 200)]


def test_a_hop_that_ended_before_its_request_has_a_host_all_the_same() -> None:
    keys = healthy(
        queries=[query(ADDRESS), query(OTHER, hop=2, hostname="next.example.org")],
        tcp_connect=[connect(), connect(OTHER, "connection_refused", tags=["depth=1"])],
        requests=[request(shown=response(302, "", Location=NEXT))],
    )
    second = [s for s in steps(document(keys), StepKind.TCP_CONNECT) if s.hop == 2]

    assert [s.host for s in second] == ["next.example.org"]


def test_the_newest_programs_list_every_handshake_and_none_is_added() -> None:
    found = document(healthy(tls_handshakes=[]))

    assert steps(found, StepKind.TLS_HANDSHAKE) == []


# Programs before 0.5


def test_requests_are_listed_newest_first_and_each_is_a_hop() -> None:
    found = listed_apart(request(NEXT, response()), request(shown=response(302, "", Location=NEXT)))

    assert [(s.hop, s.host) for s, _ in exchanges(found)] == [(1, SITE), (2, "next.example.org")]


def test_requests_listed_the_other_way_round_are_told_by_the_input() -> None:
    found = listed_apart(request(shown=response(302, "", Location=NEXT)), request(NEXT, response()))

    assert [(s.hop, s.host) for s, _ in exchanges(found)] == [(1, SITE), (2, "next.example.org")]


def test_a_request_that_is_not_for_the_input_is_a_later_hop() -> None:
    found = older({"requests": [unlisted(request(NEXT, response()))]}, input=PLAIN)

    assert [step.hop for step, _ in exchanges(found)] == [2]


def test_a_page_came_from_the_address_that_proved_the_name() -> None:
    found = older(
        {
            "queries": [query(OTHER, ADDRESS, engine="system")],
            "tcp_connect": [connect(OTHER, "connection_refused"), connect()],
        }
    )
    ((step, detail),) = exchanges(found)

    assert (step.address, step.port) == (ADDRESS, 443)
    assert detail.implied == "address: the only one that proved the name"


def test_which_of_several_addresses_it_was_is_said_to_be_unknown() -> None:
    found = older(
        {
            "queries": [query(OTHER, ADDRESS, engine="system")],
            "tcp_connect": [connect(OTHER, port=80), connect(port=80)],
            "requests": [unlisted(request(PLAIN, response()))],
        },
        input=PLAIN,
    )
    ((step, detail),) = exchanges(found)

    assert (step.address, step.port) == (OTHER, 80)
    assert detail.implied == "address: the first of 2 that took a connection"


def test_where_nobody_was_looked_up_no_address_is_made_up() -> None:
    found = listed_apart(request(NEXT, response()), request(shown=response(302, "", Location=NEXT)))
    second = [step for step, _ in exchanges(found) if step.hop == 2]

    assert [step.address for step in second] == [None]


def test_an_input_that_is_an_address_is_where_the_page_came_from() -> None:
    url = f"https://{ADDRESS}/"
    found = older({"queries": [], "requests": [unlisted(request(url, response()))]}, input=url)
    ((step, _),) = exchanges(found)

    assert step.address == ADDRESS


def test_a_page_over_tls_implies_a_handshake_where_none_is_listed() -> None:
    found = older({"tls_handshakes": None})
    (step,) = steps(found, StepKind.TLS_HANDSHAKE)
    detail = read(step, TlsDetail)

    assert (step.failure, step.host, step.address) == (None, SITE, ADDRESS)
    assert detail.implied is not None
    assert detail.implied.startswith("handshake: a page came over it")


def test_a_handshake_that_is_listed_is_not_implied_again() -> None:
    assert len(steps(older(), StepKind.TLS_HANDSHAKE)) == 1


def test_a_page_in_the_clear_implies_none() -> None:
    found = older(
        {"tls_handshakes": None, "requests": [unlisted(request(PLAIN, response()))]}, input=PLAIN
    )

    assert steps(found, StepKind.TLS_HANDSHAKE) == []


def test_the_first_program_may_not_have_looked_at_certificates() -> None:
    assert steps(oldest(), StepKind.TLS_HANDSHAKE) == []
    assert [detail.status for _, detail in exchanges(oldest())] == [200]


@pytest.mark.parametrize(
    ("failure", "word"),
    [
        ("ssl_unknown_authority", Failure.SSL_UNKNOWN_AUTHORITY),
        ("ssl_error: certificate verify failed", Failure.SSL_INVALID_CERTIFICATE),
        ("ssl_failed_handshake", Failure.SSL_FAILED_HANDSHAKE),
    ],
)
def test_a_request_that_ended_while_it_was_secured_is_a_handshake(
    failure: str, word: Failure
) -> None:
    found = older({"tls_handshakes": None, "requests": [unlisted(request(failure=failure))]})
    (step,) = steps(found, StepKind.TLS_HANDSHAKE)
    detail = read(step, TlsDetail)

    assert step.failure is word
    assert detail.implied is not None
    assert "the request ended so" in detail.implied
    assert exchanges(found) == []


@pytest.mark.parametrize(
    ("changes", "failure", "stage"),
    [
        ({}, "connection_reset", "headers"),
        ({}, "connection_refused", "request"),
        ({"tls_handshakes": [handshake(failure="eof_error")]}, "eof_error", "request"),
        ({"tls_handshakes": None}, "connection_reset", "request"),
        ({"tcp_connect": [connect(failure="timed_out")]}, "generic_timeout_error", "request"),
    ],
)
def test_a_request_was_sent_where_its_connection_can_be_had(
    changes: Json, failure: str, stage: str
) -> None:
    found = older(changes | {"requests": [unlisted(request(failure=failure))]})
    ((step, detail),) = exchanges(found)

    assert (step.failure, detail.stage) == (Failure(failure), stage)


@pytest.mark.parametrize(
    ("failure", "stage"), [("connection_reset", "headers"), ("generic_timeout_error", "request")]
)
def test_a_request_in_the_clear_that_was_reset_had_been_sent_wherever_it_went(
    failure: str, stage: str
) -> None:
    one = unlisted(request(PLAIN, failure=failure))
    found = older({"queries": [], "tcp_connect": [], "requests": [one]}, input=PLAIN)
    ((_, detail),) = exchanges(found)

    assert detail.stage == stage


def test_the_first_probe_kept_no_part_of_a_response_so_silence_may_be_of_its_midst() -> None:
    one = unlisted(request(PLAIN, failure="generic_timeout_error"))
    keys = {"tcp_connect": [connect(port=80)], "requests": [one]}
    python = {"software_name": "ooniprobe", "software_version": "2.2.0"}
    ((_, kept),) = exchanges(older(keys, input=PLAIN))
    ((_, lost),) = exchanges(older(keys, input=PLAIN) | python)

    assert (kept.stage, lost.stage) == ("headers", "request")


def test_an_address_of_a_resolver_asked_for_comparison_is_not_the_default_path() -> None:
    found = older({"queries": [query(OTHER, engine="udp", resolver_address="9.9.9.9:53")]})
    ((step, _),) = exchanges(found)

    assert step.address is None


@pytest.mark.parametrize(
    ("helpers", "host"),
    [
        ({"backend": {"address": "https://helper.example.net"}}, "helper.example.net"),
        ({"backend": "https://helper.example.net"}, "helper.example.net"),
        ({"backend": 7}, None),
        ({}, None),
        (None, None),
    ],
)
def test_the_helper_is_named_however_it_is_written(helpers: object, host: str | None) -> None:
    found = made(document(healthy(control=None), test_helpers=helpers))

    assert [s.host for s in found.steps if s.role is Role.REMOTE_CONTROL] == (
        [] if host is None else [host]
    )


def test_a_request_for_nothing_leads_nowhere() -> None:
    found = document(healthy(requests=[{}, {"request": None}, {"request": {"url": ""}}]))

    assert {step.host for step, _ in exchanges(found)} == {None}


def names(found: Iterable[Step]) -> set[str | None]:
    return {step.host for step in found}


def test_the_input_of_a_look_is_its_first_hop_whatever_the_records_say() -> None:
    found = document(healthy(queries=[query(ADDRESS, hostname="other.example")]), input=URL)

    assert names(steps(found, StepKind.TCP_CONNECT)) == {SITE}
