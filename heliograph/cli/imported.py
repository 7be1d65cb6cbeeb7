"""What an import brought: counted, as a line of JSON or tables for a person."""

import time
from collections import Counter
from collections.abc import Mapping

import msgspec

from heliograph.cli.output import print_json, say
from heliograph.model import Measurement, Outcome, State, Verdict, VerdictRow
from heliograph.text import counted, for_terminal
from storage.column_types import rfc3339

NOT_JUDGED = "not judged"
"""In the place of a state, for an experiment no rule is about."""

_WORDS = (*State, NOT_JUDGED)
_COLUMN = 12


class Imported(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="summary"):
    """The last line of an import."""

    files: int
    measured: int
    skipped: int
    broken: int
    known: int
    """Of all of these, how many were stored before, and stay as they were."""
    states: dict[str, int]
    """How many have which state, ``not judged`` where no rule is about them; skipped and broken
    ones are not among them, so it is ``measured`` in all."""
    probes: dict[str, dict[str, int]]
    """For each experiment, how many have which state, or none."""
    theirs: dict[str, dict[str, int]]
    """For each verdict of the project itself, how many have which state here."""
    seconds: float


class Tally:
    """Counts measurements as they come in."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._states: Counter[str] = Counter()
        self._probes: dict[str, Counter[str]] = {}
        self._theirs: dict[str, Counter[str]] = {}
        self.outcomes: Counter[Outcome] = Counter()
        self.known = 0

    def note(self, measurement: Measurement, verdict: Verdict | None, theirs: str | None) -> None:
        """One more; ``theirs`` is what the project itself made of it."""
        self.outcomes[measurement.outcome] += 1
        word = _word(measurement, verdict)
        if measurement.outcome is Outcome.MEASURED:
            self._states[word] += 1
        self._probes.setdefault(measurement.probe, Counter())[word] += 1
        if theirs is not None:
            self._theirs.setdefault(theirs, Counter())[word] += 1

    def summed(self, files: int) -> Imported:
        """What was counted."""
        return Imported(
            files=files,
            measured=self.outcomes[Outcome.MEASURED],
            skipped=self.outcomes[Outcome.SKIPPED],
            broken=self.outcomes[Outcome.BROKEN],
            known=self.known,
            states={word: self._states[word] for word in _WORDS if self._states[word]},
            probes={name: dict(found) for name, found in sorted(self._probes.items())},
            theirs={name: dict(found) for name, found in sorted(self._theirs.items())},
            seconds=round(time.monotonic() - self._began, 1),
        )


def _word(measurement: Measurement, verdict: Verdict | None) -> str:
    if verdict is not None:
        return verdict.state
    return measurement.outcome if measurement.outcome is not Outcome.MEASURED else NOT_JUDGED


def tell(done: Imported, *, json: bool) -> None:
    """Print it."""
    if json:
        print_json(done)
        return
    _print_counts("experiment", done.probes)
    if done.theirs:
        print()
        _print_counts("their verdict", done.theirs)
    say(_in_words(done))


def _print_counts(what: str, counts: Mapping[str, Mapping[str, int]]) -> None:
    """A row for each name, a column for each word that came up."""
    order = [*_WORDS, Outcome.SKIPPED, Outcome.BROKEN]
    words = [word for word in order if any(word in found for found in counts.values())]
    width = max(len(for_terminal(name)) for name in (what, *counts))
    print(f"{what:{width}}", *(f"{word:>{_COLUMN}}" for word in words))
    for name, found in counts.items():
        cells = (f"{found.get(word, 0):{_COLUMN}}" for word in words)
        print(f"{for_terminal(name):{width}}", *cells)


def _in_words(done: Imported) -> str:
    states = ", ".join(f"{count} {state}" for state, count in done.states.items())
    parts = [counted(done.measured, "measurement") + (f" ({states})" if states else "")]
    others = ((done.skipped, "skipped"), (done.broken, "broken"))
    parts += [f"{count} {what}" for count, what in others if count]
    known = f", {done.known} of them stored before" if done.known else ""
    return f"{', '.join(parts)}{known}; {counted(done.files, 'file')} in {done.seconds:.1f} s"


def row_of(measurement: Measurement, verdict: Verdict | None, place: str) -> VerdictRow:
    """The line of ``run`` for a measurement that came from a file."""
    told: dict[str, object] = {"state": None}
    if verdict is not None:
        told = msgspec.structs.asdict(verdict)
        told["rules"] = tuple(fired.rule for fired in verdict.fired)
        del told["fired"], told["measurement_id"]
    parts: dict[str, object] = {
        "measurement_id": measurement.id,
        "started": rfc3339(measurement.started),
        "input": measurement.target.input,
        "target": measurement.target.url,
        "host": measurement.target.host,
        "probe": measurement.probe,
        "outcome": measurement.outcome,
        "reason": measurement.reason,
        "context": measurement.context,
        "seconds": measurement.seconds,
        "source": place,
        "country": measurement.vantage.country,
        "asn": measurement.vantage.asn,
    }
    return msgspec.convert(parts | told, VerdictRow)
