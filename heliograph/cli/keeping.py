"""Keeping what a rehearsal measured: files that say what is true, and nothing of this computer."""

import gzip
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import msgspec

from analysis.corpus import Kept, Truth, written
from heliograph.cli.scores import case_of
from heliograph.ids import with_id
from heliograph.lab.inside import Event, database_of
from heliograph.lab.row import Row
from heliograph.model import Measurement, Outcome, State
from storage.store import Store

SUFFIX = ".jsonl.gz"
"""Of the file of one row, after its name."""

REPEATS = 2
"""So many looks are kept of each target; and every other one that got a wrong verdict."""

_TIME_OF_DAY = re.compile(r"(T| )\d\d:\d\d:\d\d(Z| GMT)")


def keep(rows: Iterable[Row], events: Sequence[Event], kept_in: Path, folder: Path) -> list[Kept]:
    """Write one file for each row into ``folder``; what was measured is in databases ``kept_in``.

    A file that is there is replaced; those of other rows stay. Raises OSError.
    """
    found = [one for row in rows for one in _of(row, events, kept_in)]
    folder.mkdir(parents=True, exist_ok=True)
    by_row = defaultdict(list)
    for one in found:
        by_row[one.row].append(one)
    for name, of_row in by_row.items():
        (folder / f"{name}{SUFFIX}").write_bytes(gzip.compress(written(of_row), 9, mtime=0))
    return found


def truth_of(row: Row) -> Truth:
    """What the catalogue says of a row's measurements."""
    return Truth(state=row.state, technique=row.technique, hop=row.hop, also=row.also, odd=row.odd)


def truth_without(row: Row) -> Truth:
    """What is true of the same places while the condition is not there: nobody interferes.

    A page in the clear that nobody else saw stays undecided, and what a row on open sites serves
    may not be there.
    """
    gone = (State.DOWN,) if row.state == State.OK else ()
    return Truth(state=State.OK, also=(State.INCONCLUSIVE, *gone))


def without_traces(measurement: Measurement) -> Measurement:
    """The same with the day for every moment, and without what tells of this computer.

    Judging looks at neither, so it gets the same verdict, under an id of its own.
    """
    midnight = measurement.started.replace(hour=0, minute=0, second=0)
    steps = tuple(
        msgspec.structs.replace(step, detail=_TIME_OF_DAY.sub(r"\g<1>00:00:00\2", step.detail))
        for step in measurement.steps
    )
    bare = msgspec.structs.replace(measurement, started=midnight, stack=None, steps=steps)
    return with_id(bare)


def _of(row: Row, events: Iterable[Event], kept_in: Path) -> Iterator[Kept]:
    mine = [event for event in events if event.row == row.name and _is_wanted(row, event)]
    for repeat in sorted({event.repeat for event in mine}):
        with Store.open_to_read(
            str(database_of(kept_in, row.surroundings, row.probe, repeat))
        ) as store:
            for event in mine:
                look = store.measurement(event.measurement) if event.repeat == repeat else None
                if look is not None and look.outcome is Outcome.MEASURED:
                    twin = event.what == "healthy"
                    truth = truth_without(row) if twin else truth_of(row)
                    yield Kept(
                        row=row.name,
                        twin=twin,
                        repeat=repeat,
                        truth=truth,
                        measurement=without_traces(look),
                    )


def _is_wanted(row: Row, event: Event) -> bool:
    if event.what == "verdict" and event.measurement:
        return event.repeat <= REPEATS or bool(case_of(row, event).faults)
    return event.what == "healthy"
