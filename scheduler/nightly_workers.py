"""Several processes that count a night's days beside one another; cells come to the same.

Days are divided among them, and a cell is of one day: what each counts depends on no other.
"""

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import pairwise

from heliograph.cell import Counted
from storage.engine import open_engine
from storage.looks import Change, StoredLooks


class DividedLooks:
    """Looks of a database, of which ``workers`` processes count the days; ``close`` ends them.

    Each opens the database at the ``location`` for itself, to read. The rest is asked in this
    process, of ``own``.
    """

    def __init__(self, own: StoredLooks, location: str, workers: int) -> None:
        self._own = own
        self._workers = workers
        # A process that is forked would let go of locks on the file that are held here.
        self._pool = ProcessPoolExecutor(
            workers, multiprocessing.get_context("spawn"), _begin, (location,)
        )

    def close(self) -> None:
        """End the processes, as soon as each has counted what it is at."""
        self._pool.shutdown(cancel_futures=True)

    def ruleset(self) -> int | None:
        """See ``Looks``."""
        return self._own.ruleset()

    def changes(self, first: str, last: str) -> dict[str, Change]:
        """See ``Looks``."""
        return self._own.changes(first, last)

    def newest_day(self, last: str) -> str | None:
        """See ``Looks``."""
        return self._own.newest_day(last)

    def cells(self, days: Sequence[str]) -> Iterator[Counted]:
        """See ``Looks``."""
        for some in self._pool.map(_count, shares(days, self._workers)):
            yield from map(Counted._make, some)


def shares(days: Sequence[str], workers: int) -> list[Sequence[str]]:
    """The days in as many rows of neighbours, as nearly of one length as can be; none is empty."""
    ends = [len(days) * n // workers for n in range(workers + 1)]
    return [days[first:past] for first, past in pairwise(ends) if first < past]


_looks: StoredLooks | None = None
"""Of a process that counts: what it counts."""


def _begin(location: str) -> None:
    global _looks  # noqa: PLW0603 - a process has one, and its pool no other way to give it
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever began the night ends it
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _looks = StoredLooks(open_engine(location, read_only=True))


def _end_with_parent() -> None:
    """Leave no process behind when the night is killed."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _count(days: Sequence[str]) -> list[tuple[object, ...]]:
    assert _looks is not None
    return [tuple(cell) for cell in _looks.cells(days)]
