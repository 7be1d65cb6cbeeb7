"""Which probes are read by rules of their own, and all rules there are."""

from typing import Any

from analysis.beside.reading import BesideRule, Reading
from analysis.rule import Rule
from analysis.rules import RULES

READINGS: dict[str, Reading[Any]] = {}
"""By the name of the probe."""

EVERY_RULE: tuple[Rule | BesideRule[Any], ...] = (
    *RULES,
    *(rule for reading in READINGS.values() for rule in reading.rules),
)
