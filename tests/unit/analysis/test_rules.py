"""Every rule fires for what it is about, and for no look-alike; a false "blocked" is the worst."""

import msgspec
import pytest

from analysis.chain import hops
from analysis.judge import judge
from analysis.rule import About, Rule, met
from analysis.rules import RULES, rules_for, rules_that_may_hold
from analysis.surroundings import MASKING
from heliograph.model import SURROUNDINGS, ConfidenceWord, Measurement, Role, State, Verdict
from tests.unit.analysis.builders import (
    NODATA,
    REAL,
    REAL2,
    RESET,
    SERVFAIL,
    TIMEOUT,
    again,
    control_here,
    http,
    imported,
    measured,
    resolver_control,
    swap_control,
    swap_test,
    system,
    tcp,
    tls,
    told,
    trusted,
)
from tests.unit.analysis.builders_control import asked
from tests.unit.analysis.cases import EVERY_LOOK, FIRES, SPARES
from tests.unit.analysis.cases_dns import AGREED, denied

BY_ID = {rule.id: rule for rule in RULES}


Cases = dict[str, Measurement]


def by_rule(table: dict[str, Cases]) -> list[object]:
    """One test for each rule, not for each of its thousands of measurements: those are quick."""
    return [pytest.param(BY_ID[rule], cases, id=rule) for rule, cases in table.items()]


def judged(look: Measurement) -> Verdict:
    verdict = judge(look)
    assert verdict is not None
    return verdict


def names(verdict: Verdict, rule: Rule) -> bool:
    return rule.id in [fired.rule for fired in verdict.fired]


def holds_somewhere(rule: Rule, look: Measurement) -> bool:
    return rule in rules_for(look) and rule.held_at(hops(look)) is not None


@pytest.mark.parametrize("table", [FIRES, SPARES], ids=["fires", "spares"])
def test_every_rule_has_a_measurement_and_a_look_alike(
    table: dict[str, dict[str, Measurement]],
) -> None:
    assert {rule for rule, cases in table.items() if cases} == set(BY_ID)


@pytest.mark.parametrize(("rule", "cases"), by_rule(FIRES))
def test_a_rule_fires_and_decides(rule: Rule, cases: Cases) -> None:
    fired = {
        why: (v := judged(look)).state is rule.state and names(v, rule)
        for why, look in cases.items()
    }

    assert [why for why, as_it_must in fired.items() if not as_it_must] == []


@pytest.mark.parametrize(("rule", "cases"), by_rule(SPARES))
def test_a_look_alike_does_not_fire_the_rule(rule: Rule, cases: Cases) -> None:
    assert [why for why, look in cases.items() if holds_somewhere(rule, look)] == []


@pytest.mark.parametrize(("rule", "cases"), by_rule(SPARES))
def test_no_look_alike_of_blocking_is_called_blocked(rule: Rule, cases: Cases) -> None:
    if rule.state is State.BLOCKED:
        called = {why: judged(look).state for why, look in cases.items()}
        assert [why for why, state in called.items() if state is State.BLOCKED] == []


def test_of_the_surroundings_and_of_our_own_looks_fewer_rules_are_asked() -> None:
    around = {rule.id for rule in rules_for(measured(probe=SURROUNDINGS))}
    own, others = rules_for(measured()), rules_for(imported())

    assert around == {"surroundings.masked", "surroundings.fine"}
    assert others == RULES
    assert {rule.id for rule in RULES} - {rule.id for rule in own} == {
        rule.id for rule in RULES if rule.about is About.OTHERS
    }


def test_a_rule_is_asked_only_where_what_it_rests_on_is() -> None:
    for look in (measured(*AGREED, tls()), imported(), measured(probe=SURROUNDINGS)):
        chain = hops(look)
        asked = rules_that_may_hold(chain)

        assert asked == tuple(r for r in rules_for(look) if not r.needs - met(chain))
        assert (len(asked) < len(rules_for(look))) is (look.probe != SURROUNDINGS)


def test_no_rule_that_is_not_asked_would_hold() -> None:
    for look in EVERY_LOOK:
        chain = hops(look)
        left_out = set(rules_for(look)) - set(rules_that_may_hold(chain))

        assert [rule.id for rule in left_out if rule.held_at(chain) is not None] == []


def test_ids_are_unique() -> None:
    assert len(BY_ID) == len(RULES)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_weight_is_a_share_and_the_sentence_can_be_filled_in(rule: Rule) -> None:
    assert 0 < rule.weight <= 1
    told = rule.told("site.example", "offline")
    assert "{" not in told
    assert told.endswith(".")
    assert rule.sentence.endswith(".")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_only_a_rule_of_blocking_has_a_technique_and_a_word(rule: Rule) -> None:
    interferes = rule.state in {State.BLOCKED, State.THROTTLED}

    assert (rule.technique is not None) is interferes
    assert (rule.word is not None) is interferes
    assert rule.word is not ConfidenceWord.CORROBORATED


def test_blocking_off_the_order_of_states_comes_after_the_surroundings() -> None:
    order = [
        State.INCONCLUSIVE,
        State.BLOCKED,
        State.RESTRICTED,
        State.THROTTLED,
        State.OK,
        State.DOWN,
    ]

    assert list(dict.fromkeys(rule.state for rule in RULES)) == order


def test_every_masking_flag_masks() -> None:
    assert set(FIRES["surroundings.masked"]) == MASKING


NEED_A_CONTROL = {
    "tcp.timeout",
    "tcp.refused",
    "tcp.unreachable",
    "tls.mitm.control",
    "tls.alert",
    "http.redirect",
    "http.blockpage",
    "known.http.redirect",
    "known.http.blockpage",
    "reached.refused",
    "reached.same_page",
    "down.error",
    "down.redirects",
    "down.address",
    "down.handshake",
    "down.request",
    *(
        rule.id
        for rule in RULES
        if rule.id.startswith(("once.tcp.", "once.tls.", "once.http."))
        or rule.id in {"once.dns.wrong_address", "once.dns.invented", "once.challenge", "once.down"}
    ),
}


def without_control(look: Measurement) -> Measurement:
    left = tuple(step for step in look.steps if step.role is not Role.REMOTE_CONTROL)
    return msgspec.structs.replace(look, steps=left)


def test_no_rule_that_rests_on_a_control_fires_without_one() -> None:
    for look in EVERY_LOOK:
        verdict = judge(without_control(look))

        assert verdict is not None
        assert NEED_A_CONTROL.isdisjoint(fired.rule for fired in verdict.fired)


@pytest.mark.parametrize("rule", sorted(NEED_A_CONTROL))
def test_what_needs_a_control_fires_with_one_and_not_without(rule: str) -> None:
    for look in FIRES[rule].values():
        assert holds_somewhere(BY_ID[rule], look)
        assert not holds_somewhere(BY_ID[rule], without_control(look))


def without_words(verdict: Verdict | None) -> Verdict | None:
    return None if verdict is None else msgspec.structs.replace(verdict, explanation="")


def test_a_control_that_was_asked_and_said_nothing_changes_nothing() -> None:
    for look in EVERY_LOOK:
        alone = without_control(look)
        in_vain = msgspec.structs.replace(alone, steps=(*alone.steps, asked(TIMEOUT)))

        assert without_words(judge(in_vain)) == without_words(judge(alone))


BAD = tls(failure=RESET)
INNOCENT = {
    "the swap landed on the target's own farm": measured(
        system(REAL, REAL2),
        *AGREED,
        BAD,
        control_here(tls()),
        swap_control(tls(), REAL2),
        swap_test(BAD, REAL2),
    ),
    "an encrypted resolver fails for AAAA in the same way": measured(
        *denied(SERVFAIL),
        trusted(REAL),
        trusted(failure=SERVFAIL, kind="AAAA"),
        resolver_control(),
        *again(SERVFAIL),
    ),
    "a doubled query, one upstream without AAAA, and the site reached": measured(
        system(REAL),
        system(kind="AAAA", failure=NODATA, replies=(told(), told("2001:db8::10"))),
        *AGREED,
        tcp(),
        tls(),
        http(),
    ),
    "an edge of a CDN one hop further away is down": measured(
        system(replies=(told(REAL2, ip_ttl=57), told(REAL, ip_ttl=58))),
        *AGREED,
        tls(REAL2, TIMEOUT),
        tls(),
    ),
}


@pytest.mark.parametrize("look", INNOCENT.values(), ids=INNOCENT)
def test_what_has_another_explanation_is_not_called_blocked(look: Measurement) -> None:
    verdict = judge(look)

    assert verdict is not None
    assert verdict.state is not State.BLOCKED
