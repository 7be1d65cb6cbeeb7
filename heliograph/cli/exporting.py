"""The ``export`` commands: stored results in the formats of others."""

import gzip
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import IO

import msgspec

from heliograph.cli.exits import ExitCode, Stop
from heliograph.cli.filters import Filters, require_known
from heliograph.cli.giving import IN_ARCHIVE, NO_EVIDENCE, Giving, in_words, nothing
from heliograph.cli.output import print_json, say
from heliograph.cli.place import database
from heliograph.cli.report import STDOUT
from heliograph.model import Measurement, Outcome, VerdictRow
from heliograph.text import counted
from storage.ooni.coarse import coarsened
from storage.ooni.writing import line_of
from storage.store import Store

_EXACT = (
    "times are exact to the second, so whoever keeps a provider's logs can find the line a look was"
    " made from; --coarse tells the hour alone"
)


@dataclass(frozen=True, slots=True)
class Wish:
    """What the user asked for."""

    db: str | None
    filters: Filters
    out: Path
    force: bool
    coarse: bool
    address_unknown: bool
    json: bool


class Exported(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="export"):
    """A file that was written."""

    path: str
    measurements: int
    left_out: dict[str, int]
    """How many of those asked for are not in it, and why."""


def export(wish: Wish) -> None:
    """Write the measurements; raises Stop when there is nothing to write, or no place for it."""
    query = wish.filters.query()
    if wish.json and wish.out == STDOUT:
        raise Stop(ExitCode.USAGE, "--json and the file both want stdout; choose another --out")
    if not wish.force and wish.out != STDOUT and (wish.out.exists() or wish.out.is_symlink()):
        raise Stop(
            ExitCode.CANNOT_WRITE, f"{wish.out} is there; choose another --out, or add --force"
        )
    left_out: Counter[str] = Counter()
    with Store.open_to_read(database(wish.db)) as store:
        require_known(wish.filters, store)
        found = ((store.measurement(row.measurement_id), row) for row in store.rows(query))
        lines = _lines(wish, _here(store, found, left_out), left_out)
        first = next(lines, None)
        if first is None:
            raise Stop(ExitCode.INPUT_MISSING, nothing(left_out))
        with _opened(wish.out) as write:
            count = sum(1 for _ in map(write, chain((first,), lines)))
    _tell(wish, count, left_out)


def _here(
    store: Store,
    found: Iterable[tuple[Measurement | None, VerdictRow]],
    left_out: Counter[str],
) -> Iterator[tuple[Measurement | None, VerdictRow]]:
    """Those whose steps are in the database; the others are counted."""
    for measurement, row in found:
        bare = measurement is not None and not measurement.steps
        if bare and store.retired.find(row.measurement_id) is not None:
            left_out[IN_ARCHIVE] += 1
        else:
            yield measurement, row


def _lines(
    wish: Wish,
    found: Iterable[tuple[Measurement | None, VerdictRow]],
    left_out: Counter[str],
) -> Iterator[bytes]:
    """A line for each measurement that may be given away; the others are counted."""
    giving = Giving(address_unknown=wish.address_unknown)
    for measurement, row in found:
        assert measurement is not None
        measured = measurement.outcome is Outcome.MEASURED
        why = giving.why_not(measurement) if measured else NO_EVIDENCE
        if why is not None:
            left_out[why] += 1
            continue
        told = coarsened(measurement) if wish.coarse else measurement
        yield line_of(told, row) + b"\n"


@contextmanager
def _opened(out: Path) -> Iterator[Callable[[bytes], object]]:
    """What writes to the file: whole in the end, or as it was before; for nobody else's eyes."""
    if out == STDOUT:
        yield sys.stdout.buffer.write
        sys.stdout.buffer.flush()
        return
    try:
        with tempfile.NamedTemporaryFile(
            dir=out.parent, prefix=".heliograph-", delete=False
        ) as plain:
            try:
                with _packed(plain, out) as file:
                    yield file.write
                plain.close()
                os.replace(plain.name, out)
            except BaseException:
                Path(plain.name).unlink(missing_ok=True)
                raise
    except OSError as error:
        raise Stop(
            ExitCode.CANNOT_WRITE, f"{out}: {error.strerror}; choose another --out"
        ) from error


def _packed(
    plain: IO[bytes], out: Path
) -> AbstractContextManager[IO[bytes]] | AbstractContextManager[gzip.GzipFile]:
    """Compressed when its name says so; without the time, which gzip else writes down."""
    if out.suffix != ".gz":
        return nullcontext(plain)
    return gzip.GzipFile(filename="", mode="wb", fileobj=plain, mtime=0)


def _tell(wish: Wish, count: int, left_out: Counter[str]) -> None:
    if wish.json:
        path = str(wish.out.resolve())
        print_json(Exported(path=path, measurements=count, left_out=dict(left_out)))
        return
    where = "written" if wish.out == STDOUT else f"in {wish.out.resolve()}"
    say(f"{counted(count, 'measurement')} {where}")
    if left_out:
        say(f"left out: {in_words(left_out)}")
    if count + left_out.total() == wish.filters.limit:
        say(f"of the newest {wish.filters.limit}; a larger --limit allows more")
    if not wish.coarse:
        say(_EXACT)
