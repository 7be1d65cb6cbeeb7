"""How many looks of a run a control server answered, why not the others, and what that means."""

from collections import Counter

import msgspec

from heliograph.detail import HttpDetail, read
from heliograph.failure import Failure
from heliograph.model import (
    ADDRESS_UNKNOWN,
    CONTROL_NOT_ASKED,
    CONTROL_RESTING,
    CONTROL_WOULD_LEARN,
    PAIR_ASKED,
    Measurement,
    Role,
    RunSummary,
    Step,
    StepKind,
)
from heliograph.usage import is_elsewhere

_STATUS = "status "
_SAID: dict[str, str] = {
    CONTROL_RESTING: "not asked, after it had failed again and again",
    CONTROL_WOULD_LEARN: "not asked, for it would have been told this host's own address",
    Failure.INTERRUPTED: "no answer before the look's time was over",
    f"{_STATUS}401": "token refused",
    f"{_STATUS}403": "token refused",
    f"{_STATUS}503": "too busy",
}
_NO_EVIDENCE = "its answer held nothing"


class Compared:
    """Counts looks with and without a control's answer."""

    def __init__(self) -> None:
        self.wanted = 0
        self.answered = 0
        self.failures: Counter[str] = Counter()
        self._unknown = 0

    def note(self, measurement: Measurement) -> None:
        """Count a look; one that no control was configured for does not count."""
        self._unknown += ADDRESS_UNKNOWN in measurement.context
        of_control = [s for s in measurement.steps if s.role is Role.REMOTE_CONTROL]
        flag = next((f for f in measurement.context if f.startswith(CONTROL_NOT_ASKED)), None)
        if not of_control and flag is None:
            return
        self.wanted += 1
        if any(is_elsewhere(step) for step in of_control):
            self.answered += 1
        else:
            self.failures[_why(of_control) or flag or _NO_EVIDENCE] += 1

    def into(self, summary: RunSummary) -> RunSummary:
        """The summary with what was counted."""
        return msgspec.structs.replace(
            summary,
            control_wanted=self.wanted,
            control_answered=self.answered,
            control_failures=dict(self.failures.most_common()),
        )

    def sentences(self) -> list[str]:
        """What a person should know of it; nothing where all was well."""
        told = []
        if self.failures:
            why = ", ".join(f"{_in_words(key)} {n}" for key, n in self.failures.most_common())
            told.append(
                f"the control answered {self.answered} of {self.wanted} looks: {why}; without its"
                " answer more verdicts stay inconclusive ('heliograph doctor' looks for the cause)"
            )
        if self._unknown:
            told.append(
                f"the public address of this host was not known in {self._unknown} looks, so it"
                " could not be taken out of what they found: they stay here and are never sent"
            )
        return told


def is_summed_up(flag: str) -> bool:
    """Whether the end of a run tells of this flag, so that it need not be told before."""
    return flag == ADDRESS_UNKNOWN or flag.startswith(CONTROL_NOT_ASKED)


def _why(steps: list[Step]) -> str | None:
    """How the asking ended; where it never came to that, how the control's name was not found."""
    failed = [s for s in steps if s.pair == PAIR_ASKED and s.failure is not None]
    own = [s for s in failed if s.resolver is None]
    last = next(reversed(own or failed), None)
    if last is None or last.failure is None:
        return None
    if last.kind is StepKind.HTTP_EXCHANGE and last.failure is Failure.HTTP_UNEXPECTED_STATUS_CODE:
        status = read(last, HttpDetail).status
        return last.failure if status is None else f"{_STATUS}{status}"
    return last.failure


def _in_words(key: str) -> str:
    return _SAID.get(key) or key.replace("_", " ")
