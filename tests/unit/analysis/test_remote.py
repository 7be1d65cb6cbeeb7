"""What a control elsewhere saw of one hop, and whether it can be believed."""

import msgspec
import pytest

from analysis.remote import Remote
from heliograph.failure import Failure
from heliograph.model import Step, StepKind
from tests.unit.analysis.builders import (
    BOGON,
    HOST,
    NODATA,
    NXDOMAIN,
    REAL,
    REAL2,
    RESET,
    SERVFAIL,
    TIMEOUT,
    WRONG,
    WRONG_NAME,
    tls,
    told,
    trusted,
)
from tests.unit.analysis.builders_control import (
    asked,
    elsewhere,
    lost,
    page,
    seen,
    seen_dns,
    seen_plain,
    seen_tcp,
    seen_tls,
    two_answers,
)
from tests.unit.analysis.cases_dns import REACHED

CUT = Failure.INTERRUPTED


def remote(*steps: Step, port: int = 443) -> Remote:
    return Remote(steps, HOST, port)


def placed(step: Step, **changes: object) -> Step:
    return msgspec.structs.replace(step, **changes)


def test_the_vantages_own_steps_are_none_of_the_controls() -> None:
    nothing = remote(*REACHED)

    assert not nothing.tried
    assert not nothing.answered
    assert not nothing.lookups
    assert nothing.exchange is None
    assert nothing.page is None
    assert nothing.dns_failure is None
    assert nothing.addresses == nothing.connected == nothing.proved == frozenset()


@pytest.mark.parametrize(
    ("steps", "tried", "answered"),
    [
        ((asked(),), True, False),
        ((asked(TIMEOUT),), True, False),
        ((asked(), *seen()), True, True),
        (seen(), True, True),
        ((seen_tcp(failure=TIMEOUT),), True, True),
        ((seen_tcp(failure=CUT), seen_tls(failure=Failure.X_BUDGET_EXHAUSTED)), True, False),
    ],
)
def test_a_control_was_tried_when_it_was_asked_and_answered_when_it_looked(
    steps: tuple[Step, ...], tried: bool, answered: bool
) -> None:
    assert (remote(*steps).tried, remote(*steps).answered) == (tried, answered)


def test_the_connection_to_the_control_is_nothing_it_saw() -> None:
    to_it = placed(seen_tls("198.51.100.5"), pair="asked")

    assert remote(to_it).proved == frozenset()


def test_its_addresses_are_the_public_ones_it_was_given() -> None:
    e = remote(
        seen_dns(REAL, BOGON),
        seen_dns("2001:db8::10", kind="AAAA"),
        seen_dns(failure=CUT),
        elsewhere(trusted(REAL2)),
        placed(seen_dns(WRONG), host="other.example"),
    )

    assert e.addresses == {REAL, "2001:db8::10", REAL2}
    assert len(e.lookups) == 3


@pytest.mark.parametrize(
    ("steps", "word"),
    [
        ((seen_dns(REAL), seen_dns(failure=NODATA, kind="AAAA")), None),
        ((seen_dns(failure=NXDOMAIN), seen_dns(failure=NXDOMAIN, kind="AAAA")), NXDOMAIN),
        ((seen_dns(failure=SERVFAIL), elsewhere(trusted(REAL))), SERVFAIL),
        ((elsewhere(trusted(failure=NXDOMAIN)),), None),
        ((seen_dns(failure=CUT),), None),
    ],
)
def test_its_own_resolver_failed_when_that_gave_no_address(
    steps: tuple[Step, ...], word: Failure | None
) -> None:
    assert remote(*steps).dns_failure is word


def test_a_control_whose_answers_contradict_each_other_is_lied_to() -> None:
    assert remote(seen_dns(replies=two_answers(WRONG, REAL))).poisoned
    assert remote(seen_dns(replies=(told(rcode="NXDOMAIN"), told(REAL)))).poisoned
    assert not remote(seen_dns(REAL), elsewhere(trusted(REAL2))).poisoned


def test_an_address_is_connected_at_the_targets_port() -> None:
    e = remote(seen_tcp(), seen_tcp(REAL2, port=80), seen_tcp(WRONG, TIMEOUT))

    assert e.connected == {REAL}


def test_an_address_is_proved_by_a_valid_certificate_at_any_port() -> None:
    e = remote(
        seen_tls(),
        seen_tls(WRONG, WRONG_NAME),
        placed(seen_tls(REAL2), host="other.example"),
        port=80,
    )

    assert e.proved == {REAL}


def test_a_connection_to_a_resolver_is_no_connection_to_the_target() -> None:
    to_resolver = placed(seen_tcp(WRONG), resolver="https://resolver.example@203.0.113.66")

    assert remote(to_resolver).connected == frozenset()


@pytest.mark.parametrize(
    ("step", "address", "word"),
    [
        (seen_tls(failure=RESET), REAL, RESET),
        (seen_tls(failure=RESET), REAL2, None),
        (seen_tls(failure=CUT), REAL, None),
        (seen_tls(), REAL, None),
        (tls(failure=RESET), REAL, None),
        (placed(seen_tls(failure=RESET), port=8443), REAL, None),
    ],
)
def test_how_it_failed_at_an_address(step: Step, address: str, word: Failure | None) -> None:
    assert remote(step).failure_at(StepKind.TLS_HANDSHAKE, address) is word


def test_a_control_without_ipv6_says_nothing_of_it() -> None:
    e = remote(seen_tcp(REAL2, Failure.NETWORK_UNREACHABLE), seen_tcp(failure=TIMEOUT))

    assert e.failure_at(StepKind.TCP_CONNECT, REAL2) is None
    assert e.failure_at(StepKind.TCP_CONNECT, REAL) is TIMEOUT


def test_its_page_is_the_response_it_got() -> None:
    e = remote(*seen_plain(page(404, "Not Found")), port=80)

    assert e.page is not None
    assert (e.page.status, e.page.title) == (404, "Not Found")


@pytest.mark.parametrize(
    "step",
    [lost(RESET), lost(CUT), placed(lost(CUT), detail="{}"), page(port=443)],
    ids=["no response", "cut off", "not begun", "another port"],
)
def test_without_a_response_there_is_no_page(step: Step) -> None:
    assert remote(elsewhere(step), port=80).page is None


def test_a_connection_is_shut_out_at_whatever_port_it_was_tried() -> None:
    e = remote(seen_tcp(REAL2, Failure.CONNECTION_REFUSED, port=443), seen_tcp(port=80), port=80)

    assert e.shut_out(REAL2, 443)
    assert not e.shut_out(REAL2, 80)
    assert not e.shut_out(REAL, 80)
    assert not remote(seen_tcp(WRONG, Failure.NETWORK_UNREACHABLE)).shut_out(WRONG, 443)


def test_its_request_at_the_end_of_its_way_is_told_from_one_for_this_very_page() -> None:
    end = elsewhere(page(port=443))

    assert Remote((), HOST, 443, end).at_the_end
    assert not Remote((placed(end, started=1.0),), HOST, 443, end).at_the_end
    assert not remote(end).at_the_end
