"""How results look: NDJSON for programs, tables and plain sentences for people."""

import os
import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import msgspec
import typer

from heliograph.model import RunSummary, State, VerdictRow
from heliograph.text import for_terminal
from heliograph.usage import in_units

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

LEAST_WIDTH = 100
"""Columns of a terminal that a table may have; on a narrower one every row is a block of lines."""
_ANY_WIDTH = 100_000
_SHORT_ID = 18
"""The hour, and so much of the record's own that two of an hour hardly ever begin alike."""
_STYLES = {
    State.OK: "green",
    State.BLOCKED: "bold red",
    State.RESTRICTED: "yellow",
    State.REMOVED: "yellow",
    State.THROTTLED: "red",
    State.DOWN: "yellow",
    State.INCONCLUSIVE: "dim",
}


def print_json(record: object) -> None:
    """One NDJSON line on stdout, flushed so that a reader sees each as it comes.

    A reader that leaves early (``| head``) does not stop a run: the rest is stored all the same.
    """
    try:
        sys.stdout.buffer.write(msgspec.json.encode(record) + b"\n")
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def say(message: str) -> None:
    """A message for a person, on stderr."""
    typer.echo(message, err=True)


def technique_of(row: VerdictRow) -> str:
    """The techniques of a row as one cell."""
    return for_terminal(", ".join(row.techniques))


def print_table(rows: Iterable[VerdictRow]) -> None:
    """The rows on stdout; hostile text is shown escaped.

    As a table where that fits, else each as a block of lines: no id and no target is cut.
    """
    from rich.console import Console

    found = list(rows)
    console = Console(highlight=False)
    table = _table(found)
    needed = Console(width=_ANY_WIDTH).measure(table).maximum
    wide = console.width >= LEAST_WIDTH and needed <= console.width
    with console.capture() as drawn:  # rich would end us with a code of its own on a closed pipe
        if not console.is_terminal or wide:
            console.width = max(needed, 1)
            console.print(table)
        else:
            for line in (line for row in found for line in _block(row)):
                console.print(line, soft_wrap=True)
    sys.stdout.write(drawn.get())


def _table(rows: Iterable[VerdictRow]) -> "Table":
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False)
    for heading in ("state", "technique", "target", "probe", "when", "id"):
        table.add_column(heading, no_wrap=True)
    for row in rows:
        table.add_row(
            _state(row),
            Text(technique_of(row)),
            Text(for_terminal(row.target)),
            Text(for_terminal(row.probe)),
            Text(_moment(row)),
            Text(for_terminal(row.measurement_id[:_SHORT_ID])),
        )
    return table


def _block(row: VerdictRow) -> Iterator["Text"]:
    """A row as lines; a terminal may fold the target, and copying mends that."""
    from rich.text import Text

    yield _state(row).append(f"  {technique_of(row)}" if row.techniques else "", style="none")
    yield Text(f"  {for_terminal(row.target)}")
    yield Text(f"  {for_terminal(row.probe)}, {_moment(row)}")
    yield Text(f"  {for_terminal(row.measurement_id[:_SHORT_ID])}")


def _state(row: VerdictRow) -> "Text":
    from rich.text import Text

    if row.state is None:
        return Text(row.outcome.value, style="dim")
    return Text(row.state.value, style=_STYLES[row.state])


def _moment(row: VerdictRow) -> str:
    return for_terminal(row.started.replace("T", " ").removesuffix("Z"))


def sentence_of(row: VerdictRow) -> str:
    """What the row says, in one line."""
    if row.explanation is not None:
        return for_terminal(row.explanation)
    first = (row.reason or "").strip().splitlines()[-1:] or [""]
    return for_terminal(f"{row.outcome}: {first[0]}")


def in_words(summary: RunSummary) -> str:
    """The last line of a run, for a person."""
    states = ", ".join(f"{count} {state}" for state, count in summary.states.items())
    parts = [f"{summary.measured} measured" + (f" ({states})" if states else "")]
    parts += [
        f"{n} {what}" for n, what in ((summary.skipped, "skipped"), (summary.broken, "broken")) if n
    ]
    amount = in_units(summary.bytes_sent + summary.bytes_received)
    return f"{', '.join(parts)} in {summary.seconds:.1f} s, used {amount}"
