"""The ``import`` commands: published measurements read, judged and kept."""

from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from analysis.judge import judge
from heliograph.cli.analyse import up_to_date
from heliograph.cli.exits import ExitCode, Stop, fail
from heliograph.cli.imported import Tally, row_of, tell
from heliograph.cli.output import print_json, say
from heliograph.cli.place import database_to_fill
from heliograph.cli.progress import Progress
from heliograph.cli.signals import Ending
from heliograph.model import Measurement, Outcome, Verdict
from heliograph.text import counted, for_terminal
from storage.imports import Judged, Unstorable
from storage.inputs import Document, files_in, opened, size_of
from storage.store import Store

_AT_ONCE, _BYTES_AT_ONCE = 500, 16 * 1024 * 1024
"""Measurements, and bytes of their documents, on disk at the same moment."""
_MOST_NAMED = 100
"""So many broken documents are named on stderr; with --json, every one is a line."""


class Format(Protocol):
    """What makes measurements of one project's documents."""

    def read(self, line: bytes) -> Measurement:
        """The measurement in a document, with its id; broken, if need be, and never an error."""

    def unreadable(self, line: bytes, reason: str) -> Measurement:
        """The measurement that stands for one nobody can read."""

    def theirs(self, line: bytes) -> str | None:
        """What the project itself made of it, in a word or two; None when it says nothing."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What the user asked for."""

    files: tuple[str, ...]
    db: str | None
    json: bool


class _Read(NamedTuple):
    """A measurement and where it came from."""

    place: str
    measurement: Measurement
    theirs: str | None
    size: int


def bring_in(wish: Wish, of: Format) -> None:
    """Read, judge and keep every document of the files.

    Leaves with 66 for a file that is not there, with 73 when the folder that was named for the
    database is not, with 65 when no measurement could be read, and as
    signals say, with what was done kept.
    """
    files = files_in(wish.files)
    with Ending() as ending, Store.open(database_to_fill(wish.db)) as store:
        up_to_date(store)
        work = _Import(store, of, json=wish.json)
        with closing(work.batches(files)) as batches:
            ending.each(batches)
        tell(work.tally.summed(len(files)), json=wish.json)
        if ending.asked is not None:
            say("the same command goes on, and passes quickly over what is stored")
        ending.settle()
    _require_any(work.tally)


class _Import:
    """One import under way."""

    def __init__(self, store: Store, of: Format, *, json: bool) -> None:
        self._store = store
        self._of = of
        self._json = json
        self.tally = Tally()

    def batches(self, files: Sequence[str]) -> Generator[None]:
        """Every batch as it has been kept."""
        with _Percent(size_of(files)) as percent:
            for name in files:
                with opened(name) as source:
                    for batch in _batches(map(self._made, source.documents())):
                        self._keep(batch)
                        percent.reach(source.consumed, self.tally.outcomes.total())
                        yield
                    percent.next_file(source.consumed)

    def _made(self, document: Document) -> _Read:
        place, text, problem = document
        if problem is not None:
            return _Read(place, self._of.unreadable(place.encode(), problem), None, 0)
        return _Read(place, self._of.read(text), self._of.theirs(text), len(text))

    def _keep(self, batch: Sequence[_Read]) -> None:
        known = self._store.imports.known(read.measurement.id for read in batch)
        judged = [Judged(read.measurement, judge(read.measurement)) for read in batch]
        new = [one for one in judged if one.measurement.id not in known]
        self.tally.known += len(batch) - self._stored(new)
        for read, one in zip(batch, judged, strict=True):
            self._tell(read, one.verdict)

    def _stored(self, new: Sequence[Judged]) -> int:
        """How many of these are dealt with now: stored, or told to be beyond storing."""
        try:
            return self._store.imports.keep(new) if new else 0
        except Unstorable as error:
            say(f"heliograph: {for_terminal(str(error))}")
            return error.new + len(error.why)

    def _tell(self, read: _Read, verdict: Verdict | None) -> None:
        self.tally.note(read.measurement, verdict, read.theirs)
        if self._json:
            print_json(row_of(read.measurement, verdict, read.place))
        if read.measurement.outcome is not Outcome.BROKEN:
            return
        broken = self.tally.outcomes[Outcome.BROKEN]
        if broken <= _MOST_NAMED:
            say(f"heliograph: {for_terminal(f'{read.place}: {read.measurement.reason}')}")
        elif broken == _MOST_NAMED + 1:
            say("heliograph: further broken ones are counted, and not named")


def _batches(found: Iterable[_Read]) -> Iterator[list[_Read]]:
    """So many at a time as fit into memory."""
    batch: list[_Read] = []
    size = 0
    for read in found:
        batch.append(read)
        size += read.size
        if len(batch) >= _AT_ONCE or size >= _BYTES_AT_ONCE:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _require_any(tally: Tally) -> None:
    """Leave with 65 when nothing at all was read."""
    if not tally.outcomes:
        raise Stop(ExitCode.BAD_INPUT, "the files hold no measurement")
    if tally.outcomes.total() == tally.outcomes[Outcome.BROKEN]:
        fail(ExitCode.BAD_INPUT, "none of the documents holds a measurement that can be read")


class _Percent:
    """How far an import is, in hundredths of the bytes there are."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._passed = 0
        self._reached = 0
        self._progress = Progress(100 if total else 0, "importing")

    def __enter__(self) -> "_Percent":
        self._progress.__enter__()
        return self

    def __exit__(self, *raised: object) -> None:
        self._progress.__exit__()

    def reach(self, consumed: int, measurements: int) -> None:
        """So many bytes of the file were read, and so many measurements found in all."""
        if not self._total:
            return  # of what comes on stdin nobody knows how much there is
        now = min(100, (self._passed + consumed) * 100 // self._total)
        self._progress.advance_by(now - self._reached, counted(measurements, "measurement"))
        self._reached = now

    def next_file(self, consumed: int) -> None:
        """The file is read to its end."""
        self._passed += consumed
