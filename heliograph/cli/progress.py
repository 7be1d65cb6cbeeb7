"""Live progress on stderr: a bar on a terminal, one line for each target elsewhere."""

import sys
import time
from typing import TYPE_CHECKING

from heliograph.model import Measurement, Verdict
from heliograph.text import for_terminal

if TYPE_CHECKING:
    from rich.progress import Progress as Live

_SECONDS_BETWEEN_LINES = 1.0


class Progress:
    """Counts finished looks for whoever watches."""

    def __init__(self, total: int, what: str = "measuring") -> None:
        self._total = total
        self._done = 0
        self._told = time.monotonic()
        self._live = None if total == 0 or not sys.stderr.isatty() else _bar(total, what)

    def __enter__(self) -> "Progress":
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(self, *raised: object) -> None:
        if self._live is not None:
            self._live.stop()

    def advance(self, told: str) -> None:
        """One more is finished; what came of it in a line."""
        self._done += 1
        line = for_terminal(told)
        if self._live is None:
            print(f"{self._count()} {line}", file=sys.stderr)
        else:
            self._live.console.print(line, markup=False, highlight=False, soft_wrap=True)
            self._live.advance(self._live.task_ids[0])

    def advance_by(self, count: int, told: str) -> None:
        """So many more are finished; without a bar that is said no more than once a second."""
        self._done += count
        if self._live is not None:
            self._live.advance(self._live.task_ids[0], count)
            return
        now = time.monotonic()
        if now - self._told >= _SECONDS_BETWEEN_LINES:
            self._told = now
            print(f"{self._count()} {for_terminal(told)}", file=sys.stderr)

    def _count(self) -> str:
        """How many of how many, as wide each time."""
        return f"[{self._done:{len(str(self._total))}}/{self._total}]"

    def note(self, told: str) -> None:
        """Something beside the count."""
        if self._live is None:
            print(for_terminal(told), file=sys.stderr)
        else:
            self._live.console.print(for_terminal(told), markup=False, soft_wrap=True)


def line_of(measurement: Measurement, verdict: Verdict | None) -> str:
    """What came of a look, in a line."""
    if verdict is None:
        reason = (measurement.reason or "").strip().splitlines()[-1:]
        return f"{measurement.outcome:12} {measurement.target.input}: {''.join(reason)}"
    return f"{verdict.state:12} {measurement.target.url}: {verdict.explanation}"


def _bar(total: int, what: str) -> "Live":
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Live

    live = Live(
        TextColumn(what),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    )
    live.add_task(what, total=total)
    return live
