"""What a rule is: a condition, what it then means, and how strongly."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import Enum, StrEnum

from analysis.chain import authentic
from analysis.evidence import Evidence
from analysis.wording import Wording
from heliograph.model import ConfidenceWord, State

_ACCUSING = (State.BLOCKED, State.THROTTLED)
_ANYWHERE = (*_ACCUSING, State.INCONCLUSIVE)


class About(Enum):
    """Which looks a rule is asked of."""

    TARGETS = "targets"
    SURROUNDINGS = "surroundings"
    """Of looks at the surroundings, and of those at targets."""
    OTHERS = "others"
    """Of looks at targets that another tool made, once, and that can't be asked on."""


class Need(StrEnum):
    """What a look has at some hop, or lacks: a rule that rests on it is asked only where it is."""

    OTHER_NAMES = "other_names"
    """A look-up of an innocuous name."""
    TRIALS = "trials"
    """A connection, handshake or request made for comparison."""
    STOPPED = "stopped"
    """A step at which the default path ended, where the name had been sent."""
    UNCONNECTED = "unconnected"
    """A default path none of whose connections was taken."""
    DENIED = "denied"
    """A system's resolver that failed for the name."""
    PAGE = "page"
    """A response at the end of the default path."""


_MET_BY: dict[Need, Callable[[Evidence], bool]] = {
    Need.OTHER_NAMES: lambda e: e.has_other_names,
    Need.TRIALS: lambda e: e.has_trials,
    Need.STOPPED: lambda e: e.stopped is not None,
    Need.UNCONNECTED: lambda e: bool(e.unconnected),
    Need.DENIED: lambda e: e.system_failure is not None,
    Need.PAGE: lambda e: e.page is not None,
}


def met(chain: tuple[Evidence, ...]) -> frozenset[Need]:
    """Which of these a look has."""
    return frozenset([need for e in chain for need, has in _MET_BY.items() if has(e)])


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
    needs: frozenset[Need] = frozenset()
    """Without one of these it holds nowhere."""

    def held_at(self, chain: tuple[Evidence, ...]) -> Evidence | None:
        """The first hop of a look at which it holds, or None.

        Interference counts at any hop, an end only at the last; and what is done to a name that
        somebody in between may have led to is not done to the target.
        """
        for e in chain if self.state in _ANYWHERE else chain[-1:]:
            if self.holds(e) and (self.state not in _ACCUSING or authentic(e)):
                return e
        return None

    def told(self, host: str, context: str, e: Evidence | None = None) -> str:
        """The sentence about one look; without its evidence, what it says in general."""
        wording = self.compared
        compared = "" if wording is None else wording.general if e is None else wording.of(e)
        return self.sentence.format(host=host, context=context, compared=compared)


def needing(needs: set[Need], rules: Iterable[Rule]) -> tuple[Rule, ...]:
    """The rules, each of which rests on all of these."""
    return tuple(replace(rule, needs=rule.needs | needs) for rule in rules)
