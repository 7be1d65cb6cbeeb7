"""One line of OONI's format: whose, when, where, and how far it came."""

from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given, settings

from heliograph.failure import Failure
from heliograph.ids import with_id
from heliograph.model import Measurement, Stack, Step, Vantage
from storage.ooni.own import record_of
from storage.ooni.writing import line_of
from storage.ooni.writing_control import NO_CONTROL, NOT_TOLD
from storage.ooni.writing_http import KEPT_WHOLE
from storage.packages.public import SOURCE, published
from tests.unit.analysis.builders import (
    NXDOMAIN,
    REAL,
    REAL2,
    RESET,
    TIMEOUT,
    WRONG_NAME,
    http,
    measured,
    swap_test,
    system,
    tcp,
    tls,
)
from tests.unit.analysis.builders_control import asked, at_hop, page, redirect, seen
from tests.unit.analysis.cases import EVERY_LOOK
from tests.unit.storage.ooni.random_looks import LOOKS
from tests.unit.storage.ooni.written import Document, Keys, WebKeys, read_back, web

LOOK = with_id(
    Measurement(
        probe="web",
        probe_version=3,
        target=measured().target,
        vantage=Vantage(country="XA", asn=64500, network_name="Example", source="configured"),
        started=datetime(2026, 11, 23, 12, 34, 56, tzinfo=UTC),
        seconds=1.5,
        software="heliograph 0.1.0",
        stack=Stack(system="Linux", tls_library="OpenSSL", http_library="h11"),
        context=("no_ipv6", "clock_skew"),
        campaign="elections",
        steps=(system("203.0.113.10"), tcp(), tls(), http()),
    )
)


def test_a_line_says_who_measured_what_where_and_when() -> None:
    found = read_back(LOOK)

    assert (found.input, found.test_name) == ("https://site.example/", "web_connectivity")
    assert (found.probe_asn, found.probe_cc) == ("AS64500", "XA")
    assert found.probe_network_name == "Example"
    assert found.measurement_start_time == found.test_start_time == "2026-11-23 12:34:56"
    assert (found.test_runtime, found.test_version) == (1.5, "3.0.0")
    assert (found.software_name, found.software_version) == ("heliograph", "0.1.0")
    assert found.annotations == {
        "engine_name": "heliograph",
        "vantage_source": "configured",
        "context": "no_ipv6 clock_skew",
        "platform": "linux",
        "campaign": "elections",
    }


def test_a_line_tells_no_address_of_the_host_or_its_resolver() -> None:
    found = read_back(LOOK)

    assert (found.probe_ip, found.resolver_ip) == ("127.0.0.1", "127.0.0.2")
    assert (found.resolver_asn, found.resolver_network_name) == ("AS0", "")


def test_every_measurement_is_a_report_of_its_own_and_named_by_its_content() -> None:
    found = read_back(LOOK)
    named, *place, collector, own = found.report_id.split("_")

    assert found.id == found.measurement_uid == LOOK.id
    assert (named, place, collector) == (
        "20261123T123456Z",
        ["webconnectivity", "XA", "64500"],
        "heliograph",
    )
    assert LOOK.id.replace("-", "").endswith(own)
    assert len({read_back(with_id(look)).report_id for look in EVERY_LOOK}) == len(EVERY_LOOK)


@pytest.mark.parametrize("probe", ["dns", "tcp", "tls", "http", "of-a-plugin"])
def test_probes_other_than_web_keep_their_names(probe: str) -> None:
    look = msgspec.structs.replace(LOOK, probe=probe)

    assert read_back(look).test_name == probe


@pytest.mark.parametrize("software", ["", "heliograph"])
def test_software_without_a_version_is_named_alone(software: str) -> None:
    found = read_back(msgspec.structs.replace(LOOK, software=software))

    assert (found.software_name, found.software_version) == (software, "")


def test_every_look_is_written_as_the_specification_says() -> None:
    for look in EVERY_LOOK:
        for probe in ("web", look.probe):
            read_back(with_id(msgspec.structs.replace(look, probe=probe)))


@settings(max_examples=30)
@given(LOOKS)
def test_whatever_was_measured_is_written_so_and_comes_back(look: Measurement) -> None:
    line = line_of(look)

    assert b"\n" not in line
    assert record_of(read_back(look).test_keys.x_heliograph) == look


def told(look: Measurement) -> tuple[Document, Keys]:
    """What the public line of a look holds, and its keys."""
    found = read_back(published(look))
    return found, found.test_keys


def test_a_public_line_says_the_least_that_is_true() -> None:
    found, keys = told(msgspec.structs.replace(LOOK, seconds=24.306))

    assert (found.probe_asn, found.probe_cc, found.probe_network_name) == ("AS0", "XA", "")
    assert found.measurement_start_time == found.test_start_time == "2026-11-23 00:00:00"
    assert found.test_runtime == 24.3
    assert found.report_id.startswith("20261123T000000Z_webconnectivity_XA_0_heliograph_")
    assert found.annotations == {
        "engine_name": "heliograph",
        "vantage_source": "withheld",
        "context": "no_ipv6 clock_skew",
        "source": SOURCE,
    }
    assert (keys.queries, keys.tcp_connect, keys.tls_handshakes, keys.requests) == ([], [], [], [])
    assert (keys.network_events, keys.x_dns_duplicate_responses) == ([], [])


def test_a_public_line_says_how_the_visit_failed_as_the_exact_one_does() -> None:
    for look in EVERY_LOOK:
        exact, (_, keys) = read_back(look).test_keys, told(look)
        assert (keys.failure, keys.failed_operation) == (exact.failure, exact.failed_operation)


def test_a_public_line_claims_nothing_of_a_control_that_it_does_not_tell() -> None:
    def failure(*steps: Step) -> str | None:
        _, keys = told(with_id(measured(system(REAL), *steps, probe="web")))
        assert isinstance(keys, WebKeys)
        assert keys.control is None
        return keys.control_failure

    assert failure(asked(), *seen()) is None
    assert failure(asked(Failure.CONNECTION_REFUSED)) == NOT_TOLD
    assert failure() == NO_CONTROL


def test_half_a_character_ends_no_line() -> None:
    """No text from JSON holds one; a record that did could not carry its own id."""
    vantage = Vantage(network_name="a\ud800b")
    steps = (msgspec.structs.replace(http(), detail='{"url":"\ud800"}'),)
    look = msgspec.structs.replace(LOOK, vantage=vantage, steps=steps)
    found = read_back(look)

    assert found.probe_network_name == r"a\ud800b"
    assert record_of(found.test_keys.x_heliograph) is None


def test_a_step_whose_detail_cannot_be_read_is_told_as_far_as_it_can() -> None:
    broken = (msgspec.structs.replace(step, detail="{") for step in (tcp(), tls(), http()))
    found = web(system("203.0.113.10"), *broken)

    assert len(found.queries) == len(found.tcp_connect) == len(found.tls_handshakes) == 1
    assert found.requests == []


def test_a_long_body_is_said_to_be_cut() -> None:
    def body(size: int, *, truncated: bool = False) -> bool:
        step = page()
        detail = msgspec.json.decode(step.detail) | {"body_bytes": size, "truncated": truncated}
        step = msgspec.structs.replace(step, detail=msgspec.json.encode(detail).decode())
        (request,) = web(step).requests
        assert request.response is not None
        return request.response.body_is_truncated

    assert not body(KEPT_WHOLE)
    assert body(KEPT_WHOLE + 1)
    assert body(1, truncated=True)


FOUND = system("203.0.113.10")


@pytest.mark.parametrize(
    ("steps", "failure", "operation"),
    [
        ((), None, None),
        ((system(failure=NXDOMAIN),), "dns_nxdomain_error", "resolve"),
        ((FOUND, tcp(failure=TIMEOUT)), "generic_timeout_error", "connect"),
        ((FOUND, tcp(failure=TIMEOUT), tcp(REAL2)), None, None),
        ((FOUND, tcp(), tls(failure=RESET)), "connection_reset", "tls_handshake"),
        ((FOUND, tcp(), tls(), http(None, RESET)), "connection_reset", "http_round_trip"),
        ((FOUND, tcp(), tls(), http()), None, None),
        ((FOUND, tcp(), tls(), http(), swap_test(tls(failure=WRONG_NAME))), None, None),
        (
            (redirect("https://b.example/"), *at_hop(2, system(failure=NXDOMAIN))),
            "dns_nxdomain_error",
            "resolve",
        ),
    ],
)
def test_the_failure_is_that_of_the_furthest_layer_of_the_last_hop(
    steps: tuple[object, ...], failure: str | None, operation: str | None
) -> None:
    found = web(*steps)  # type: ignore[arg-type]

    assert (found.failure, found.failed_operation) == (failure, operation)
    assert found.http_experiment_failure == failure


def test_the_lookup_failed_when_the_system_resolver_gave_no_address_of_the_target() -> None:
    assert web(system(failure=NXDOMAIN)).dns_experiment_failure == "dns_nxdomain_error"
    assert web(system(failure=NXDOMAIN, kind="AAAA"), FOUND).dns_experiment_failure is None
    assert web(FOUND, *at_hop(2, system(failure=NXDOMAIN))).dns_experiment_failure is None
