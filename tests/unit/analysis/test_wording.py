"""A sentence names the comparisons that held this time, and no others."""

import pytest

from analysis.judge import judge
from heliograph.model import Measurement, Standing, Step
from tests.unit.analysis.builders import CONTROL as CONTROL_NAME
from tests.unit.analysis.builders import (
    ELSEWHERE,
    NXDOMAIN,
    REAL,
    RESET,
    TIMEOUT,
    WRONG_NAME,
    again,
    control_here,
    measured,
    plain,
    resolver_control,
    system,
    tcp,
    tls,
    trusted,
)
from tests.unit.analysis.builders_control import (
    notice,
    page,
    seen,
    seen_dns,
    seen_plain,
    seen_tcp,
    swapped,
    tried_again,
    tried_again_plain,
)
from tests.unit.analysis.cases import FIRES
from tests.unit.analysis.cases_dns import AGREED, FOUND, denied

STOPPED = tls(failure=RESET)
BEGINS = "When site.example is named, the connection is reset: "
HERE = "control.example, named to the same server, is answered"
STRANGER = "a stranger's server, which has nothing to do with it, ends in the same way"
CONTROL = "a control elsewhere is served by the same server"
SWAPPED = swapped(tls(failure=RESET), tls(), tls(failure=WRONG_NAME))


def explained(look: Measurement) -> str:
    verdict = judge(look)
    assert verdict is not None
    return verdict.explanation


@pytest.mark.parametrize(
    ("steps", "ends"),
    [
        ((control_here(tls(failure=WRONG_NAME)), *SWAPPED), f"{HERE}; and {STRANGER}."),
        ((*tried_again(STOPPED), *SWAPPED, *seen()), f"{STRANGER}; and {CONTROL}."),
        (
            (control_here(tls(failure=WRONG_NAME)), *tried_again(STOPPED), *SWAPPED, *seen()),
            f"{HERE}; {STRANGER}; and {CONTROL}.",
        ),
    ],
)
def test_a_blocked_name_is_explained_by_what_was_compared(
    steps: tuple[Step, ...], ends: str
) -> None:
    look = measured(*FOUND, *AGREED, STOPPED, *steps)
    assert explained(look) == BEGINS + ends


def test_without_a_control_none_is_named() -> None:
    for rule, cases in FIRES.items():
        for look in cases.values():
            asked = any(step.role == "remote_control" for step in look.steps)
            if not asked and rule.startswith(("tls.", "http.")):
                assert "a control elsewhere" not in explained(look)


def test_a_false_certificate_s_issuer_is_named() -> None:
    told = {explained(look) for look in FIRES["tls.mitm"].values()}
    assert any("a false certificate for site.example, issued by CN=" in each for each in told)


def test_a_page_of_somebody_else_is_explained_by_where_it_came() -> None:
    look = plain(
        *FOUND,
        *AGREED,
        notice(),
        *tried_again_plain(notice()),
        *swapped(notice(address=ELSEWHERE), page(title="Control"), page(404, text=None)),
        *seen_plain(),
    )
    assert explained(look).endswith(
        ": a control elsewhere is shown another; and a stranger's server, which has nothing to do"
        " with it, shows the very same."
    )


def test_the_other_name_asked_of_no_resolver_is_named() -> None:
    for look in FIRES["dns.injection.proved"].values():
        assert f"answers for site.example and not for {CONTROL_NAME}:" in explained(look)


def test_a_path_that_lies_is_not_laid_at_the_resolver_s_door() -> None:
    silent = (*denied(TIMEOUT), resolver_control(), *again(TIMEOUT), trusted(REAL))
    alone = measured(*silent, trusted(REAL, transport="udp"))
    both = measured(*silent, trusted(failure=TIMEOUT, transport="udp"))
    assert "on the path" not in explained(alone)
    assert explained(both).endswith("so it may be somebody on the path and not the resolver.")


def test_a_server_that_fails_for_the_control_too_may_be_down() -> None:
    look = measured(*FOUND, *AGREED, tcp(failure=TIMEOUT), seen_dns(REAL), seen_tcp(REAL, TIMEOUT))
    verdict = judge(look)
    assert verdict is not None
    assert verdict.state == "down"
    assert verdict.confounders["server_down"] is Standing.POSSIBLE


def test_what_a_resolver_says_again_is_no_hiccup() -> None:
    denied = system(failure=NXDOMAIN)
    look = FIRES["dns.nxdomain"]
    verdicts = [judge(each) for each in look.values()]
    assert all(v is not None and v.confounders["hiccup"] is Standing.RULED_OUT for v in verdicts)
    once = judge(measured(denied, trusted(), resolver_control()))
    assert once is not None
    assert once.confounders["hiccup"] is Standing.NOT_TESTED


def test_a_page_that_came_twice_is_no_hiccup() -> None:
    for rule in ("http.blockpage", "http.redirect"):
        for look in FIRES[rule].values():
            verdict = judge(look)
            assert verdict is not None
            again = any((step.pair or "").startswith("again ") for step in look.steps)
            if again:
                assert verdict.confounders["hiccup"] is Standing.RULED_OUT


def test_a_filter_nearby_can_not_be_told_from_one_far_away() -> None:
    for cases in FIRES.values():
        for look in cases.values():
            verdict = judge(look)
            assert verdict is not None
            if verdict.state == "blocked":
                assert verdict.confounders["filter_nearby"] is Standing.POSSIBLE
