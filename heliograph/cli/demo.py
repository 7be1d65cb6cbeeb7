"""The ``demo`` command: every row of the lab once, judged like any measurement, and a report."""

import time
from pathlib import Path

from analysis.accuracy import NO_VERDICT
from analysis.rules import RULESET_VERSION
from heliograph.cli.exits import ExitCode, Stop
from heliograph.cli.loopback import on_loopback
from heliograph.cli.needing import require_for_the_lab
from heliograph.cli.output import say
from heliograph.cli.place import now
from heliograph.cli.report import entry_of, looks_around, replace
from heliograph.cli.scores import (
    RowResult,
    Watch,
    print_results,
    require_right,
    results_of,
)
from heliograph.lab.loopback import STAGED
from heliograph.lab.netns import obstacle
from heliograph.lab.rehearsal import LabError, rehearse
from heliograph.lab.rows import TOGETHER
from heliograph.model import VerdictRow
from heliograph.pages.report import render
from heliograph.text import counted
from storage.store import Store


def rehearse_all(out: Path, *, repeat: int, json: bool) -> None:
    """Run it, print the table, write the report; leaves with 70 when a verdict is wrong."""
    began = time.monotonic()
    why = obstacle()
    if why is None:
        require_for_the_lab()
    location = _emptied(out) / "demo.sqlite"
    results = _in_namespaces(location, repeat) if why is None else _here(location, repeat, why)
    report = out / "report.html"
    count = _write_report(location, report)
    print_results(results, json=json)
    stored = f"{counted(count, 'measurement')} in {time.monotonic() - began:.1f} s"
    without = [r.row for r in results if r.expected == NO_VERDICT]
    say(f"{stored}; none, as it must be, of: {', '.join(without)}" if without else stored)
    say(f"database  {location.resolve()}")
    say(f"report    {report.resolve()}")
    require_right(results)


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


def _in_namespaces(location: Path, repeat: int) -> list[RowResult]:
    """The small internet of the lab, looked at by the command that volunteers use."""
    looks = repeat * sum(len(row.targets) for row in TOGETHER)
    say(
        f"a small censored internet on this host: {len(TOGETHER)} conditions in {looks} looks, in"
        " network namespaces of their own; no packet leaves them; 'heliograph lab run --all' has"
        " more"
    )
    with Store.open(str(location)) as store:
        store.activate(RULESET_VERSION)
    with Watch(TOGETHER, repeat) as watch:
        try:
            return results_of(rehearse(TOGETHER, repeat, str(location.resolve()), watch.heard))
        except LabError as error:
            raise Stop(ExitCode.OUR_BUG, str(error)) from error


def _here(location: Path, repeat: int, why: str) -> list[RowResult]:
    """What loopback can stage of it, in this process."""
    missing = [row.name for row in TOGETHER if row.name not in STAGED]
    say(f"on loopback, for namespaces are not to be had: {why}")
    say(f"not staged here: {', '.join(missing)}")
    rehearsed = on_loopback(repeat)
    with Store.open(str(location)) as store:
        store.activate(RULESET_VERSION)
        for measurement, verdict in rehearsed.judged:
            store.save(measurement, verdict, None)
    return rehearsed.results


def _write_report(location: Path, report: Path) -> int:
    """What the report shows is what the database holds; how many measurements that is."""
    with Store.open_to_read(str(location)) as store:
        rows = sorted(store.rows(), key=_by_gravity)
        entries = [entry_of(store, row) for row in rows]
        beside = looks_around(store, entries)
    made = f"{now():%Y-%m-%d %H:%M} UTC"
    replace(report, render("Heliograph: a rehearsal", entries, made, "", beside))
    return len(entries)


def _by_gravity(row: VerdictRow) -> tuple[str, str, str]:
    return row.state or "", ",".join(row.techniques), row.target
