"""The ``report`` command: stored results as one page that needs nothing else to be read."""

import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec

from analysis.grounds import grounds
from analysis.surroundings import in_words
from heliograph.cli.exits import ExitCode, Stop
from heliograph.cli.filters import Filters, newest, require_known
from heliograph.cli.giving import IN_ARCHIVE
from heliograph.cli.output import print_json, say
from heliograph.cli.place import database, now
from heliograph.model import ADDRESS_UNKNOWN, SURROUNDINGS, Measurement, VerdictRow
from heliograph.pages.report import MARK, ReportEntry, render
from heliograph.text import counted
from storage.ooni.coarse import coarsened
from storage.packages.public import is_public
from storage.queries import RowQuery
from storage.store import Store

STDOUT = Path("-")
"""As a place to write to: the page goes to stdout."""
_TITLE = "Heliograph: what was found"
_BEGINNING = 1024


class Written(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="report"):
    """A report that was written."""

    path: str
    measurements: int
    complete: bool
    """Nothing was left out because of --limit."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What the user asked for."""

    db: str | None
    filters: Filters
    out: Path
    force: bool
    coarse: bool
    """For others: the hour alone."""
    json: bool


def write(wish: Wish) -> None:
    """Write the page; raises Stop when there is nothing to write, or the place is not ours."""
    query, out = wish.filters.query(), wish.out
    if wish.json and out == STDOUT:
        raise Stop(ExitCode.USAGE, "--json and --out - both want stdout; choose another --out")
    _require_ours(out, force=wish.force)
    with Store.open_to_read(database(wish.db)) as store:
        require_known(wish.filters, store)
        rows, cut = newest(store, query)
        gone = store.retired.among([row.measurement_id for row in rows])
        entries = [entry_of(store, row) for row in rows if row.measurement_id not in gone]
        beside = looks_around(store, entries)
    _require_some(entries, gone=len(gone))
    made = f"{now():%Y-%m-%d %H:%M} UTC"
    left_out = f"the newest {len(entries)}; older ones are left out" if cut else ""
    chosen = "; ".join(filter(None, (wish.filters.in_words(), left_out)))
    if wish.coarse:
        made = f"{made[:10]}; times tell the hour and no more"
        entries, beside = [_coarse(entry) for entry in entries], [coarsened(m) for m in beside]
    page = render(_TITLE, entries, made, chosen, beside)
    if out == STDOUT:
        sys.stdout.buffer.write(page.encode())
    else:
        replace(out, page)
    if wish.json:
        path = str(out.resolve())
        print_json(Written(path=path, measurements=len(entries), complete=not cut))
        return
    where = "this page" if out == STDOUT else str(out.resolve())
    say(f"{counted(len(entries), 'measurement')} in {where}")
    if cut:
        say(f"{left_out}, and --limit shows more")
    _warn(entries, coarse=wish.coarse)


def _require_some(entries: Sequence[ReportEntry], *, gone: int) -> None:
    """Say how many are left out for want of steps; raise Stop where no other is left."""
    if gone:
        say(f"left out: {counted(gone, 'measurement')} {IN_ARCHIVE}")
    if entries:
        return
    if gone:
        raise Stop(ExitCode.INPUT_MISSING, "nothing was written: all that matches was left out")
    raise Stop(
        ExitCode.INPUT_MISSING,
        "nothing matches, so nothing was written; leave out a filter, or make a measurement:"
        " heliograph run TARGET",
    )


def _coarse(entry: ReportEntry) -> ReportEntry:
    """The same without the minute, under an id that tells nothing of it."""
    measurement = coarsened(entry.measurement)
    row = msgspec.structs.replace(
        entry.row,
        measurement_id=measurement.id,
        started=f"{measurement.started:%Y-%m-%dT%H:%M:%SZ}",
    )
    return msgspec.structs.replace(entry, row=row, measurement=measurement)


def _warn(entries: Sequence[ReportEntry], *, coarse: bool) -> None:
    """What to know before the page is given to anybody."""
    unknown = sum(ADDRESS_UNKNOWN in entry.measurement.context for entry in entries)
    if unknown:
        say(
            f"in {unknown} of them the public address of this host was not known, so a page that"
            " prints its visitor's address is kept with it: look before you give this away"
        )
    if not coarse and any(not is_public(entry.measurement) for entry in entries):
        say("times are exact to the second: --coarse makes a page for others, with the hour alone")


def looks_around(store: Store, entries: Sequence[ReportEntry]) -> list[Measurement]:
    """The looks at the surroundings made while the runs of these measurements were under way.

    They belong to a run and to none of its targets, so filters leave none of them out.
    """
    shown = {entry.row.measurement_id for entry in entries}
    spans = store.runs.spans(shown)
    around = store.rows(RowQuery(probes=(SURROUNDINGS,)))
    rows = [row for row in around if _within(row, spans)]
    found = [store.measurement(row.measurement_id) for row in reversed(rows)]
    return [m for m in found if m is not None and m.id not in shown]


def _within(row: VerdictRow, spans: Sequence[tuple[datetime, datetime]]) -> bool:
    """Whether it began during one of these; measurements begin at a whole second."""
    began = datetime.fromisoformat(row.started)
    return any(start.replace(microsecond=0) <= began <= end for start, end in spans)


def entry_of(store: Store, row: VerdictRow) -> ReportEntry:
    """What the page needs to know of a row."""
    measurement = store.measurement(row.measurement_id)
    assert measurement is not None
    around = tuple(in_words(flag) for flag in row.context)
    compared = grounds(measurement, row.hop)
    return ReportEntry(row=row, measurement=measurement, surroundings=around, compared=compared)


def _require_ours(out: Path, *, force: bool) -> None:
    """Raise Stop when there is a file that is no report of ours, unless it may go."""
    if force or out == STDOUT or not (out.exists() or out.is_symlink()):
        return
    try:
        with out.open("rb") as file:
            beginning = file.read(_BEGINNING)
    except OSError as error:
        raise _cannot_write(out, error) from error
    if MARK.encode() not in beginning:
        raise Stop(
            ExitCode.CANNOT_WRITE,
            f"{out} is there and is no report of ours; choose another --out, or add --force",
        )


def replace(out: Path, page: str) -> None:
    """The whole page or what was there before, for nobody's eyes but the user's."""
    try:
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", dir=out.parent, prefix=".heliograph-", delete=False
        ) as file:
            try:
                file.write(page)
                file.close()
                os.replace(file.name, out)
            except BaseException:
                Path(file.name).unlink(missing_ok=True)
                raise
    except OSError as error:
        raise _cannot_write(out, error) from error


def _cannot_write(out: Path, error: OSError) -> Stop:
    return Stop(ExitCode.CANNOT_WRITE, f"{out}: {error.strerror}; choose another --out")
