"""Innocent stories, and others a verdict must not get wrong: what each leaves behind."""

from dataclasses import dataclass

from heliograph.model import Measurement, State
from tests.unit.analysis import stories_blocked, stories_ok_down


@dataclass(frozen=True)
class Story:
    """What happened, the look at it, and the states a verdict must not give it."""

    happened: str
    look: Measurement
    never: frozenset[State]


NEVER_BLOCKED = [
    Story(happened, look, frozenset({State.BLOCKED}))
    for happened, look in stories_blocked.INNOCENT.items()
]
NEVER_OK = [
    Story(happened, look, frozenset({State.OK}))
    for happened, look in stories_ok_down.NOT_OK.items()
]
NEVER_DOWN = [
    Story(happened, look, frozenset({State.DOWN, State.OK}))
    for happened, look in stories_ok_down.NOT_DOWN.items()
]
EVERY = [*NEVER_BLOCKED, *NEVER_OK, *NEVER_DOWN]
