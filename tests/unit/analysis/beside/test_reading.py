"""What a probe's own rules come to: the first state wins, and surroundings that lie mask all."""

from dataclasses import dataclass

import msgspec

from analysis.beside.reading import BesideRule, Reading
from heliograph.model import ConfidenceWord, Fired, Measurement, Standing, State
from tests.unit.analysis.builders import measured

LOOK = measured()


@dataclass(frozen=True)
class Facts:
    seen: frozenset[str]
    word: str = "seven"


def rule(
    state: State, name: str, weight: float = 0.5, technique: str | None = None
) -> BesideRule[Facts]:
    return BesideRule(
        f"made_up.{name}",
        state,
        weight,
        "{host} was seen to " + name + " {often} times.",
        lambda facts: name in facts.seen,
        technique,
        ConfidenceWord.LIKELY if technique else None,
        lambda facts: {"often": facts.word},
        {"often": "several"},
    )


STOP = rule(State.BLOCKED, "stop", 0.7, "made.up")
FREEZE = rule(State.BLOCKED, "freeze", 0.9, "made.cold")
PASS = rule(State.OK, "pass", 1.0)


def reading(*seen: str) -> Reading[Facts]:
    return Reading(
        facts=lambda _: Facts(frozenset(seen)),
        rules=(STOP, FREEZE, PASS),
        undecided=lambda facts: f"undecided after {facts.word}",
        confounders=lambda _: {"server_down": Standing.RULED_OUT},
        anomalies=lambda _: ("odd", "odd", "strange"),
    )


def test_the_state_of_the_first_rule_that_holds_wins_and_its_likes_are_named() -> None:
    verdict = reading("pass", "freeze", "stop").judge(LOOK, 9)

    assert (verdict.state, verdict.ruleset_version, verdict.hop) == (State.BLOCKED, 9, 1)
    assert verdict.fired == (Fired(rule=STOP.id, weight=0.7), Fired(rule=FREEZE.id, weight=0.9))
    assert verdict.techniques == ("made.up", "made.cold")
    assert (verdict.confidence, verdict.confidence_word) == (0.9, ConfidenceWord.LIKELY)
    assert verdict.confounders == {"server_down": Standing.RULED_OUT}
    assert verdict.anomalies == ("odd", "strange")


def test_the_sentence_is_that_of_the_strongest_rule_filled_from_the_look() -> None:
    verdict = reading("freeze", "stop").judge(LOOK, 9)

    assert verdict.explanation == f"{LOOK.target.host} was seen to freeze seven times."
    assert FREEZE.told("a host", "") == "a host was seen to freeze several times."


def test_what_is_no_interference_has_no_technique_and_no_confidence() -> None:
    verdict = reading("pass").judge(LOOK, 9)

    assert (verdict.state, verdict.techniques, verdict.confidence) == (State.OK, (), None)
    assert (verdict.confidence_word, verdict.hop) == (None, None)


def test_where_no_rule_holds_nothing_is_claimed_and_the_reason_is_said() -> None:
    verdict = reading().judge(LOOK, 9)

    assert (verdict.state, verdict.fired) == (State.INCONCLUSIVE, ())
    assert verdict.explanation == "undecided after seven"


def test_surroundings_under_which_nothing_can_be_said_mask_every_rule() -> None:
    portal: Measurement = msgspec.structs.replace(LOOK, context=("captive_portal",))

    verdict = reading("stop").judge(portal, 9)

    assert (verdict.state, verdict.fired) == (State.INCONCLUSIVE, ())
    assert verdict.explanation.startswith("Nothing can be said of")
