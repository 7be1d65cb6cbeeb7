"""How results look: NDJSON for programs, tables and plain sentences for people."""

import os
import sys
from collections.abc import Iterable

import msgspec
import typer

from heliograph.model import RunSummary, State, VerdictRow
from heliograph.text import for_terminal
from heliograph.usage import in_units

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
    return ", ".join(row.techniques)


def print_table(rows: Iterable[VerdictRow]) -> None:
    """The rows as a table on stdout; hostile text is shown escaped."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False)
    for heading in ("state", "technique", "target", "probe", "when", "id"):
        table.add_column(heading, no_wrap=heading != "target", overflow="fold")
    for row in rows:
        state = row.state.value if row.state is not None else row.outcome.value
        style = _STYLES[row.state] if row.state is not None else "dim"
        table.add_row(
            Text(state, style=style),
            Text(technique_of(row)),
            Text(for_terminal(row.target, 120)),
            Text(row.probe),
            Text(row.started.replace("T", " ").removesuffix("Z")),
            Text(row.measurement_id[:13]),
        )
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = 200
    console.print(table)


def place_of(row: VerdictRow) -> str:
    """The vantage of a row; what is unknown says so."""
    network = f"AS{row.asn}" if row.asn else "unknown network"
    return f"{network}, {row.country if row.country != 'ZZ' else 'unknown country'}"


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
