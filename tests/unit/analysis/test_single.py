"""What a control must have seen for a look that was made once to count."""

import pytest

from analysis.chain import hops
from analysis.comparisons import UNCONNECTED
from analysis.evidence import Evidence
from analysis.judge import judge
from analysis.single import ended_well, stopped_once
from heliograph.failure import Failure
from heliograph.model import Measurement, State, StepKind
from tests.unit.analysis.builders import (
    EOF,
    REAL,
    RESET,
    TIMEOUT,
    http,
    imported,
    imported_plain,
    tcp,
    tls,
)
from tests.unit.analysis.builders_control import ended, lost, seen_dns, sized
from tests.unit.analysis.cases_dns import FOUND
from tests.unit.analysis.cases_single import SERVED, TURNED_AWAY


def last(look: Measurement) -> Evidence:
    return hops(look)[-1]


@pytest.mark.parametrize("status", [200, 204, 302, 404, 499])
def test_a_control_that_was_answered_was_served(status: int) -> None:
    assert ended_well(last(imported(*FOUND, ended(sized(900, status)))))


@pytest.mark.parametrize("status", TURNED_AWAY)
def test_a_control_that_was_turned_away_saw_nothing(status: int) -> None:
    assert not ended_well(last(imported(*FOUND, ended(sized(900, status)))))


def test_a_control_without_an_answer_was_not_served() -> None:
    assert not ended_well(last(imported(*FOUND, ended(http(None, TIMEOUT)))))
    assert not ended_well(last(imported(*FOUND)))


@pytest.mark.parametrize(
    ("look", "kind"),
    [
        (imported(*FOUND, tcp(), tls(failure=RESET), *SERVED), StepKind.TLS_HANDSHAKE),
        (imported_plain(*FOUND, lost(RESET), *SERVED), StepKind.HTTP_EXCHANGE),
    ],
)
def test_a_name_is_stopped_in_a_handshake_or_in_a_request(
    look: Measurement, kind: StepKind
) -> None:
    e, other = last(look), ({StepKind.TLS_HANDSHAKE, StepKind.HTTP_EXCHANGE} - {kind}).pop()

    assert stopped_once(kind, frozenset({RESET}))(e)
    assert not stopped_once(other, frozenset({RESET}))(e)
    assert not stopped_once(kind, frozenset({EOF}))(e)


@pytest.mark.parametrize("words", UNCONNECTED.values(), ids=UNCONNECTED)
def test_a_hiccup_is_not_ruled_out(words: frozenset[Failure]) -> None:
    verdict = judge(imported(*FOUND, tcp(failure=min(words)), seen_dns(REAL), *SERVED))

    assert verdict is not None
    assert verdict.state is State.BLOCKED
    assert verdict.confounders["hiccup"] == "not_tested"
    assert "tried once" in verdict.explanation
