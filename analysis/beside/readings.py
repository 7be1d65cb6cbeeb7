"""Which probes are read by rules of their own, and all rules there are."""

from typing import Any

from analysis.beside.content import CONTENT
from analysis.beside.keyword import KEYWORD
from analysis.beside.quic import QUIC
from analysis.beside.reading import BesideRule, Reading
from analysis.beside.throttle import THROTTLE
from analysis.beside.trace import TRACE
from analysis.rule import Rule
from analysis.rules import RULES

READINGS: dict[str, Reading[Any]] = {
    "content": CONTENT,
    "keyword": KEYWORD,
    "quic": QUIC,
    "throttle": THROTTLE,
    "trace": TRACE,
    "trace-raw": TRACE,
}
"""By the name of the probe."""

EVERY_RULE: tuple[Rule | BesideRule[Any], ...] = (
    *RULES,
    *(
        rule
        for reading in {id(each): each for each in READINGS.values()}.values()
        for rule in reading.rules
    ),
)
