"""The ``lab`` commands: a small censored internet on this host, and what we make of it."""

import time
from collections.abc import Sequence

import msgspec

from heliograph.cli.exits import ExitCode, Stop
from heliograph.cli.loopback import on_loopback
from heliograph.cli.needing import require_for_the_lab
from heliograph.cli.output import print_json, say
from heliograph.cli.scores import Watch, print_results, require_right, results_of
from heliograph.lab.loopback import STAGED as ON_LOOPBACK
from heliograph.lab.netns import obstacle
from heliograph.lab.rehearsal import LabError, rehearse
from heliograph.lab.rehearsal import terminal as open_terminal
from heliograph.lab.row import Row
from heliograph.lab.rows import ROWS, named


class Listed(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="row"):
    """One row of the catalogue."""

    row: str
    meaning: str
    targets: tuple[str, ...]
    expected: str


def listing(*, json: bool) -> None:
    """Print the catalogue, and where it can't be staged what is left of it."""
    for row in ROWS:
        if json:
            print_json(
                Listed(
                    row=row.name, meaning=row.meaning, targets=row.targets, expected=row.expected
                )
            )
        else:
            print(f"{row.name:29} {row.meaning:62} {row.expected}")
    why = obstacle()
    if why is not None:
        say(f"heliograph: not to be staged on this host: {why}")
        say(f"heliograph: on loopback it can stage {', '.join(sorted(ON_LOOPBACK))}")


def run(names: Sequence[str], *, every: bool, repeat: int, json: bool) -> None:
    """Rehearse rows; leaves with 70 when a verdict is wrong or a condition was not there."""
    if every == bool(names):  # what takes minutes is asked for by its name
        raise Stop(
            ExitCode.USAGE,
            f"name rows, or --all for every one of {len(ROWS)}: 'heliograph lab list' shows them",
        )
    rows = chosen(names, every=every)
    why = obstacle()
    if why is not None:
        _fall_back(rows, repeat, why, json=json)
        return
    require_for_the_lab()
    began = time.monotonic()
    with Watch(rows, repeat) as watch:
        try:
            scores = rehearse(rows, repeat, None, watch.heard)
        except LabError as error:
            raise Stop(ExitCode.OUR_BUG, str(error)) from error
    results = results_of(scores)
    print_results(results, json=json)
    say(f"{len(results)} rows, {repeat} times, in {time.monotonic() - began:.0f} s")
    require_right(results)


def terminal(names: Sequence[str]) -> None:
    """A shell on the vantage of the lab, with these rows staged."""
    rows = chosen(names, every=False)
    why = obstacle()
    if why is not None:
        raise Stop(ExitCode.NOT_ALLOWED, why)
    require_for_the_lab()
    open_terminal(rows)


def chosen(names: Sequence[str], *, every: bool) -> tuple[Row, ...]:
    """The rows of these names, or all; raises Stop for a name there is not."""
    if every or not names:
        return ROWS
    try:
        return named(names)
    except ValueError as error:
        raise Stop(ExitCode.USAGE, str(error)) from error


def _fall_back(rows: Sequence[Row], repeat: int, why: str, *, json: bool) -> None:
    """What loopback can stage of it; the rest is named, and counts as not passed."""
    able = [row.name for row in rows if row.name in ON_LOOPBACK]
    unable = [row.name for row in rows if row.name not in ON_LOOPBACK]
    say(f"heliograph: on loopback instead: {why}")
    results = on_loopback(repeat, able).results if able else []
    if unable:
        say(f"heliograph: not staged: {', '.join(unable)}")
    print_results(results, json=json)
    require_right(results)
    if unable:
        raise Stop(ExitCode.NOT_ALLOWED, f"{len(unable)} rows can't be staged on this host")
