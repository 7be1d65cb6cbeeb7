"""The steps of a measurement, as rules ask about them."""

import msgspec
import pytest

from analysis.evidence import Evidence
from heliograph.failure import Failure
from heliograph.model import Role, Step
from tests.unit.analysis.builders import (
    BOGON,
    ELSEWHERE,
    EOF,
    HOST,
    NODATA,
    NXDOMAIN,
    REAL,
    REAL2,
    RESET,
    SERVFAIL,
    TIMEOUT,
    UNKNOWN_CA,
    V6,
    WRONG,
    WRONG_NAME,
    again,
    certificate,
    control_here,
    control_led,
    found_again,
    http,
    measured,
    plain,
    resolver_control,
    swap_control,
    swap_test,
    system,
    tcp,
    tls,
    trusted,
)
from tests.unit.analysis.builders_control import lost, spoiled, swapped, tried_again
from tests.unit.analysis.cases_dns import denied


def seen(*steps: Step) -> Evidence:
    return Evidence(measured(*steps))


def test_only_queries_for_the_targets_name_that_were_made_count() -> None:
    made = system(REAL)
    other = msgspec.structs.replace(made, host="other.example")
    cut = system(failure=Failure.INTERRUPTED)
    e = seen(other, cut, resolver_control(), made, trusted(REAL2))

    assert [fact.step for fact in e.system] == [made]
    assert e.system_addresses == {REAL}
    assert e.trusted_public == {REAL2}


def test_only_what_came_over_an_encrypted_channel_is_vouched_for() -> None:
    e = seen(trusted(REAL), trusted(REAL2, transport="tls"), trusted(WRONG, transport="udp"))

    assert e.vouched == {REAL, REAL2}
    assert e.lives


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ((), None),
        ((system(REAL), system(failure=NODATA, kind="AAAA")), None),
        ((system(failure=NXDOMAIN), system(failure=NXDOMAIN, kind="AAAA")), NXDOMAIN),
        ((system(failure=SERVFAIL), system(V6, kind="AAAA")), None),
        ((system(failure=TIMEOUT), system(failure=TIMEOUT, kind="AAAA")), TIMEOUT),
        ((system(failure=TIMEOUT), system(failure=NODATA, kind="AAAA")), None),
        ((system(failure=NODATA, kind="AAAA"),), None),
    ],
)
def test_the_system_failed_only_when_it_gave_no_address_at_all(
    steps: tuple[Step, ...], expected: Failure | None
) -> None:
    assert seen(*steps).system_failure is expected


def test_encrypted_resolvers_speak_for_the_rest_of_the_world() -> None:
    e = seen(
        trusted(REAL),
        trusted(failure=NXDOMAIN, transport="tls"),
        trusted(failure=SERVFAIL, transport="udp"),
        trusted(failure=NODATA, kind="AAAA"),
    )

    assert e.trusted_failures == {None, NXDOMAIN}


def test_a_missing_ipv6_route_is_no_try() -> None:
    refused = tcp(V6, Failure.CONNECTION_REFUSED)
    e = seen(tcp(V6, Failure.NETWORK_UNREACHABLE), refused, tcp(REAL, Failure.NETWORK_UNREACHABLE))

    assert e.connects == (refused, tcp(REAL, Failure.NETWORK_UNREACHABLE))


def test_the_default_path_is_what_the_systems_resolver_said() -> None:
    on, off, other_port = tls(REAL), tls(WRONG), tcp(REAL, port=8443)
    e = seen(system(REAL, BOGON), on, off, other_port)

    assert e.default_addresses == {REAL}
    assert e.on_default_path([on, off, other_port]) == (on,)


def test_the_default_path_of_an_address_is_the_address() -> None:
    assert Evidence(measured(url=f"https://{REAL}/")).default_addresses == {REAL}


def test_steps_of_a_trial_or_of_a_resolver_are_not_the_targets_own() -> None:
    own = tls()
    carrying = msgspec.structs.replace(tls(), resolver="https://resolver.example/dns-query")
    e = seen(system(REAL), own, carrying, control_here(own), swap_test(own))

    assert e.handshakes == (own,)
    assert e.authentic == e.reached == {REAL}


def test_the_name_is_reached_elsewhere_when_another_resolvers_address_proves_it() -> None:
    e = seen(system(WRONG), trusted(REAL, transport="udp"), tls(WRONG, UNKNOWN_CA), tls())

    assert e.reaches_elsewhere
    assert e.lives
    assert e.reached == frozenset()


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ((tls(failure=RESET),), tls(failure=RESET)),
        ((tls(failure=Failure.INTERRUPTED),), None),
        ((tls(REAL2, RESET), tls()), None),
        ((tls(WRONG, RESET),), None),
        ((tcp(failure=TIMEOUT),), None),
    ],
)
def test_a_tls_target_is_stopped_where_its_name_was_said(
    steps: tuple[Step, ...], expected: Step | None
) -> None:
    assert seen(system(REAL, REAL2), *steps).stopped == expected


@pytest.mark.parametrize(
    ("step", "stopped"),
    [
        (http(None, RESET, port=80), True),
        (http(200, EOF, port=80, stage="body"), False),
        (http(None, RESET, port=80, stage="request"), False),
        (http(200, port=80), False),
        (http(None, Failure.INTERRUPTED, port=80), False),
        (msgspec.structs.replace(http(None, Failure.INTERRUPTED, port=80), detail="{}"), False),
    ],
)
def test_a_plain_target_is_stopped_where_no_answer_came_to_its_request(
    step: Step, stopped: bool
) -> None:
    e = Evidence(plain(system(REAL), step))

    assert e.stopped == (step if stopped else None)


def test_the_halves_of_a_trial_find_each_other() -> None:
    bad = tls(failure=RESET)
    e = seen(system(REAL), bad, control_here(tls()), swap_control(tls()), swap_test(bad))

    assert e.same_address(bad).control == control_here(tls())
    assert e.same_address(tls(REAL2)).control is None
    assert (e.swap.control, e.swap.test) == (swap_control(tls()), swap_test(bad))


def test_a_trial_in_the_clear_is_not_one_over_tls() -> None:
    bad = http(None, RESET, port=80)
    e = Evidence(plain(system(REAL), bad, control_here(tls()), swap_control(tls())))

    assert e.same_address(bad).control is None
    assert e.swap.control is None


@pytest.mark.parametrize(
    ("step", "answered"),
    [
        (None, False),
        (tls(), True),
        (tls(failure=UNKNOWN_CA), True),
        (tls(failure=RESET), False),
        (http(503), True),
        (http(200, EOF, stage="body"), True),
        (http(None, TIMEOUT), False),
    ],
)
def test_any_certificate_or_status_is_an_answer(step: Step | None, answered: bool) -> None:
    assert seen().answered(step) is answered


def test_details_are_read_in_their_shape() -> None:
    presented = (certificate("CN=Somebody", HOST),)

    assert seen().tls(tls(chain=presented)).chain == presented
    assert seen().http(http(451)).status == 451


def test_the_resolvers_control_is_the_query_marked_so() -> None:
    control = resolver_control()

    fact = seen(system(REAL), control).resolver_control

    assert fact is not None
    assert fact.step == control
    assert fact.public == {ELSEWHERE}
    assert seen(system(REAL)).resolver_control is None


def test_a_control_of_another_resolver_or_one_cut_off_is_no_control_of_this_one() -> None:
    elsewhere = msgspec.structs.replace(trusted(REAL), role=Role.CONTROL_BEFORE)

    assert seen(elsewhere, resolver_control(Failure.INTERRUPTED)).resolver_control is None


def test_a_request_cut_off_before_it_was_written_down_is_passed_over() -> None:
    begun = msgspec.structs.replace(http(None, Failure.INTERRUPTED), detail="{}")

    assert seen(begun).exchanges == ()


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ((), None),
        (again(NXDOMAIN), NXDOMAIN),
        (again(TIMEOUT), TIMEOUT),
        ((again(TIMEOUT)[0], again(NODATA)[1]), None),
        ((found_again(), again(NODATA)[1]), None),
        (again(Failure.INTERRUPTED), None),
        (again(SERVFAIL)[1:], None),
    ],
)
def test_only_a_failure_for_both_families_came_again(
    steps: tuple[Step, ...], expected: Failure | None
) -> None:
    e = seen(*denied(NXDOMAIN), resolver_control(), *steps)

    assert e.failure_again is expected
    assert e.system_failure is NXDOMAIN


@pytest.mark.parametrize(
    ("steps", "proved"),
    [
        ((), None),
        ((control_led(),), True),
        ((control_led(failure=UNKNOWN_CA),), False),
        ((control_led(failure=TIMEOUT),), None),
        ((control_led(failure=Failure.INTERRUPTED),), None),
        ((control_led(failure=UNKNOWN_CA), swap_control(tls())), True),
        ((control_led(failure=TIMEOUT), swap_control(tls(failure=WRONG_NAME))), False),
        ((swap_control(tls()),), True),
        ((swap_test(tls()),), None),
        ((control_here(tls()),), None),
        ((control_led(WRONG),), None),
        ((control_led(WRONG, UNKNOWN_CA), control_led()), True),
        ((tls(),), None),
        ((tls(ELSEWHERE),), None),
    ],
)
def test_the_innocuous_name_is_proved_only_where_the_resolver_led_it(
    steps: tuple[Step, ...], proved: bool | None
) -> None:
    assert seen(system(REAL), resolver_control(), *steps).control_proved is proved


def test_two_names_on_one_server_are_proved_by_what_it_presents_for_the_innocuous_one() -> None:
    shared = (system(REAL), tls(failure=RESET), resolver_control(address=REAL))

    assert seen(*shared, control_here(tls())).control_proved is True
    assert seen(*shared, control_here(tls(failure=UNKNOWN_CA))).control_proved is False
    assert seen(system(REAL), control_led()).control_proved is None, "nobody asked the resolver"


@pytest.mark.parametrize(
    ("steps", "doubt"),
    [
        ((), False),
        (denied(NXDOMAIN), True),
        ((system(BOGON),), True),
        ((system(REAL),), False),
        ((system(REAL), tls(failure=RESET)), False),
        ((system(REAL), tls(failure=UNKNOWN_CA)), True),
        ((system(REAL, REAL2), tls(), tls(REAL2, WRONG_NAME)), True),
        ((system(REAL), tls(WRONG, UNKNOWN_CA)), False),
    ],
)
def test_an_answer_is_in_doubt_when_it_leads_nowhere_or_to_a_stranger(
    steps: tuple[Step, ...], doubt: bool
) -> None:
    assert seen(*steps).answer_in_doubt is doubt


@pytest.mark.parametrize("target", [(system(REAL),), (system(REAL2), trusted(REAL))])
def test_a_swap_at_an_address_of_the_targets_own_is_none(target: tuple[Step, ...]) -> None:
    bad = tls(failure=RESET)
    there = (swap_control(tls(), REAL), swap_test(bad, REAL))
    e = seen(*target, bad, *there)

    assert (e.swap.control, e.swap.test) == (None, None)
    assert seen(system(REAL2), bad, *there).swap.control == there[0]


def test_without_a_route_only_ipv6_addresses_are_out_of_reach() -> None:
    no_route = tcp(V6, Failure.NETWORK_UNREACHABLE)

    assert seen(no_route).lacks_ipv6
    assert not seen(no_route, tcp()).lacks_ipv6
    assert not seen().lacks_ipv6


# Residual censorship


def checked(step: Step) -> Step:
    """The innocuous name said to its own server once more, after the target's."""
    said = swap_control(step)
    return msgspec.structs.replace(said, role=Role.RESIDUAL_CHECK)


@pytest.mark.parametrize(
    ("check", "counts"),
    [((), False), ((checked(tls(failure=RESET)),), False), ((checked(tls()),), True)],
    ids=["nobody looked", "the filter lingers", "it forgets at once"],
)
def test_a_name_stopped_where_another_had_provoked_a_filter_needs_a_check(
    check: tuple[Step, ...], counts: bool
) -> None:
    bad = tls(failure=RESET)
    said = swapped(bad, tls(), tls(failure=WRONG_NAME))
    steps = (system(REAL), bad, *said[:2])

    assert (seen(*steps, spoiled(said[2]), *check).swap.test is not None) == counts
    assert seen(*steps, said[2], *check).swap.test is not None


@pytest.mark.parametrize("step", [tcp(failure=RESET), tls(failure=RESET), lost(RESET)])
def test_a_repeat_that_another_name_may_have_spoiled_is_none(step: Step) -> None:
    before, after = tried_again(step)
    steps = (system(REAL), step, before)

    assert seen(*steps, after).again(step).tests == (after,)
    assert seen(*steps, spoiled(after), after).again(step).tests == (after,)
    assert seen(*steps, spoiled(after)).again(step).test is None
