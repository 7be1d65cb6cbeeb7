"""What a rehearsal's rows were to get and what they got: progress, table, and the end's code."""

from collections.abc import Iterable, Sequence

import msgspec

from analysis.accuracy import NO_VERDICT, Case
from heliograph.cli.exits import ExitCode, fail
from heliograph.cli.output import print_json
from heliograph.cli.progress import Progress
from heliograph.lab.inside import Event
from heliograph.lab.rehearsal import Score
from heliograph.lab.row import Row

NO_WITNESS = "no witness"
_WITNESSED = {"ok": "witnessed", NO_WITNESS: NO_WITNESS}


class RowResult(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="row"):
    """What a row was to get, and what it got, over all repeats."""

    row: str
    meaning: str
    expected: str
    right: int
    repeats: int
    wrong: tuple[str, ...] = ()
    twin: str = "ok"
    """``ok`` when a witness saw the condition come and go; else what is wrong with it.

    ``no witness`` where there is none: on loopback.
    """

    @property
    def passed(self) -> bool:
        """Right every time, and nobody saw that the condition was not really there."""
        return self.right == self.repeats and self.twin in _WITNESSED


class Watch:
    """Says on stderr what happens in the lab."""

    def __init__(self, rows: Sequence[Row], repeat: int) -> None:
        self._progress = Progress(repeat * sum(len(row.targets) for row in rows))

    def __enter__(self) -> "Watch":
        self._progress.__enter__()
        return self

    def __exit__(self, *raised: object) -> None:
        self._progress.__exit__(*raised)

    def heard(self, event: Event) -> None:
        """One line for each verdict, and for what went wrong."""
        if event.what == "verdict":
            self._progress.advance(f"{event.state:12} {event.row}: {_said(event)}")
        elif event.what == "note":
            self._progress.note(f"the lab says: {event.seen}")


def _said(event: Event) -> str:
    """What the look says of itself; one that a host without a line refuses says nothing."""
    if event.explanation:
        return event.explanation
    if event.state == NO_VERDICT:
        return "This host has no line, so nothing was looked at, as it must be."
    return "The run said nothing of this look."


def case_of(row: Row, event: Event) -> Case:
    """What the row must get, and what a verdict gave it."""
    return Case(
        condition=row.name,
        expected=row.state,
        also=row.also,
        got=event.state,
        techniques=event.techniques,
        expected_technique=row.technique,
        hop=event.hop,
        expected_hop=row.hop,
        anomalies=event.anomalies,
        odd=row.odd,
        context=event.context,
        excuse=row.excuse,
        rules=event.rules,
    )


def results_of(scores: Iterable[Score]) -> list[RowResult]:
    """The scores as rows of a table."""
    return [
        RowResult(
            row=score.row.name,
            meaning=score.row.meaning,
            expected=score.row.expected,
            right=score.right,
            repeats=score.repeats,
            wrong=score.wrong,
            twin=score.twin or "ok",
        )
        for score in scores
    ]


def print_results(results: Sequence[RowResult], *, json: bool) -> None:
    """The table on stdout, or a JSON object for each row."""
    for result in results:
        if json:
            print_json(result)
            continue
        wrong = f"  WRONG: {', '.join(result.wrong)}" if result.wrong else ""
        twin = _WITNESSED.get(result.twin) or f"TWIN: {result.twin}"
        print(
            f"{result.row:29} {result.meaning:62} {result.expected:26}"
            f" {result.right}/{result.repeats}{wrong}  {twin}"
        )


def require_right(results: Sequence[RowResult]) -> None:
    """Leave with exit code 70 when any row did not pass, and name those that did not."""
    failed = [result.row for result in results if not result.passed]
    if failed:
        fail(ExitCode.OUR_BUG, f"not as they must be: {', '.join(failed)}")
