"""What must be said of a look: the states that are right, and for ``blocked`` by what and where."""

from dataclasses import dataclass

from heliograph.model import State, Verdict
from tests.unit.ooni_world import World


@dataclass(frozen=True)
class Told:
    """The right verdicts; ``by`` are the only techniques that may be named."""

    states: tuple[State, ...]
    by: tuple[str, ...] = ()
    hop: int = 1

    def takes(self, verdict: Verdict) -> bool:
        if verdict.state is not State.BLOCKED or State.BLOCKED not in self.states:
            return verdict.state in self.states
        return set(verdict.techniques) <= set(self.by) and verdict.hop == self.hop


@dataclass(frozen=True)
class Staged:
    """A world, what is looked at in it, and what must be said of that."""

    world: World
    url: str
    told: Told
    before: Told | None = None
    """What may be said where programs before version 0.5 wrote too little down."""


def blocked(*by: str, hop: int = 1) -> Told:
    return Told((State.BLOCKED,), by, hop)


def may_be_blocked(*by: str, hop: int = 1) -> Told:
    """One look may be too little."""
    return Told((State.BLOCKED, State.INCONCLUSIVE), by, hop)


OK = Told((State.OK,))
FINE = Told((State.OK, State.INCONCLUSIVE))
DOWN = Told((State.DOWN,))
GONE = Told((State.DOWN, State.INCONCLUSIVE))
RESTRICTED = Told((State.RESTRICTED,))
TURNED_AWAY = Told((State.RESTRICTED, State.INCONCLUSIVE))
UNDECIDED = Told((State.INCONCLUSIVE,))
NOT_BLOCKED = Told(tuple(state for state in State if state is not State.BLOCKED))
