"""A verdict in the words of OONI; where theirs has no word for it, none."""

import pytest

from analysis.rules import RULES
from heliograph.model import Outcome, Standing, State, VerdictRow
from storage.ooni.writing_verdict import accessible, blocking, judged
from tests.unit.analysis.builders import REAL, system
from tests.unit.storage.ooni.written import web


def row(state: State | None, *techniques: str) -> VerdictRow:
    return VerdictRow(
        measurement_id="0",
        started="2026-11-23T12:00:00Z",
        input="site.example",
        target="https://site.example/",
        host="site.example",
        probe="web",
        outcome=Outcome.MEASURED,
        reason=None,
        state=state,
        techniques=techniques,
        hop=1,
        explanation="A sentence.",
        confounders={"server_down": Standing.RULED_OUT},
        rules=("tls.reset",),
        ruleset_version=7,
    )


@pytest.mark.parametrize(
    ("state", "techniques", "words"),
    [
        (State.OK, (), (False, True)),
        (State.DOWN, (), (False, False)),
        (State.BLOCKED, ("dns.nxdomain",), ("dns", False)),
        (State.BLOCKED, ("tcp.timeout", "dns.bogon"), ("tcp_ip", False)),
        (State.BLOCKED, ("tls.mitm",), ("http-failure", False)),
        (State.BLOCKED, ("http.reset",), ("http-failure", False)),
        (State.BLOCKED, ("http.blockpage",), ("http-diff", False)),
        (State.BLOCKED, ("http.redirect",), ("http-diff", False)),
        (State.RESTRICTED, (), (None, None)),
        (State.REMOVED, (), (None, None)),
        (State.THROTTLED, ("throttle",), (None, None)),
        (State.INCONCLUSIVE, (), (None, None)),
        (None, (), (None, None)),
    ],
)
def test_states_have_two_words(
    state: State | None, techniques: tuple[str, ...], words: tuple[object, object]
) -> None:
    found = row(state, *techniques)

    assert (blocking(found), accessible(found)) == words


def test_a_look_without_a_verdict_claims_nothing() -> None:
    assert (blocking(None), accessible(None), judged(None), judged(row(None))) == (None,) * 4


def test_nothing_but_blocked_is_ever_written_as_blocking() -> None:
    for state in set(State) - {State.BLOCKED}:
        assert not blocking(row(state, "dns.nxdomain"))


def test_every_technique_of_our_rules_has_a_word() -> None:
    words = {blocking(row(State.BLOCKED, r.technique)) for r in RULES if r.technique is not None}

    assert words <= {"dns", "tcp_ip", "http-failure", "http-diff"}


def test_the_whole_verdict_is_beside_them_with_the_rules_it_rests_on() -> None:
    found = web(system(REAL), row=row(State.BLOCKED, "tls.reset"))

    assert (found.blocking, found.accessible) == ("http-failure", False)
    assert found.x_heliograph_verdict == {
        "state": "blocked",
        "techniques": ["tls.reset"],
        "hop": 1,
        "confidence": None,
        "confidence_word": None,
        "explanation": "A sentence.",
        "anomalies": [],
        "confounders": {"server_down": "ruled_out"},
        "rules": ["tls.reset"],
        "ruleset_version": 7,
    }
