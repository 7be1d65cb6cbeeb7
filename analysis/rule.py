"""What a rule is: a condition, what it then means, and how strongly."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from analysis.evidence import Evidence
from analysis.wording import Wording
from heliograph.model import ConfidenceWord, State

_ANYWHERE = (State.BLOCKED, State.THROTTLED, State.INCONCLUSIVE)


class About(Enum):
    """Which looks a rule is asked of."""

    TARGETS = "targets"
    SURROUNDINGS = "surroundings"
    """Of looks at the surroundings, and of those at targets."""
    OTHERS = "others"
    """Of looks at targets that another tool made, once, and that can't be asked on."""


@dataclass(frozen=True, slots=True)
class Rule:
    """When ``holds``, the measurement supports ``state``; ``sentence`` says why, in plain words.

    ``weight`` (0 to 1) orders verdicts; ``word`` says what kind of evidence it is.
    """

    id: str
    state: State
    weight: float
    sentence: str
    holds: Callable[[Evidence], bool]
    technique: str | None = None
    word: ConfidenceWord | None = None
    compared: Wording | None = None
    """Fills ``{compared}`` in the sentence."""
    about: About = About.TARGETS

    def held_at(self, chain: tuple[Evidence, ...]) -> Evidence | None:
        """The first hop of a look at which it holds, or None.

        Interference counts at any hop, an end only at the last.
        """
        for e in chain if self.state in _ANYWHERE else chain[-1:]:
            if self.holds(e):
                return e
        return None

    def told(self, host: str, context: str, e: Evidence | None = None) -> str:
        """The sentence about one look; without its evidence, what it says in general."""
        wording = self.compared
        compared = "" if wording is None else wording.general if e is None else wording.of(e)
        return self.sentence.format(host=host, context=context, compared=compared)
