"""``lab history`` and ``lab evaluate --history``: findings beside a truth that is known."""

import os
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from itertools import chain
from pathlib import Path

import msgspec

from analysis.accuracy import Rate
from analysis.accuracy_history import (
    HistoryAccuracy,
    Nights,
    Staged,
    Tally,
    day_of,
    history_accuracy,
    tallied,
)
from analysis.detection.detect import detect
from analysis.detection.nights import nights as nights_of
from analysis.detection.reading import read_table
from heliograph.cli.exits import ExitCode, Stop, fail
from heliograph.cli.output import print_json, say
from heliograph.cli.place import now, software
from heliograph.lab.history import COLUMNS, history, moment, truth, write
from heliograph.lab.history_shapes import PRESETS
from heliograph.text import counted

FIRST_SEED = 101
"""Seeds below were looked at while detection was written; these and later ones never."""
REPLAYED = ("default",)
"""Presets whose nights are replayed, one after the other: it takes a hundred times as long."""
_FIRST_NIGHT = 14
"""Nothing happens before, and with less history nobody could tell."""


class Histories(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="histories"):
    """How findings did on simulated histories: when, on which seeds, and what came of it."""

    made: date
    software: str
    seconds: float
    first_seed: int
    series_days_a_second: int
    """Of detection, on one core, the slowest history."""
    presets: tuple[HistoryAccuracy, ...]


class _Job(msgspec.Struct, frozen=True):
    """One history to be judged."""

    preset: str
    seed: int
    replay: bool


def write_history(preset: str, *, seed: int, out: Path) -> None:
    """Write one history; raises Stop where there is no such preset or it can't be written."""
    _require_known((preset,))
    made = history(PRESETS[preset], seed)
    try:
        series, told = write(made, out, preset, seed)
    except OSError as error:
        problem = f"{out}: {error.strerror}; choose another --out"
        raise Stop(ExitCode.CANNOT_WRITE, problem) from error
    happened = counted(sum(one.is_true for one in made.happened), "event")
    say(f"{counted(len(made.counts), 'series-day')} in {series}; {happened} to find in {told}")


def evaluate_histories(
    names: Sequence[str], *, seeds: int, nights: int, out: Path | None, json: bool
) -> None:
    """Simulate, detect, compare, print, and keep in ``out`` beside what is there.

    Leaves with 70 when a lie was told as more than a signal.
    """
    _require_known(names)
    began = time.monotonic()
    chosen = tuple(names) or tuple(PRESETS)
    jobs = [
        _Job(name, seed, name in REPLAYED and seed < FIRST_SEED + nights)
        for name in chosen
        for seed in range(FIRST_SEED, FIRST_SEED + seeds)
    ]
    tallies: dict[str, dict[int, Tally]] = {name: {} for name in chosen}
    speeds = []
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        for job, (tally, speed) in zip(jobs, pool.map(_judged, jobs), strict=True):
            tallies[job.preset][job.seed] = tally
            speeds.append(speed)
            if len(tallies[job.preset]) == seeds:
                say(f"{job.preset}: {counted(seeds, 'fleet')} judged")
    result = Histories(
        made=now().date(),
        software=software(),
        seconds=round(time.monotonic() - began, 1),
        first_seed=FIRST_SEED,
        series_days_a_second=round(min(speeds)),
        presets=tuple(history_accuracy(name, found) for name, found in tallies.items()),
    )
    if json:
        print_json(result)
    else:
        print("\n".join(in_words(result)))
    if out is not None:
        _keep(result, out)
    believed = [one.preset for one in result.presets if one.loud_lies]
    if believed:
        fail(ExitCode.OUR_BUG, f"lies were told as more than a signal: {', '.join(believed)}")


def _require_known(names: Iterable[str]) -> None:
    for name in names:
        if name not in PRESETS:
            problem = f"there is no preset {name}; there are {', '.join(PRESETS)}"
            raise Stop(ExitCode.USAGE, problem)


def _judged(job: _Job) -> tuple[Tally, float]:
    """One history beside what is found in it, and series-days that were judged in a second."""
    made = history(PRESETS[job.preset], job.seed)
    lines = (",".join(cells) + "\n" for cells in chain((COLUMNS,), made.rows()))
    table, _ = read_table(lines)
    staged = msgspec.convert(truth(made), list[Staged])
    last = moment(made.shape.days)
    began = time.process_time()
    found = detect(table)
    seconds = time.process_time() - began
    tally = tallied(staged, found, len(made.counts), last)
    if job.replay:
        heard, first = Nights(staged, last), day_of(moment(0))
        for night, known in nights_of(table, _FIRST_NIGHT):
            heard.hear(first + night, detect(known))
        tally = heard.close(tally)
    return tally, len(made.counts) / max(seconds, 1e-9)


_HEAD = (
    *("preset", "recall", "precision", "onset error", "held", "width", "end error"),
    *("findings/event", "events/finding", "false/1,000", "delay", "told"),
)


def in_words(result: Histories) -> Iterator[str]:
    """The evaluation as a table for a person."""
    rows = [_HEAD, *(_cells(one) for one in result.presets)]
    widths = [max(len(row[n]) for row in rows) for n in range(len(_HEAD))]
    for row in rows:
        yield "  ".join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
    yield f"detection: {result.series_days_a_second:,} series-days a second on one core"


def _cells(one: HistoryAccuracy) -> tuple[str, ...]:
    return (
        one.preset,
        _rate(one.recall),
        _rate(one.precision),
        _number(one.onset_error_mean),
        _rate(one.onset_covered),
        _number(one.onset_width_median),
        _number(one.end_error_median),
        _number(one.findings_per_event),
        _number(one.events_per_finding),
        f"{one.false_per_1000_series_days:.4f}",
        _number(one.delay_median),
        "-" if one.delay_told is None else _rate(one.delay_told),
    )


def _rate(rate: Rate) -> str:
    return "-" if rate.value is None else f"{rate.value:.3f} ({rate.right}/{rate.of})"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:g}"


def _keep(result: Histories, out: Path) -> None:
    """Write the result into a file of an evaluation, or a new one, under its own key.

    Presets that were not judged again stay as they were.
    """
    try:
        kept = msgspec.json.decode(out.read_bytes()) if out.exists() else {}
        before = kept.get("histories", {}).get("presets", [])
        told = {one["preset"]: one for one in (*before, *msgspec.to_builtins(result.presets))}
        kept["histories"] = msgspec.to_builtins(result) | {"presets": list(told.values())}
        out.write_bytes(msgspec.json.format(msgspec.json.encode(kept), indent=2) + b"\n")
    except OSError as error:
        problem = f"{out}: {error.strerror}; choose another --out"
        raise Stop(ExitCode.CANNOT_WRITE, problem) from error
    except (msgspec.DecodeError, TypeError, AttributeError) as error:
        problem = f"{out}: it is no evaluation; choose another --out"
        raise Stop(ExitCode.BAD_INPUT, problem) from error
    say(f"kept in {out}")
