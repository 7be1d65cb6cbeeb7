"""A look that nothing decides is told by what was seen, and by what is missing."""

import pytest

from analysis.judge import judge
from heliograph.failure import Failure
from heliograph.model import RESIDUAL_POSSIBLE, Measurement, State, Step
from tests.unit.analysis.builders import (
    HOST,
    NXDOMAIN,
    REAL,
    REAL2,
    RESET,
    SERVFAIL,
    TIMEOUT,
    V6,
    WRONG,
    http,
    measured,
    plain,
    system,
    tcp,
    tls,
)
from tests.unit.analysis.builders_control import (
    asked,
    at_hop,
    explained,
    notice,
    page,
    redirect,
    seen,
    seen_plain,
)
from tests.unit.analysis.cases_dns import AGREED, FOUND, denied

ALONE = "without a control elsewhere nobody can say whether everybody gets that"
IN_VAIN = "no control answered, and nobody can say whether everybody gets that"
NOTHING = "nothing at hand can tell interference from a fault of the site"


def told(look: Measurement) -> str:
    """What is said of a look that is undecided."""
    verdict = judge(look)
    assert verdict is not None
    assert verdict.state is State.INCONCLUSIVE
    assert verdict.fired == ()
    return verdict.explanation


@pytest.mark.parametrize("status", [403, 500])
def test_a_refusal_of_the_site_itself_wants_a_control(status: int) -> None:
    look = (*FOUND, tls(), http(status))
    said = f"{HOST} itself answered with status {status}; "

    assert told(measured(*look)) == f"{said}{ALONE}."
    assert told(measured(*look, asked(TIMEOUT))) == f"{said}{IN_VAIN}."
    refused_there = seen(step=page(500 if status == 403 else 403, port=443))
    assert told(measured(*look, asked(), *refused_there)) == (
        f"{said}the control's answer settles nothing."
    )


def test_a_redirect_in_the_clear_may_be_anybody_s() -> None:
    landed = at_hop(2, system(WRONG), tls(WRONG), page(address=WRONG, port=443), host="b.example")
    text = "redirect in the clear that nothing proves to be the site's own."

    assert told(plain(*FOUND, redirect("https://b.example/"), *landed)).endswith(text)


def test_a_host_without_ipv6_can_not_visit_a_site_that_has_nothing_else() -> None:
    look = measured(system(V6, kind="AAAA"), tcp(V6, Failure.NETWORK_UNREACHABLE))

    assert told(look) == f"{HOST} has IPv6 addresses only, and this host has no IPv6 route."


def test_a_resolver_s_own_reason_is_passed_on() -> None:
    look = measured(*denied(SERVFAIL), explained(failure=SERVFAIL, reasons=(22,)))

    assert told(look).endswith("its own reason: none of the name's own servers answers it.")


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        (denied(NXDOMAIN), "dns query ended with dns_nxdomain_error"),
        (
            (*FOUND, tcp(failure=TIMEOUT)),
            f"tcp connect at {REAL} port 443 ended with generic_timeout_error",
        ),
        (
            (*FOUND, tcp(), tls(failure=RESET)),
            f"tls handshake at {REAL} port 443 ended with connection_reset",
        ),
    ],
)
def test_the_first_failure_is_told_with_its_place(steps: tuple[Step, ...], said: str) -> None:
    assert told(measured(*steps)) == f"{HOST}: {said}; {NOTHING}."


def test_a_missing_ipv6_address_is_no_failure_of_a_resolver_that_gives_another() -> None:
    assert "dns query" not in told(measured(*FOUND, tcp(failure=TIMEOUT)))


def test_a_failure_off_the_default_path_is_not_the_one_that_counts() -> None:
    look = measured(*FOUND, tcp(REAL2, TIMEOUT), tcp(failure=RESET))

    assert f"at {REAL} port 443" in told(look)


def test_an_address_that_another_name_was_stopped_at_is_told_of() -> None:
    look = measured(*FOUND, *AGREED, tcp(failure=RESET), context=(RESIDUAL_POSSIBLE,))

    assert told(look).endswith(
        "a filter that another name hit there shortly before may have stopped it as well."
    )


def test_a_page_in_the_clear_proves_nothing() -> None:
    came = f"A page came for {HOST} (status 200), but without TLS nothing proves that it is the"
    look = (*FOUND, *AGREED, notice())

    assert told(plain(*look)) == f"{came} site's: {ALONE}."
    assert told(plain(*look, *seen_plain())) == (
        f"{came} site's: a control elsewhere was shown another one."
    )
    unsaid = page(text="<p>Cats eat what they find</p>"), page(text="<p>Dogs take great care</p>")
    assert told(plain(*FOUND, *AGREED, unsaid[0], *seen_plain(unsaid[1]))) == (
        f"{came} site's: what a control elsewhere saw settles nothing."
    )


def test_a_look_at_nothing_says_so() -> None:
    assert told(measured()) == f"Nothing seen of {HOST} settles whether it is reached."
