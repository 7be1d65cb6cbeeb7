"""Which probes have rules of their own, and that no two rules have one name."""

from collections import Counter

from analysis.beside.readings import EVERY_RULE, READINGS
from heliograph.model import State


def test_no_two_rules_have_one_id() -> None:
    assert [name for name, n in Counter(rule.id for rule in EVERY_RULE).items() if n > 1] == []


def test_a_probe_s_rules_bear_its_name() -> None:
    foreign = [
        rule.id
        for name, reading in READINGS.items()
        for rule in reading.rules
        if not rule.id.startswith(f"{name.removesuffix('-raw')}.")
    ]

    assert foreign == []


def test_only_interference_names_a_technique_and_how_strong_the_evidence_is() -> None:
    for rule in (rule for reading in READINGS.values() for rule in reading.rules):
        interferes = rule.state in {State.BLOCKED, State.THROTTLED}

        assert interferes == (rule.technique is not None) == (rule.word is not None), rule.id
        assert 0 < rule.weight <= 1, rule.id


def test_every_sentence_can_be_told_of_no_look_in_particular() -> None:
    for rule in EVERY_RULE:
        assert "{" not in rule.told("a host", "reasons"), rule.id
