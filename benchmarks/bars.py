"""Prints the figures of the issues' bars, each from a measurement made now: ``make bars``.

Exits with 1 when a bar is missed. Nothing is sent beyond loopback and the lab's own namespaces.
"""

import json
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.nightly import ENGINES as NIGHTS_ON

COMMAND = (sys.executable, "-m", "heliograph")
Bar = Callable[[], Iterator[tuple[str, str, bool]]]


def main() -> None:
    """Measure every bar and say which are missed."""
    missed = []
    for bar in BARS:
        for name, figure, holds in bar():
            print(f"{'ok  ' if holds else 'MISS'}  {name}: {figure}", flush=True)
            if not holds:
                missed.append(name)
    sys.exit(1 if missed else 0)


def rows_are_right() -> Iterator[tuple[str, str, bool]]:
    """Every row of the lab, 20 times, with its twin."""
    began = time.perf_counter()
    done = _run(*COMMAND, "lab", "run", "--all", "--repeat", "20", "--json")
    seconds = time.perf_counter() - began
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    for row in rows:
        right = row["right"] == row["repeats"] == 20 and row["twin"] == "ok"
        said = f" ({'; '.join(row['wrong'])})" if row["wrong"] else ""
        told = f"{row['right']}/{row['repeats']} {row['expected']}{said}, twin {row['twin']}"
        yield f"lab row {row['row']}", told, right
    yield "lab rows in all", str(len(rows)), len(rows) >= 25
    usual = seconds * 25 / max(len(rows), 1)
    yield "lab rows, seconds for 25 of them 20 times", f"{usual:.0f}", usual < 900


def judging_is_quick() -> Iterator[tuple[str, str, bool]]:
    """Measurements judged a second on one core, over the corpus (issue 5)."""
    told = json.loads(_run(sys.executable, "-m", "benchmarks.judge").stdout)
    pace = told["decoded_a_second"]
    yield "judging, measurements a second", str(pace), pace >= 5000
    yield "judging from stored JSON, measurements a second", str(told["stored_a_second"]), True


def weakened_rules_are_noticed() -> Iterator[tuple[str, str, bool]]:
    """Every weakened condition is noticed by a test (issue 5)."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.mutants"], capture_output=True, text=True, check=False
    )
    yield "mutants of the rules", done.stdout.strip().splitlines()[-1], done.returncode == 0


def demo_is_quick() -> Iterator[tuple[str, str, bool]]:
    """The demo once, from start to report."""
    with tempfile.TemporaryDirectory() as folder:
        seconds = _median(lambda: _run(*COMMAND, "demo", "--out", folder), runs=3)
    yield "demo, seconds (median of 3)", f"{seconds:.1f}", seconds < 60


def a_look_is_cheap() -> Iterator[tuple[str, str, bool]]:
    """What one look at the healthy https site of the demo cost, and what a dry run promises."""
    with tempfile.TemporaryDirectory() as folder:
        _run(*COMMAND, "demo", "--out", folder)
        with sqlite3.connect(f"{folder}/demo.sqlite") as connection:
            counted = connection.execute(
                "select s.kind, count(*) from api_v1_steps s join api_v1_measurements m"
                " using (measurement_id) where s.role != 'remote_control' and m.target = ?"
                " group by s.kind",
                ("https://secure.example/",),
            ).fetchall()
    steps = dict(counted)
    yield "TCP connections of one look", str(steps["tcp_connect"]), steps["tcp_connect"] <= 12
    yield "DNS queries of one look", str(steps["dns_query"]), steps["dns_query"] <= 40


def a_run_is_quick() -> Iterator[tuple[str, str, bool]]:
    """300 healthy and 20 dropped targets over 100 ms, control included."""
    told = json.loads(_run(sys.executable, "-m", "benchmarks.sweep").stdout)
    pace, memory = told["targets_per_minute"], told["peak_mebibytes"]
    yield "sweep, targets a minute", str(pace), pace >= 300
    yield "sweep, peak MiB", str(memory), memory < 200
    yield "sweep, verdicts equal to one at a time", str(told["equal"]), told["equal"]


def help_is_quick() -> Iterator[tuple[str, str, bool]]:
    """The bare command's help, as a whole process."""
    seconds = _median(lambda: _run(*COMMAND, "--help"), runs=11)
    yield "--help, milliseconds (median of 11)", f"{seconds * 1000:.0f}", seconds < 0.3


def sixty_targets_are_light() -> Iterator[tuple[str, str, bool]]:
    """Peak memory of a process that looks at 60 served targets, 32 at once."""
    done = _run(sys.executable, "-m", "benchmarks.sixty")
    told = json.loads(done.stdout)
    yield "60 targets, verdicts ok", f"{told['ok']}/60", told["ok"] == 60
    yield "60 targets, seconds", f"{told['seconds']:.1f}", True
    yield "60 targets, peak MiB", f"{told['mebibytes']:.0f}", told["mebibytes"] < 150


def kills_lose_nothing() -> Iterator[tuple[str, str, bool]]:
    """100 kills -9 at random moments of a run of 60 targets, each run then finished."""
    told = json.loads(_run(sys.executable, "-m", "benchmarks.kill").stdout)
    amid = told["kills_during_looks"]
    yield "kills -9 of a run", f"{told['kills']}, {amid} amid looks", told["kills"] == 100
    problems = "; ".join(told["problems"]) or "none"
    yield "kills -9: lost, doubled, damaged", problems, not told["problems"]


def nights_are_quick() -> Iterator[tuple[str, str, bool]]:
    """A night over ten million steps, a tenth of them late, on each engine (issue 8)."""
    for engine in NIGHTS_ON:
        done = _run(sys.executable, "-m", "benchmarks.nightly", "--engine", engine)
        _, large, growth = map(json.loads, done.stdout.splitlines())
        seconds, megabytes = large["night_seconds"], large["night_megabytes"]
        yield f"a night over 10 million steps on {engine}, seconds", str(seconds), seconds < 150
        yield "the same, MB", str(megabytes), megabytes < 2000
        times = large["aggregation_to_group_by"]
        yield "counting cells from an archive, times DuckDB's GROUP BY", str(times), times <= 3
        (more,) = growth.values()
        yield "a night over ten times as much takes times", str(more), more <= 12


def nights_show_whole_or_not() -> Iterator[tuple[str, str, bool]]:
    """A night killed a hundred times, on each engine (issue 8)."""
    for engine in NIGHTS_ON:
        done = _run(sys.executable, "-m", "benchmarks.kill_nightly", "--engine", engine)
        told = json.loads(done.stdout)
        half = str(len(told["problems"]))
        yield f"nights on {engine} killed, shown half", half, done.returncode == 0


def databases_are_quick() -> Iterator[tuple[str, str, bool]]:
    """Ten million steps loaded and looked up, on each engine (issue 7)."""
    told = json.loads(_run(sys.executable, "-m", "benchmarks.store").stdout)
    for engine, figures in told.items():
        slowest = max(figures["lookup_milliseconds"].values())
        said = f"{figures['rows_a_second']} rows a second, slowest look-up {slowest} ms"
        yield f"ten million steps on {engine}", said, figures["within_bars"]


def archives_are_whole() -> Iterator[tuple[str, str, bool]]:
    """A hundred kills -9 of each export, and of steps being left to an archive (issue 7)."""
    done = _run(sys.executable, "-m", "benchmarks.kill_export", "100")
    yield "exports of a package killed", done.stdout.strip(), done.returncode == 0
    done = _run(sys.executable, "-m", "benchmarks.kill_archive", "100")
    yield "exports of an archive killed", done.stdout.strip(), done.returncode == 0
    done = _run(sys.executable, "-m", "benchmarks.kill_retire")
    yield "retirements killed", done.stdout.strip(), done.returncode == 0


def databases_are_whole() -> Iterator[tuple[str, str, bool]]:
    """Loads, imports and migrations killed at random moments, on each engine (issue 7)."""
    told = json.loads(_run(sys.executable, "-m", "benchmarks.kill_store").stdout)
    yield "loads, imports, migrations killed", str(told), not told["problems"]


def questions_are_answered_soon() -> Iterator[tuple[str, str, bool]]:
    """The cookbook over ten million steps, on every engine (issue 8)."""
    done = _run(sys.executable, "-m", "benchmarks.cookbook", "--steps", "10000000")
    yield "cookbook", done.stdout.strip().splitlines()[-1], done.returncode == 0


def blocking_over_time_is_found() -> Iterator[tuple[str, str, bool]]:
    """Simulated fleets whose truth is known, ten of each kind, night after night (issue 8)."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, "accuracy.json")
        presets = ("default", "quiet", "liars")
        _run(*COMMAND, "lab", "evaluate", "--history", *presets, "--out", str(out))
        told = json.loads(out.read_text(encoding="utf-8"))["histories"]
    default, quiet, liars = told["presets"]
    for name in ("recall", "precision"):
        yield f"episodes, {name}", _share(default[name]), _rate(default[name]) >= 0.95
    held = default["onset_covered"]
    yield "onset's interval holds the truth", _share(held), _rate(held) >= 0.9
    for name, most in _MOST_OF_HISTORY.items():
        yield f"episodes, {name}", str(default[name]), default[name] <= most
    yield (
        "findings where nothing happened",
        str(quiet["false_findings"]),
        (quiet["false_findings"] <= 2 * len(quiet["seeds"])),
    )
    yield "lies above signal", str(liars["loud_lies"]), liars["loud_lies"] == 0
    pace = told["series_days_a_second"]
    yield "detection, series-days a second", str(pace), pace >= 100_000


_MOST_OF_HISTORY = {
    "delay_median": 2,
    "onset_width_median": 4,
    "end_error_median": 2,
    "findings_per_event": 1.5,
    "events_per_finding": 1.3,
}


def _rate(counted: dict[str, float]) -> float:
    return counted["right"] / counted["of"]


def _share(counted: dict[str, float]) -> str:
    return f"{counted['right']}/{counted['of']} = {100 * _rate(counted):.1f} %"


def a_slow_line_is_no_throttling() -> Iterator[tuple[str, str, bool]]:
    """A line that is slow for everybody, looked at 50 times by each probe (issue 9)."""
    rows = ("slow-line", "slow-line-web")
    done = _run(*COMMAND, "lab", "run", *rows, "--repeat", "50", "--json")
    for row in map(json.loads, done.stdout.splitlines()):
        told = f"{row['right']} of {row['repeats']} not called throttled"
        yield f"{row['row']} 50 times", told, row["right"] == row["repeats"] == 50


BARS: tuple[Bar, ...] = (
    rows_are_right,
    demo_is_quick,
    a_look_is_cheap,
    a_run_is_quick,
    help_is_quick,
    sixty_targets_are_light,
    kills_lose_nothing,
    judging_is_quick,
    weakened_rules_are_noticed,
    blocking_over_time_is_found,
    a_slow_line_is_no_throttling,
    nights_are_quick,
    nights_show_whole_or_not,
    databases_are_quick,
    databases_are_whole,
    archives_are_whole,
    questions_are_answered_soon,
)


def _median(action: Callable[[], object], runs: int) -> float:
    taken = []
    for _ in range(runs):
        began = time.perf_counter()
        action()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)


def _run(*command: str) -> "subprocess.CompletedProcess[str]":
    root = Path(__file__).parents[1]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)


if __name__ == "__main__":
    main()
