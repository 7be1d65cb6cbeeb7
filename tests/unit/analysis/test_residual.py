"""Whether a filter goes on after it was hit, and whether another name is to blame for a failure."""

import msgspec
import pytest

from analysis.evidence import Evidence
from analysis.judge import judge
from analysis.residual import cleared, forgets, in_words, may_be_spoiled
from heliograph.failure import Failure
from heliograph.model import RESIDUAL_POSSIBLE, Role, Standing, State, Step
from tests.unit.analysis.builders import (
    CONTROL,
    EOF,
    REAL,
    REAL2,
    RESET,
    TIMEOUT,
    UNKNOWN_CA,
    WRONG_NAME,
    control_here,
    measured,
    tcp,
    tls,
)
from tests.unit.analysis.builders_control import at_hop, seen, spoiled, swapped, tried_again
from tests.unit.analysis.cases_dns import AGREED, FOUND

BEFORE = (*FOUND, *AGREED)
STOPPED = (*BEFORE, *seen(), tls(failure=RESET))


def evidence(*steps: Step, flagged: bool = False) -> Evidence:
    return Evidence(measured(*steps, context=(RESIDUAL_POSSIBLE,) if flagged else ()))


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        ((), None),
        ((control_here(tls()),), True),
        ((control_here(tls(failure=WRONG_NAME)),), True),
        ((control_here(tls(failure=RESET)),), False),
        ((control_here(tcp(failure=RESET)),), False),
        ((control_here(tcp()), control_here(tls(failure=TIMEOUT))), False),
        ((control_here(tcp()), control_here(tls())), True),
    ],
)
def test_a_filter_forgets_at_once_where_an_innocuous_name_is_answered_right_after(
    after: tuple[Step, ...], expected: bool | None
) -> None:
    assert forgets(evidence(*STOPPED, *after)) is expected


@pytest.mark.parametrize("word", [UNKNOWN_CA, Failure.SSL_FAILED_HANDSHAKE])
def test_what_ends_in_an_answer_provoked_no_memory(word: Failure) -> None:
    assert forgets(evidence(*BEFORE, tls(failure=word), control_here(tls()))) is None


@pytest.mark.parametrize("word", [RESET, TIMEOUT, EOF])
def test_a_flagged_failure_may_be_another_names(word: Failure) -> None:
    for step in (tls(failure=word), tcp(failure=word)):
        assert may_be_spoiled(evidence(*BEFORE, step, flagged=True))
        assert cleared(evidence(*BEFORE, step, flagged=True)) is False
        assert cleared(evidence(*BEFORE, step)) is None
        assert not may_be_spoiled(evidence(*BEFORE, step))


def test_another_name_is_cleared_where_a_third_was_answered_since() -> None:
    answered = evidence(*STOPPED, control_here(tls()), flagged=True)
    elsewhere = swapped(tls(failure=RESET), tls(), tls(failure=WRONG_NAME))
    told_elsewhere = evidence(*STOPPED, *elsewhere, flagged=True)
    fine = evidence(*BEFORE, tcp(), tls(), flagged=True)

    for e in (answered, told_elsewhere, fine):
        assert cleared(e) is True
        assert not may_be_spoiled(e)


def test_a_flag_excuses_nothing_where_nothing_failed() -> None:
    for e in (evidence(*BEFORE, flagged=True), evidence(*BEFORE, tcp(), tls(), flagged=True)):
        assert not may_be_spoiled(e)
        assert list(in_words(e)) == []
    assert cleared(evidence(*BEFORE, flagged=True)) is None


ANSWERED = control_here(tls())
ASIDE = {
    "at another hop": at_hop(2, ANSWERED, host=CONTROL)[0],
    "at another address": control_here(tls(REAL2)),
    "before it was stopped": msgspec.structs.replace(ANSWERED, role=Role.CONTROL_BEFORE),
}


@pytest.mark.parametrize("step", ASIDE.values(), ids=ASIDE)
def test_an_answer_elsewhere_or_before_says_nothing_of_a_memory(step: Step) -> None:
    assert forgets(evidence(*STOPPED, step)) is None


def test_it_is_told_in_words() -> None:
    stateless = evidence(*STOPPED, control_here(tls()))
    residual = evidence(*STOPPED, control_here(tls(failure=RESET)), flagged=True)

    assert [(text, excuses) for text, _, excuses in in_words(stateless)] == [
        ("right after, control.example was answered there (stateless)", False)
    ]
    assert [(text, excuses) for text, _, excuses in in_words(residual)] == [
        (
            "right after, control.example failed there, too (residual, or turned away)",
            False,
        ),
        (f"shortly before, another name had been stopped at {REAL} port 443", True),
    ]
    assert list(in_words(evidence(*BEFORE, tcp(), tls()))) == []


# Verdicts


def test_an_address_that_may_pay_for_another_name_is_not_called_blocked() -> None:
    closed = tcp(failure=RESET)
    steps = (*BEFORE, *seen(), closed, *tried_again(closed))
    clean, spoiled = (
        judge(measured(*steps, context=context)) for context in ((), (RESIDUAL_POSSIBLE,))
    )

    assert clean is not None
    assert spoiled is not None
    assert (clean.state, clean.techniques) == (State.BLOCKED, ("tcp.refused",))
    assert spoiled.state is State.INCONCLUSIVE
    assert spoiled.confounders["residual_censorship"] is Standing.POSSIBLE
    assert "another name hit there shortly before" in spoiled.explanation


def test_a_name_stopped_at_a_strangers_server_as_well_did_not_fail_by_chance() -> None:
    elsewhere = swapped(tls(failure=RESET), tls(), tls(failure=WRONG_NAME))
    verdict = judge(measured(*STOPPED, *elsewhere))

    assert verdict is not None
    assert verdict.state is State.BLOCKED
    assert verdict.confounders["hiccup"] is Standing.RULED_OUT
    assert verdict.confounders["residual_censorship"] is Standing.RULED_OUT


def test_a_trial_that_another_look_spoiled_accuses_nobody() -> None:
    """The site's server is broken for this name; the stranger's was stopped by another look."""
    bad = tls(failure=RESET)
    said = swapped(bad, tls(), tls(failure=WRONG_NAME))
    steps = (*BEFORE, bad, control_here(tls()), *said[:2])
    clean, spoilt = judge(measured(*steps, said[2])), judge(measured(*steps, spoiled(said[2])))

    assert clean is not None
    assert spoilt is not None
    assert (clean.state, spoilt.state) == (State.BLOCKED, State.INCONCLUSIVE)
