"""What a rule is: a condition, what it then means, and how strongly."""

from collections.abc import Callable
from dataclasses import dataclass

from analysis.evidence import Evidence
from analysis.wording import Wording
from heliograph.model import ConfidenceWord, State


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

    def told(self, host: str, context: str, e: Evidence | None = None) -> str:
        """The sentence about one look; without its evidence, what it says in general."""
        wording = self.compared
        compared = "" if wording is None else wording.general if e is None else wording.of(e)
        return self.sentence.format(host=host, context=context, compared=compared)
