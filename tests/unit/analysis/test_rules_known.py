"""The rules about what is known: confirmed, and said with a place for the entry."""

import pytest

from analysis.rule import Rule
from analysis.rules import RULES
from analysis.rules_known import FILTERS_OF_ONES_OWN, KNOWN_ANSWERS, KNOWN_PAGES
from heliograph.model import ConfidenceWord, State

KNOWN = (*KNOWN_ANSWERS, *KNOWN_PAGES)


@pytest.mark.parametrize("rule", KNOWN, ids=lambda rule: rule.id)
def test_what_is_known_is_confirmed_where_it_was_compared(rule: Rule) -> None:
    alone = rule.id.endswith(".alone")
    assert rule.id == f"known.{rule.technique}{'.alone' * alone}"
    assert rule.state is State.BLOCKED
    assert rule.word is (ConfidenceWord.LIKELY if alone else ConfidenceWord.CONFIRMED)
    assert "reported" in rule.sentence
    assert "{compared}" in rule.sentence


def test_they_are_among_the_rules_and_weigh_more_than_what_is_likely() -> None:
    likely = [rule.weight for rule in RULES if rule.word is ConfidenceWord.LIKELY]
    compared = [rule.weight for rule in KNOWN if rule.word is ConfidenceWord.CONFIRMED]

    assert set(KNOWN) <= set(RULES)
    assert min(compared) > max(likely)


def test_a_filter_of_ones_own_is_no_blocking_and_comes_before_what_is() -> None:
    accusing = [at for at, rule in enumerate(RULES) if rule.state is State.BLOCKED]

    for rule in FILTERS_OF_ONES_OWN:
        assert rule.state is State.INCONCLUSIVE
        assert "{compared}" in rule.sentence
        assert RULES.index(rule) < min(accusing)
