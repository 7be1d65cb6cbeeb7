"""A rule says what it found in general, and of one look."""

from dataclasses import replace

import pytest

from analysis.chain import hops
from analysis.evidence import Evidence
from analysis.rule import Need, Rule, met, needing
from analysis.wording import Wording
from heliograph.model import State, Step
from tests.unit.analysis.builders import (
    NXDOMAIN,
    RESET,
    TIMEOUT,
    control_here,
    http,
    measured,
    resolver_control,
    system,
    tcp,
    tls,
)
from tests.unit.analysis.builders_control import at_hop, redirect
from tests.unit.analysis.cases_dns import FOUND

LOOK = Evidence(measured())


def always(_: Evidence) -> bool:
    return True


def rule(sentence: str, compared: Wording | None = None) -> Rule:
    return Rule("some.rule", State.DOWN, 0.5, sentence, always, compared=compared)


def test_a_sentence_names_the_host_and_the_surroundings() -> None:
    said = rule("{host} is down, as {context}.").told("site.example", "nobody is online", LOOK)

    assert said == "site.example is down, as nobody is online."


def test_what_was_compared_is_told_of_the_look_and_else_in_general() -> None:
    wording = Wording("two things differ", lambda e: f"{e.host} differs")
    compared = rule("It is seen that {compared}.", wording)

    assert compared.told("a.example", "", LOOK) == "It is seen that site.example differs."
    assert compared.told("a.example", "") == "It is seen that two things differ."


HOPS = hops(measured(*FOUND, tls(), redirect("https://next.example/", port=443), *at_hop(2, tls())))


@pytest.mark.parametrize(
    ("state", "at"), [(State.BLOCKED, 1), (State.INCONCLUSIVE, 1), (State.OK, 2), (State.DOWN, 2)]
)
def test_interference_counts_at_any_hop_and_an_end_at_the_last(state: State, at: int) -> None:
    held = Rule("some.rule", state, 0.5, "{host}.", lambda _: True).held_at(HOPS)

    assert held is not None
    assert held.hop == at
    assert Rule("some.rule", state, 0.5, "{host}.", lambda _: False).held_at(HOPS) is None


@pytest.mark.parametrize(
    ("steps", "has"),
    [
        ((*FOUND, tls()), set()),
        ((*FOUND, resolver_control()), {Need.OTHER_NAMES}),
        ((*FOUND, control_here(tls())), {Need.TRIALS}),
        ((*FOUND, tcp(), tls(failure=RESET)), {Need.STOPPED}),
        ((*FOUND, tcp(failure=TIMEOUT)), {Need.UNCONNECTED}),
        ((system(failure=NXDOMAIN),), {Need.DENIED}),
        ((*FOUND, tls(), http()), {Need.PAGE}),
    ],
)
def test_what_a_look_has_is_told(steps: tuple[Step, ...], has: set[Need]) -> None:
    assert met(hops(measured(*steps))) == has


def test_what_one_hop_has_the_look_has() -> None:
    led_on = redirect("https://site.example/next", port=443)
    chain = hops(measured(*FOUND, tls(), led_on, *at_hop(2, tls(failure=RESET))))

    assert met(chain) == {Need.PAGE, Need.STOPPED}


def test_rules_need_what_each_of_them_and_what_all_of_them_need() -> None:
    one = replace(rule("{host}."), needs=frozenset({Need.PAGE}))

    assert needing({Need.TRIALS}, [one, rule("{host}.")]) == (
        replace(one, needs=frozenset({Need.PAGE, Need.TRIALS})),
        replace(rule("{host}."), needs=frozenset({Need.TRIALS})),
    )


def test_a_rule_can_not_be_changed() -> None:
    with pytest.raises(AttributeError):
        rule("{host}.").weight = 1.0  # type: ignore[misc]
