"""What a control elsewhere saw, where readers of OONI's data look for it."""

from heliograph.failure import Failure
from storage.ooni.writing_control import (
    FOUND_HERE,
    FOUND_THERE,
    IS_BOGON,
    NO_CONTROL,
    PROVED,
    control_failure,
    control_of,
)
from tests.unit.analysis.builders import (
    BOGON,
    NXDOMAIN,
    REAL,
    REAL2,
    RESET,
    TIMEOUT,
    WRONG,
    control_here,
    http,
    system,
    tls,
)
from tests.unit.analysis.builders_control import (
    asked,
    at_hop,
    elsewhere,
    in_network,
    lost,
    page,
    redirect,
    seen,
    seen_dns,
    seen_tcp,
    seen_tls,
)
from tests.unit.storage.ooni.written import Control, web

PLACE = f"{REAL}:443"


def control(*steps: object) -> Control:
    found = web(*steps).control  # type: ignore[arg-type]
    assert found is not None
    return found


def test_a_control_says_what_answered_it_and_what_it_was_shown() -> None:
    found = control(*seen(), seen_tcp(REAL2, TIMEOUT))

    assert (found.dns.addrs, found.dns.failure) == ([REAL], None)
    assert found.tcp_connect[PLACE].status
    assert found.tcp_connect[f"{REAL2}:443"].failure == "generic_timeout_error"
    assert found.tls_handshake[PLACE].status
    assert found.tls_handshake[PLACE].server_name == "site.example"
    assert (found.http_request.status_code, found.http_request.title) == (200, "Site")


def test_the_page_is_that_of_the_last_hop_and_the_addresses_those_of_the_first() -> None:
    later = at_hop(2, seen_dns(REAL2), elsewhere(page(404, "Gone", port=443)))
    found = control(*seen(step=redirect("https://b.example/", port=443)), *later)

    assert (found.http_request.status_code, found.http_request.title) == (404, "Gone")
    assert found.dns.addrs == [REAL]


def test_a_control_that_found_no_address_says_so() -> None:
    found = control(seen_dns(failure=NXDOMAIN))

    assert (found.dns.failure, found.dns.addrs) == ("dns_nxdomain_error", [])
    assert (found.http_request.status_code, found.http_request.body_length) == (-1, -1)


def test_a_control_whose_request_failed_says_how() -> None:
    found = control(seen_dns(REAL), seen_tls(failure=RESET), elsewhere(lost(RESET)))

    assert found.http_request.failure == "connection_reset"
    assert found.http_request.status_code == -1
    assert found.tls_handshake[PLACE].failure == "connection_reset"


def test_addresses_say_whose_they_are_and_who_was_given_them() -> None:
    here = in_network(64500, system(REAL)), system(BOGON), system(WRONG)
    info = control(*here, *seen()).ip_info

    assert info[REAL].asn == 64500
    assert info[REAL].flags == FOUND_HERE | FOUND_THERE | PROVED
    assert info[BOGON].flags == FOUND_HERE | IS_BOGON
    assert info[WRONG].flags == FOUND_HERE


def test_a_handshake_that_proves_nothing_marks_no_address() -> None:
    info = control(system(REAL), tls(failure=RESET), seen_dns(REAL)).ip_info

    assert info[REAL].flags == FOUND_HERE | FOUND_THERE


def test_a_comparison_from_here_is_no_control_elsewhere() -> None:
    steps = system(REAL), control_here(tls()), http()

    assert control_of(steps) is None
    assert control_failure(steps) == NO_CONTROL


def test_a_control_that_could_not_be_reached_is_told_by_its_failure() -> None:
    found = web(system(REAL), asked(Failure.CONNECTION_REFUSED))

    assert (found.control, found.control_failure) == (None, "connection_refused")


def test_a_control_that_answered_has_no_failure() -> None:
    assert web(asked(), *seen()).control_failure is None


def test_without_any_control_there_is_a_word_for_that() -> None:
    """Without it readers would take the control as asked, and its silence for an answer."""
    assert web(system(REAL)).control_failure == NO_CONTROL
