"""A rehearsal from outside: start the inside, hear what happens, count what was right."""

import os
import signal
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import msgspec

from heliograph.lab.inside import Event, Job
from heliograph.lab.netns import die_with_parent, enter
from heliograph.lab.row import Row


class LabError(Exception):
    """The lab broke down; the message says what it said last."""


@dataclass(slots=True)
class Score:
    """What one row got over all repeats."""

    row: Row
    repeats: int
    got: dict[int, list[str]] = field(default_factory=dict)
    twin: str = "not seen"
    """What is wrong with the witness's view; empty when nothing is."""

    def take(self, event: Event) -> None:
        """Count a verdict, or note what the witness saw."""
        if event.what == "twin":
            self.twin = event.seen
            return
        technique = event.techniques[0] if event.techniques else None
        told = " ".join(part for part in (event.state, technique) if part is not None)
        if event.state == "blocked" and (event.hop or 1) != self.row.hop:
            told += f" at hop {event.hop or 1}"
        if self.row.tells not in event.explanation:
            told += f" without {self.row.tells!r}"
        if self.row.odd and not any(one.startswith(self.row.odd) for one in event.anomalies):
            told += f" without {self.row.odd} beside it"
        if event.state == "inconclusive" and self.row.excuse not in {"", *event.context}:
            told += f" without {self.row.excuse}"
        self.got.setdefault(event.repeat, []).append(told)

    @property
    def right(self) -> int:
        """Repeats in which every target of the row got the verdict it must get."""
        due = len(self.row.targets)
        return sum(
            len(told) == due and all(self.row.accepts(one) for one in told)
            for told in self.got.values()
        )

    @property
    def wrong(self) -> tuple[str, ...]:
        """The other verdicts, and repeats without one."""
        told = {one for each in self.got.values() for one in each if not self.row.accepts(one)}
        missing = [each for each in self.got.values() if len(each) < len(self.row.targets)]
        if missing or len(self.got) < self.repeats:
            told.add("no verdict")
        return tuple(sorted(told))

    @property
    def passed(self) -> bool:
        """Right every time, and the condition was really there."""
        return self.right == self.repeats and not self.twin


def rehearse(
    rows: Sequence[Row],
    repeat: int,
    db: str | None,
    heard: Callable[[Event], None],
    *,
    folder: str | None = None,
) -> list[Score]:
    """Run rows in the namespaces lab; ``heard`` is told of everything as it happens.

    ``db`` and ``folder`` say where the results are to stay (``Job``). Raises LabError.
    """
    scores = {row.name: Score(row, repeat) for row in rows}
    for event in perform(Job(rows=tuple(scores), repeat=repeat, db=db, folder=folder)):
        if event.what in {"verdict", "twin"} and event.row in scores:
            scores[event.row].take(event)
        heard(event)
    return list(scores.values())


def perform(job: Job) -> Iterator[Event]:
    """Do a job inside, and pass on what happens as it happens. Raises LabError."""
    with _inside(job) as process:
        assert process.stdout is not None
        for line in process.stdout:
            yield msgspec.json.decode(line, type=Event)


def terminal(rows: Sequence[Row]) -> None:
    """A terminal on the vantage with these rows staged; ends with it. Raises LabError."""
    with _inside(
        Job(rows=tuple(row.name for row in rows), terminal=True), attached=True
    ) as process:
        process.wait()


@contextmanager
def _inside(job: Job, *, attached: bool = False) -> Iterator["subprocess.Popen[bytes]"]:
    """The inside under way; whatever becomes of us, it ends too."""
    alive, ours = os.pipe()
    command = enter("heliograph.lab.inside", [msgspec.json.encode(job).decode()], alive)
    process = subprocess.Popen(
        command,
        pass_fds=(alive,),
        stdin=None if attached else subprocess.DEVNULL,
        stdout=None if attached else subprocess.PIPE,
        preexec_fn=die_with_parent if attached else _deaf_to_ctrl_c,  # noqa: PLW1509 - no threads yet
    )
    os.close(alive)
    try:
        yield process
        code = process.wait()
        if code != 0 and not attached:
            raise LabError(f"the lab ended with exit code {code}; what it said stands above")
    finally:
        os.close(ours)
        if process.stdout is not None:
            process.stdout.close()
        process.wait()


def _deaf_to_ctrl_c() -> None:
    """A terminal tells all of us; the parent says so in a line, and its end ends the inside."""
    die_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
