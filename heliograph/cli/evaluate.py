"""The ``lab evaluate`` command: our own error rates, from conditions whose truth is known."""

import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import msgspec

from analysis.accuracy import NO_VERDICT, Accuracy, Case, Rate, accuracy
from analysis.rules import RULESET_VERSION
from heliograph.cli.exits import ExitCode, Stop, fail
from heliograph.cli.histories import Histories
from heliograph.cli.keeping import keep as keep_measured
from heliograph.cli.lab import chosen
from heliograph.cli.needing import require_for_the_lab
from heliograph.cli.output import print_json, say
from heliograph.cli.place import now, software
from heliograph.cli.scores import Watch, case_of
from heliograph.lab.inside import Event
from heliograph.lab.netns import obstacle
from heliograph.lab.rehearsal import LabError, Score, rehearse
from heliograph.lab.row import Row
from heliograph.model import State
from heliograph.text import counted


class Evaluation(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    tag_field="kind",
    tag="evaluation",
    omit_defaults=True,
):
    """An evaluation as it is kept: when, of what, how often, and what came of it."""

    made: date
    software: str
    repeats: int
    seconds: float
    unstaged: tuple[str, ...]
    """Conditions no witness saw; their cases are not counted."""
    accuracy: Accuracy
    histories: Histories | None = None
    """The last evaluation of histories that was kept in the same file."""


def evaluate(
    names: Sequence[str], *, repeat: int, out: Path | None, keep: Path | None, json: bool
) -> None:
    """Rehearse rows, count, keep the counts in ``out`` and what was measured in ``keep``.

    Leaves with 70 when anything was falsely called blocked, a condition was not staged, or a
    verdict never came.
    """
    rows = chosen(names, every=not names)
    why = obstacle()
    if why is not None:
        raise Stop(ExitCode.NOT_ALLOWED, f"error rates are measured in namespaces only: {why}")
    require_for_the_lab()
    if keep is not None:
        with _written_to(keep):  # not after minutes of work
            keep.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        scores, heard = _rehearsed(rows, repeat, None if keep is None else folder)
        staged = [score for score in scores if not score.twin]
        if keep is not None:
            _keep_measured(staged, heard, Path(folder), keep)
    result = Evaluation(
        made=now().date(),
        software=software(),
        repeats=repeat,
        seconds=round(time.monotonic() - began, 1),
        unstaged=tuple(score.row.name for score in scores if score.twin),
        accuracy=accuracy(list(cases(staged, heard)), RULESET_VERSION),
    )
    if json:
        print_json(result)
    else:
        print("\n".join(in_words(result)))
    if out is not None:
        _keep(result, out)
    _require_sound(result, accused_without_cause(heard))


def _rehearsed(
    rows: Sequence[Row], repeat: int, folder: str | None
) -> tuple[list[Score], list[Event]]:
    heard = list[Event]()
    with Watch(rows, repeat) as watch:

        def hear(event: Event) -> None:
            heard.append(event)
            watch.heard(event)

        try:
            return rehearse(rows, repeat, None, hear, folder=folder), heard
        except LabError as error:
            raise Stop(ExitCode.OUR_BUG, str(error)) from error


def cases(scores: Iterable[Score], events: Iterable[Event]) -> Iterable[Case]:
    """One case for each verdict there was, or should have been."""
    told = [event for event in events if event.what == "verdict"]
    for score in scores:
        row = score.row
        mine = [event for event in told if event.row == row.name]
        yield from (case_of(row, event) for event in mine)
        missing = len(row.targets) * score.repeats - len(mine)
        yield from (case_of(row, Event(what="verdict", state=NO_VERDICT)) for _ in range(missing))


def in_words(result: Evaluation) -> Iterable[str]:
    """The evaluation as lines for a person."""
    found = result.accuracy
    verdicts, conditions = counted(found.cases, "verdict"), counted(found.conditions, "condition")
    yield f"{verdicts} on {conditions}, {counted(result.repeats, 'time')} each"
    rates = {
        "state right": found.state,
        "interference found": found.sensitivity,
        "no false accusation": found.specificity,
        "main technique named": found.technique,
        "of what can be settled": found.settled,
        "hop named": found.hop,
    }
    yield from (f"  {what:24} {_told(rate)}" for what, rate in rates.items() if rate.of)
    wrong = [
        f"  {number} x {expected} called {got}"
        for expected, row in found.confusion.items()
        for got, number in row.items()
        if expected != got
    ]
    yield from wrong
    if found.missed:
        yield f"  not as they must be: {', '.join(found.missed)}"


def _told(rate: Rate) -> str:
    share = 100 * rate.right / rate.of
    likely = f"95 %: {100 * rate.low:.2f} to {100 * rate.high:.2f}"
    return f"{rate.right}/{rate.of}  {share:.2f} %  ({likely})"


def _keep(result: Evaluation, out: Path) -> None:
    try:
        result = msgspec.structs.replace(result, histories=_histories_in(out))
        text = msgspec.json.format(msgspec.json.encode(result), indent=2)
        out.write_bytes(text + b"\n")
    except OSError as error:
        raise Stop(
            ExitCode.CANNOT_WRITE, f"{out}: {error.strerror}; choose another --out"
        ) from error
    say(f"kept in {out}")


def _histories_in(out: Path) -> Histories | None:
    """What was kept there of histories; of a file that is something else, nothing."""
    if not out.exists():
        return None
    try:
        return msgspec.json.decode(out.read_bytes(), type=_Before).histories
    except msgspec.DecodeError:
        return None


class _Before(msgspec.Struct, frozen=True):
    """Of an evaluation that was kept, what stays."""

    histories: Histories | None = None


def _keep_measured(scores: Iterable[Score], heard: Sequence[Event], made: Path, to: Path) -> None:
    """The measurements of conditions that were there, as files."""
    with _written_to(to):
        kept = keep_measured([score.row for score in scores], heard, made, to)
    say(f"{counted(len(kept), 'measurement')} kept in {to}")


@contextmanager
def _written_to(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Stop(
            ExitCode.CANNOT_WRITE, f"{folder}: {error.strerror}; choose another --keep"
        ) from error


def accused_without_cause(events: Iterable[Event]) -> tuple[str, ...]:
    """Rows whose places were called blocked while nothing was staged there."""
    found = (e.row for e in events if e.what == "healthy" and e.state == State.BLOCKED)
    return tuple(f"{name} (nothing staged)" for name in dict.fromkeys(found))


def _require_sound(result: Evaluation, healthy: tuple[str, ...] = ()) -> None:
    """Leave with 70 when the evaluation shows, or hides, what must not be."""
    accused = (*result.accuracy.accused, *healthy)
    if accused:
        fail(ExitCode.OUR_BUG, f"falsely called blocked: {', '.join(accused)}")
    if result.unstaged:
        fail(ExitCode.OUR_BUG, f"not staged: {', '.join(result.unstaged)}")
    untold = sum(
        number
        for expected, row in result.accuracy.confusion.items()
        for got, number in row.items()
        if got != expected and got not in set(State)
    )
    if untold:
        fail(ExitCode.OUR_BUG, f"{counted(untold, 'look')} without a verdict: nothing is known")
