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
from heliograph.cli.packaging import told_to_all
from heliograph.cli.place import database
from heliograph.cli.report import STDOUT
from heliograph.model import Measurement, Outcome, VerdictRow
from heliograph.text import counted
from storage.ooni.writing import line_of
from storage.queries import RowQuery
from storage.store import Store

_EXACT = (
    "times, networks and addresses are exact, so whoever keeps a provider's logs can find the line"
    " a look was made from: the file is for you and those you trust; --coarse writes one for"
    " everybody"
)
_NAMED_AS_THEY_ARE = (
    "targets stand there as they are: before you publish the file, see whether one of them tells"
    " who you are (docs/guide/results.md)"
)
_MOST_IN_MEMORY = 32 * 1024 * 1024


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
    if wish.coarse and wish.address_unknown:
        why = "--coarse never writes what may hold your address; leave out --address-unknown"
        raise Stop(ExitCode.USAGE, why)
    if wish.json and wish.out == STDOUT:
        raise Stop(ExitCode.USAGE, "--json and the file both want stdout; choose another --out")
    if not wish.force and wish.out != STDOUT and (wish.out.exists() or wish.out.is_symlink()):
        raise Stop(
            ExitCode.CANNOT_WRITE, f"{wish.out} is there; choose another --out, or add --force"
        )
    left_out: Counter[str] = Counter()
    with Store.open_to_read(database(wish.db)) as store:
        require_known(wish.filters, store)
        lines = _lines(wish, store, query, left_out)
        first = next(lines, None)
        if first is None:
            raise Stop(ExitCode.INPUT_MISSING, nothing(left_out))
        with _opened(wish.out) as write:
            count = sum(1 for _ in map(write, chain((first,), lines)))
    _tell(wish, count, left_out)


def _lines(wish: Wish, store: Store, query: RowQuery, left_out: Counter[str]) -> Iterator[bytes]:
    """A line for each measurement that may be given away; the others are counted."""
    if wish.coarse:
        told = told_to_all(store, query, left_out)
        return _by_id((look.id, line_of(look, verdict)) for look, verdict in told)
    found = ((store.measurement(row.measurement_id), row) for row in store.rows(query))
    return _exact(wish, _here(store, found, left_out), left_out)


def _by_id(lines: Iterable[tuple[str, bytes]]) -> Iterator[bytes]:
    """The lines in the order of their ids: that in which they came tells which look was earlier."""
    places: list[tuple[str, int]] = []
    try:
        with tempfile.SpooledTemporaryFile(max_size=_MOST_IN_MEMORY) as heap:
            for identity, line in lines:
                places.append((identity, heap.tell()))
                heap.write(line + b"\n")
            for _, place in sorted(places):
                heap.seek(place)
                yield heap.readline()
    except OSError as error:
        why = f"{tempfile.gettempdir()}: {error.strerror}; make room there"
        raise Stop(ExitCode.CANNOT_WRITE, why) from error


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


def _exact(
    wish: Wish,
    found: Iterable[tuple[Measurement | None, VerdictRow]],
    left_out: Counter[str],
) -> Iterator[bytes]:
    """A line for each of those that may be given to somebody one trusts, the newest first."""
    giving = Giving(address_unknown=wish.address_unknown)
    for measurement, row in found:
        assert measurement is not None
        measured = measurement.outcome is Outcome.MEASURED
        why = giving.why_not(measurement) if measured else NO_EVIDENCE
        if why is not None:
            left_out[why] += 1
            continue
        yield line_of(measurement, row) + b"\n"


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
    say(_NAMED_AS_THEY_ARE if wish.coarse else _EXACT)
