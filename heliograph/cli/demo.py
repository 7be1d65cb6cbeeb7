"""The ``demo`` command: every row of the loopback street, judged like any measurement."""

import asyncio
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec

from analysis.rules import RULESET_VERSION
from heliograph.cli.compose import assemble
from heliograph.cli.exits import ExitCode, Stop
from heliograph.cli.output import print_json, say
from heliograph.cli.place import now
from heliograph.cli.progress import Progress
from heliograph.config import load
from heliograph.lab.loopback import Row, street
from heliograph.model import Measurement, Verdict, VerdictRow
from heliograph.pages.report import ReportEntry, render
from heliograph.url import parse_target
from probes.net.datagrams import Timing
from probes.net.surroundings import Timeouts
from probes.registry import installed
from scheduler.runner import Finished, Look, Runner
from storage.store import Store

_PROBE = "http"
Judged = tuple[Measurement, Verdict]
# Loopback answers at once, so silence is told sooner than on the internet.
_TIMEOUTS = Timeouts(
    connect=2.0,
    handshake=2.0,
    stall=2.0,
    exchange=4.0,
    datagram=Timing(deadline=2.0, window=0.3, resend_after=1.0),
)


class DemoRow(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="row"):
    """What a row was to get, and what it got, over all repeats."""

    row: str
    meaning: str
    expected: str
    right: int
    repeats: int
    wrong: tuple[str, ...] = ()


def rehearse(out: Path, *, repeat: int, json: bool) -> None:
    """Run it, print the table, write the report; raises Stop when a verdict is wrong."""
    began = time.monotonic()
    location = _emptied(out) / "demo.sqlite"
    with Store.open(str(location)) as store:
        store.activate(RULESET_VERSION)
        rows, rounds = asyncio.run(_look(repeat))
        judged = [{m.target.url: _entry(store, m, v) for m, v in each} for each in rounds]
    results = [_compared(row, [entries[row.url].row for entries in judged]) for row in rows]
    report = out / "report.html"
    page = render(
        "Heliograph: a rehearsal on loopback",
        [judged[0][row.url] for row in rows],
        f"{now():%Y-%m-%d %H:%M} UTC",
    )
    report.write_text(page, encoding="utf-8")
    _print(results, json=json)
    say(f"{len(rows) * repeat} measurements in {time.monotonic() - began:.1f} s")
    say(f"database  {location.resolve()}")
    say(f"report    {report.resolve()}")
    wrong = [result.row for result in results if result.right < result.repeats]
    if wrong:
        raise Stop(ExitCode.OUR_BUG, f"wrong verdicts: {', '.join(wrong)}")


def _emptied(out: Path) -> Path:
    """The folder, without an earlier rehearsal's database."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        for stale in out.glob("demo.sqlite*"):
            stale.unlink()
    except OSError as error:
        raise Stop(
            ExitCode.CANNOT_WRITE, f"{out}: {error.strerror}; choose another --out"
        ) from error
    return out


async def _look(repeat: int) -> tuple[tuple[Row, ...], list[list[Judged]]]:
    """All rows at once, ``repeat`` times."""
    probe = installed().probes[_PROBE]
    with tempfile.TemporaryDirectory() as name:
        async with street(Path(name)) as running:
            file = Path(name) / "demo.toml"
            file.write_text(running.config, encoding="utf-8")
            runner = assemble(
                load(file, {}), consent=None, rehearsal=running.addresses, timeouts=_TIMEOUTS
            )
            looks = [Look(parse_target(row.url), probe) for row in running.rows]
            with Progress(len(looks) * repeat) as progress:
                rounds = [await _round(runner, looks, progress) for _ in range(repeat)]
            return running.rows, rounds


async def _round(runner: Runner, looks: Sequence[Look], progress: Progress) -> list[Judged]:
    found: list[Judged] = []

    def done(finished: Finished) -> None:
        assert finished.verdict is not None, finished.measurement.reason
        found.append((finished.measurement, finished.verdict))
        progress.advance(finished.measurement, finished.verdict)

    await runner.run(looks, done)
    return found


def _entry(store: Store, measurement: Measurement, verdict: Verdict) -> ReportEntry:
    """Stored, and read back: what the report shows is what the database holds."""
    store.save(measurement, verdict, None)
    row, kept = store.row(measurement.id), store.measurement(measurement.id)
    assert row is not None
    assert kept is not None
    return ReportEntry(row=row, measurement=kept)


def _compared(row: Row, got: Sequence[VerdictRow]) -> DemoRow:
    wanted = (row.state, row.technique)
    said: list[tuple[str | None, str | None]] = [
        (one.state, one.techniques[0] if one.techniques else None) for one in got
    ]
    return DemoRow(
        row=row.name,
        meaning=row.meaning,
        expected=_in_words(*wanted),
        right=said.count(wanted),
        repeats=len(said),
        wrong=tuple(sorted({_in_words(*one) for one in said if one != wanted})),
    )


def _in_words(state: str | None, technique: str | None) -> str:
    return " ".join(part for part in (state, technique) if part is not None)


def _print(results: Sequence[DemoRow], *, json: bool) -> None:
    for result in results:
        if json:
            print_json(result)
            continue
        wrong = f"  WRONG: {', '.join(result.wrong)}" if result.wrong else ""
        print(
            f"{result.row:10} {result.meaning:38} {result.expected:28}"
            f" {result.right}/{result.repeats}{wrong}"
        )
