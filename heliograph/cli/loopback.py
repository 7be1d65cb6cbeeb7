"""The rehearsal on loopback, in this process: what is left where namespaces are not to be had."""

import asyncio
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from heliograph.cli.compose import assemble
from heliograph.cli.progress import Progress, line_of
from heliograph.cli.scores import NO_WITNESS, RowResult
from heliograph.config import load
from heliograph.lab.loopback import Row, street
from heliograph.model import Measurement, Verdict
from heliograph.url import parse_target
from probes.net.datagrams import Timing
from probes.net.surroundings import Timeouts
from probes.registry import installed
from scheduler.looks import Finished, Look
from scheduler.runner import Runner

_PROBE = "web"
Judged = tuple[Measurement, Verdict]
# Loopback answers at once, so silence is told sooner than on the internet.
_TIMEOUTS = Timeouts(
    connect=2.0,
    handshake=2.0,
    stall=2.0,
    exchange=4.0,
    datagram=Timing(deadline=2.0, window=0.3, resend_after=1.0),
)


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What came of it, row by row, and the measurements of the first round."""

    results: list[RowResult]
    judged: list[Judged] = field(default_factory=list)


def on_loopback(repeat: int, names: Sequence[str] | None = None) -> Rehearsed:
    """Rehearse the rows of these names, or all that loopback can stage."""
    rows, rounds = asyncio.run(_look(repeat, names))
    by_url = [{m.target.url: (m, v) for m, v in each} for each in rounds]
    return Rehearsed(
        results=[_compared(row, [each[row.url][1] for each in by_url]) for row in rows],
        judged=[by_url[0][row.url] for row in rows],
    )


async def _look(repeat: int, names: Sequence[str] | None) -> tuple[list[Row], list[list[Judged]]]:
    """All rows at once, ``repeat`` times."""
    probe = installed().probes[_PROBE]
    with tempfile.TemporaryDirectory() as name:
        async with street(Path(name)) as running:
            file = Path(name) / "demo.toml"
            file.write_text(running.config, encoding="utf-8")
            runner = assemble(
                load(file, {}), consent=None, rehearsal=running.addresses, timeouts=_TIMEOUTS
            )
            rows = [row for row in running.rows if names is None or row.name in names]
            looks = [Look(parse_target(row.url), probe) for row in rows]
            with Progress(len(looks) * repeat) as progress:
                rounds = [await _round(runner, looks, progress) for _ in range(repeat)]
            return rows, rounds


async def _round(runner: Runner, looks: Sequence[Look], progress: Progress) -> list[Judged]:
    found: list[Judged] = []

    def done(finished: Finished) -> None:
        assert finished.verdict is not None, finished.measurement.reason
        found.append((finished.measurement, finished.verdict))
        progress.advance(line_of(finished.measurement, finished.verdict))

    await runner.run(looks, done)
    return found


def _compared(row: Row, got: Sequence[Verdict]) -> RowResult:
    wanted = _in_words(row.state, row.technique)
    said = [_in_words(one.state, one.techniques[0] if one.techniques else None) for one in got]
    return RowResult(
        row=row.name,
        meaning=row.meaning,
        expected=wanted,
        right=said.count(wanted),
        repeats=len(said),
        wrong=tuple(sorted({one for one in said if one != wanted})),
        twin=NO_WITNESS,
    )


def _in_words(state: str, technique: str | None) -> str:
    return " ".join(part for part in (state, technique) if part is not None)
