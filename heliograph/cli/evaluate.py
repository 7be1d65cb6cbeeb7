"""The ``lab evaluate`` command: our own error rates, from conditions whose truth is known."""

import time
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

import msgspec

from analysis.accuracy import Accuracy, Case, Rate, accuracy
from analysis.rules import RULESET_VERSION
from heliograph.cli.exits import ExitCode, Stop, fail
from heliograph.cli.lab import chosen
from heliograph.cli.output import print_json, say
from heliograph.cli.place import now, software
from heliograph.cli.scores import NO_VERDICT, Watch
from heliograph.lab.inside import Event
from heliograph.lab.netns import obstacle
from heliograph.lab.rehearsal import LabError, Score, rehearse
from heliograph.lab.row import Row


class Evaluation(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="evaluation"):
    """An evaluation as it is kept: when, of what, how often, and what came of it."""

    made: date
    software: str
    repeats: int
    seconds: float
    unstaged: tuple[str, ...]
    """Conditions no witness saw; their cases are not counted."""
    accuracy: Accuracy


def evaluate(names: Sequence[str], *, repeat: int, out: Path | None, json: bool) -> None:
    """Rehearse rows, count, and keep the counts in ``out``.

    Leaves with 70 when anything was falsely called blocked, or a condition was not staged.
    """
    rows = chosen(names, every=not names)
    why = obstacle()
    if why is not None:
        raise Stop(ExitCode.NOT_ALLOWED, f"error rates are measured in namespaces only: {why}")
    began, heard = time.monotonic(), list[Event]()
    with Watch(rows, repeat) as watch:

        def hear(event: Event) -> None:
            heard.append(event)
            watch.heard(event)

        try:
            scores = rehearse(rows, repeat, None, hear)
        except LabError as error:
            raise Stop(ExitCode.OUR_BUG, str(error)) from error
    staged = [score for score in scores if not score.twin]
    unstaged = tuple(score.row.name for score in scores if score.twin)
    result = Evaluation(
        made=now().date(),
        software=software(),
        repeats=repeat,
        seconds=round(time.monotonic() - began, 1),
        unstaged=unstaged,
        accuracy=accuracy(list(cases(staged, heard)), RULESET_VERSION),
    )
    if json:
        print_json(result)
    else:
        print("\n".join(in_words(result)))
    if out is not None:
        _keep(result, out)
    _require_sound(result)


def cases(scores: Iterable[Score], events: Iterable[Event]) -> Iterable[Case]:
    """One case for each verdict there was, or should have been."""
    told = [event for event in events if event.what == "verdict"]
    for score in scores:
        row = score.row
        mine = [event for event in told if event.row == row.name]
        yield from (_case(row, event) for event in mine)
        missing = len(row.targets) * score.repeats - len(mine)
        yield from (_case(row, Event(what="verdict", state=NO_VERDICT)) for _ in range(missing))


def _case(row: Row, event: Event) -> Case:
    return Case(
        condition=row.name,
        expected=row.state,
        also=row.also,
        got=event.state,
        techniques=event.techniques,
        expected_technique=row.technique,
        hop=event.hop,
        expected_hop=row.hop,
        rules=event.rules,
    )


def in_words(result: Evaluation) -> Iterable[str]:
    """The evaluation as lines for a person."""
    found = result.accuracy
    yield f"{found.cases} verdicts on {found.conditions} conditions, {result.repeats} times each"
    yield f"  state right              {_told(found.state)}"
    yield f"  interference found       {_told(found.sensitivity)}"
    yield f"  no false accusation      {_told(found.specificity)}"
    yield f"  main technique named     {_told(found.technique)}"
    yield f"  hop named                {_told(found.hop)}"
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
    share = "-" if rate.value is None else f"{100 * rate.value:.2f} %"
    return f"{rate.right}/{rate.of}  {share}  (95 %: {100 * rate.low:.2f} to {100 * rate.high:.2f})"


def _keep(result: Evaluation, out: Path) -> None:
    text = msgspec.json.format(msgspec.json.encode(result), indent=2)
    try:
        out.write_bytes(text + b"\n")
    except OSError as error:
        raise Stop(
            ExitCode.CANNOT_WRITE, f"{out}: {error.strerror}; choose another --out"
        ) from error
    say(f"kept in {out}")


def _require_sound(result: Evaluation) -> None:
    """Leave with 70 when the evaluation shows, or hides, what must not be."""
    if result.accuracy.accused:
        fail(ExitCode.OUR_BUG, f"falsely called blocked: {', '.join(result.accuracy.accused)}")
    if result.unstaged:
        fail(ExitCode.OUR_BUG, f"not staged: {', '.join(result.unstaged)}")
