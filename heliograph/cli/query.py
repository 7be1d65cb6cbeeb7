"""The ``query`` command: a question in SQL, and its answer as a table, CSV or NDJSON."""

import csv
import io
import math
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from heliograph.cli.exits import ExitCode, Stop
from heliograph.cli.output import LEAST_WIDTH, print_json, say
from heliograph.cli.place import database
from heliograph.text import counted, for_cell, for_terminal
from storage.asking import Asking, Refused
from storage.question import Answer, Limits, Value

FORMATS = ("table", "csv", "json")
_LONGEST = 86_400.0
"""Seconds that may be asked for: a day."""
_MOST_CHARACTERS = 1_000_000
_ANY_WIDTH = 1_000_000


@dataclass(frozen=True, slots=True)
class Wish:
    """What the user asked for."""

    sql: str
    form: str
    seconds: float
    rows: int
    db: str | None
    json: bool


def ask(wish: Wish) -> None:
    """Print the answer; raises Stop for a question that is refused, and the errors of storage."""
    form = _form(wish)
    if not (math.isfinite(wish.seconds) and 0 < wish.seconds <= _LONGEST):
        raise Stop(ExitCode.USAGE, f"--seconds {wish.seconds:g} is not more than 0 and up to a day")
    sql = sys.stdin.read(_MOST_CHARACTERS) if wish.sql == "-" else wish.sql
    try:
        with Asking(database(wish.db)) as asking:
            answer = asking.ask(sql, Limits(seconds=wish.seconds, rows=wish.rows))
    except Refused as error:
        raise Stop(ExitCode.USAGE, str(error)) from error
    if form == "json":
        _print_json(answer)
    elif form == "csv":
        _print_csv(answer)
    else:
        _print_table(answer)
    if answer.cut:
        say(f"the first {counted(wish.rows, 'row')}; there are more, and --rows allows them")


def _form(wish: Wish) -> str:
    if wish.form not in FORMATS:
        raise Stop(ExitCode.USAGE, f"--format {wish.form!r} is not one of {', '.join(FORMATS)}")
    if wish.json and wish.form == "csv":
        raise Stop(ExitCode.USAGE, "--json or --format csv, not both")
    return "json" if wish.json else wish.form


def _print_json(answer: Answer) -> None:
    """One object a row, with the names of the columns as its keys."""
    twice = [name for name, count in Counter(answer.columns).items() if count > 1]
    if twice:
        raise Stop(ExitCode.USAGE, f"two columns are named {twice[0]!r}; name one with AS")
    for row in answer.rows:
        print_json(dict(zip(answer.columns, map(_for_json, row), strict=True)))


def _for_json(value: Value) -> Value:
    """JSON has no infinity, and would say null: it is told in a word, as in a table."""
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def _print_csv(answer: Answer) -> None:
    """RFC 4180; no text is a formula, and a number stays a number."""
    written = io.StringIO()
    table = csv.writer(written)
    table.writerow(map(for_cell, answer.columns))
    table.writerows(map(_cell, row) for row in answer.rows)
    sys.stdout.buffer.write(written.getvalue().encode())
    sys.stdout.buffer.flush()


def _cell(value: Value) -> str:
    return for_cell(value) if isinstance(value, str) else _plain(value)


def _plain(value: Value) -> str:
    return "" if value is None else str(value)


def _print_table(answer: Answer) -> None:
    """As a table where that fits, else each row as a block of lines; nothing is cut."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False)
    for name in answer.columns:
        table.add_column(Text(for_terminal(name)), no_wrap=True)
    for row in answer.rows:
        table.add_row(*(Text(for_terminal(_plain(value))) for value in row))
    console = Console(highlight=False)
    needed = Console(width=_ANY_WIDTH).measure(table).maximum
    wide = console.width >= LEAST_WIDTH and needed <= console.width
    if console.is_terminal and not wide:
        sys.stdout.write("".join(_blocks(answer)))
        return
    with console.capture() as drawn:
        console.width = max(needed, 1)
        console.print(table)
    sys.stdout.write(drawn.get())


def _blocks(answer: Answer) -> Iterable[str]:
    for row in answer.rows:
        for name, value in zip(answer.columns, row, strict=True):
            yield f"{for_terminal(name)}: {for_terminal(_plain(value))}\n"
        yield "\n"
