"""A rule says what it found in general, and of one look."""

import pytest

from analysis.chain import hops
from analysis.evidence import Evidence
from analysis.rule import Rule
from analysis.wording import Wording
from heliograph.model import State
from tests.unit.analysis.builders import measured, tls
from tests.unit.analysis.builders_control import at_hop, redirect
from tests.unit.analysis.cases_dns import FOUND

LOOK = Evidence(measured())


def rule(sentence: str, compared: Wording | None = None) -> Rule:
    return Rule("some.rule", State.DOWN, 0.5, sentence, lambda _: True, compared=compared)


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


def test_a_rule_can_not_be_changed() -> None:
    with pytest.raises(AttributeError):
        rule("{host}.").weight = 1.0  # type: ignore[misc]
