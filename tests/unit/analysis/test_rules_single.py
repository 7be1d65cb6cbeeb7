"""The rules about looks that were made once: of somebody else's alone, and never sure."""

import msgspec
import pytest

from analysis.judge import judge
from analysis.rule import Rule
from analysis.rules import RULES, rules_for
from analysis.rules_single import BLOCKED_ONCE, DOWN_ONCE, RESTRICTED_ONCE
from heliograph.model import ConfidenceWord, Measurement, Role, State
from tests.unit.analysis.cases import EVERY_LOOK, FIRES

ONCE = (*BLOCKED_ONCE, *RESTRICTED_ONCE, *DOWN_ONCE)
BY_ID = {rule.id: rule for rule in RULES}
CASES = [
    pytest.param(rule, look, id=f"{rule.id}: {why}")
    for rule in ONCE
    for why, look in FIRES[rule.id].items()
]


@pytest.mark.parametrize("rule", ONCE, ids=lambda rule: rule.id)
def test_they_say_that_it_was_tried_once_and_are_never_confirmed(rule: Rule) -> None:
    assert rule.id.startswith("once.")
    assert rule.word in {None, ConfidenceWord.LIKELY, ConfidenceWord.SIGNAL}
    assert BY_ID[rule.id] is rule


def word_on(look: Measurement) -> ConfidenceWord | None:
    verdict = judge(look)
    assert verdict is not None
    return verdict.confidence_word


@pytest.mark.parametrize(
    "rule",
    [
        *(f"once.{layer}.timeout" for layer in ("tcp", "tls", "http")),
        "once.dns.wrong_address.nobody",
        "once.dns.invented",
    ],
)
def test_what_a_lossy_line_a_dead_place_or_an_inventive_resolver_may_show_is_a_signal(
    rule: str,
) -> None:
    assert {word_on(look) for look in FIRES[rule].values()} == {ConfidenceWord.SIGNAL}


@pytest.mark.parametrize(
    "rule", ["once.tcp.refused", "once.tls.reset", "once.http.eof", "once.dns.wrong_address"]
)
def test_what_somebody_must_have_done_where_the_control_is_served_is_likely(rule: str) -> None:
    assert {word_on(look) for look in FIRES[rule].values()} == {ConfidenceWord.LIKELY}


def test_nobody_at_home_speaks_for_nothing_where_no_control_was_served() -> None:
    for look in FIRES["once.dns.wrong_address.nobody"].values():
        ours = tuple(step for step in look.steps if step.role is not Role.REMOTE_CONTROL)

        assert word_on(msgspec.structs.replace(look, steps=ours)) is None


@pytest.mark.parametrize("rule", BLOCKED_ONCE, ids=lambda rule: rule.id)
def test_one_try_weighs_less_than_the_trials_of_our_own(rule: Rule) -> None:
    own = BY_ID.get(rule.id.removeprefix("once."))

    assert own is None or rule.weight < own.weight


@pytest.mark.parametrize(("rule", "look"), CASES)
def test_none_of_them_fires_for_a_look_of_our_own(rule: Rule, look: Measurement) -> None:
    own = msgspec.structs.replace(look, source=None)

    assert rule not in rules_for(own)


def test_a_look_of_somebody_else_s_is_judged_by_what_our_rules_are_made_for() -> None:
    for look in EVERY_LOOK:
        if look.source is not None:
            assert judge(look) is not None
            assert judge(msgspec.structs.replace(look, probe="telegram")) is None


@pytest.mark.parametrize(("rule", "look"), CASES)
def test_what_is_tried_once_is_named_by_its_own_technique(rule: Rule, look: Measurement) -> None:
    verdict = judge(look)

    assert verdict is not None
    assert rule.technique is None or rule.technique in verdict.techniques
    if rule.id.startswith(("once.tcp", "once.tls", "once.http")) and verdict.hop == 1:
        beside = {"dns.wrong_address"}  # a false certificate may be one of a false address
        assert set(verdict.techniques) - beside == {rule.technique}
    assert (verdict.state is State.BLOCKED) is (rule in BLOCKED_ONCE)
