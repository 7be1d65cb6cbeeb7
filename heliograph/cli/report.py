"""The ``report`` command: stored results as one page that needs nothing else to be read."""

import os
import sys
import tempfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import msgspec

from analysis.grounds import grounds
from analysis.surroundings import in_words
from heliograph.cli.exits import ExitCode, Stop
from heliograph.cli.filters import Filters, require_known
from heliograph.cli.output import print_json, say
from heliograph.cli.place import database, now
from heliograph.model import SURROUNDINGS, Measurement, VerdictRow
from heliograph.pages.report import MARK, ReportEntry, render
from heliograph.text import counted
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


def write(db: str | None, filters: Filters, out: Path, *, force: bool, json: bool) -> None:
    """Write the page; raises Stop when there is nothing to write, or the place is not ours."""
    query = filters.query()
    if json and out == STDOUT:
        raise Stop(ExitCode.USAGE, "--json and --out - both want stdout; choose another --out")
    _require_ours(out, force=force)
    with Store.open_to_read(database(db)) as store:
        require_known(filters, store)
        entries = [entry_of(store, row) for row in store.rows(query)]
        beside = looks_around(store, entries)
    if not entries:
        raise Stop(
            ExitCode.INPUT_MISSING,
            "nothing matches, so nothing was written; leave out a filter, or make a measurement:"
            " heliograph run TARGET",
        )
    made = f"{now():%Y-%m-%d %H:%M} UTC"
    page = render(_TITLE, entries, made, filters.in_words(), beside)
    if out == STDOUT:
        sys.stdout.buffer.write(page.encode())
    else:
        replace(out, page)
    complete = len(entries) != query.limit
    if json:
        print_json(Written(path=str(out.resolve()), measurements=len(entries), complete=complete))
        return
    where = "this page" if out == STDOUT else str(out.resolve())
    say(f"{counted(len(entries), 'measurement')} in {where}")
    if not complete:
        say(f"the newest {len(entries)}; --limit shows more")


def looks_around(store: Store, entries: Sequence[ReportEntry]) -> list[Measurement]:
    """The looks at the surroundings made while the runs of these measurements were under way.

    They belong to a run and to none of its targets, so filters leave none of them out.
    """
    shown = {entry.row.measurement_id for entry in entries}
    spans = store.runs.spans(shown)
    rows = [row for row in store.rows(RowQuery(probe=SURROUNDINGS)) if _within(row, spans)]
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
