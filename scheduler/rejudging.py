"""Bringing a database to this version's ruleset: all is judged again, then shown."""

from collections.abc import Callable, Iterator

import msgspec

from analysis.judge import judge
from analysis.rules import RULESET_VERSION
from analysis.single import JUDGED
from heliograph.model import Measurement, Verdict
from storage.store import Store

_AT_ONCE = 200
"""Measurements in memory at the same time, and verdicts on disk at the same moment."""
_FRUITLESS = 2
"""Passes without anything new, one after another, before the switch is given up."""


class Rejudging:
    """Gives each stored measurement a verdict of this version's rules, batch by batch.

    Older verdicts stay as history, and those that are shown stay shown until ``switch``. Each
    batch is on disk before the next begins: harmless to repeat, to be interrupted and to be killed.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self.judged = 0
        self.unreadable: dict[str, str] = {}
        """By id, why a measurement can't be judged by this version."""
        self._unruled: set[str] = set()

    @property
    def seen(self) -> int:
        """How many measurements were looked at, each once."""
        return self.judged + len(self.unreadable) + len(self._unruled)

    @property
    def left(self) -> int:
        """How many measurements have no verdict of these rules, and may get one."""
        found = self._store.judging.left(RULESET_VERSION, JUDGED)
        return found - len(self.unreadable) - len(self._unruled)

    @property
    def unruled(self) -> frozenset[str]:
        """Those that no rule is about, as far as they were looked at."""
        return frozenset(self._unruled)

    def batches(self) -> Iterator[int]:
        """Judge what is left; after each batch, how many measurements it was."""
        after = ""
        while ids := self._store.judging.unjudged(RULESET_VERSION, _AT_ONCE, after, JUDGED):
            after = ids[-1]
            batch = self._store.judging.read(ids)
            verdicts = [verdict for one in batch.measurements if (verdict := self._judge(one))]
            self._store.judging.keep(verdicts)
            self.judged += len(verdicts)
            self.unreadable |= batch.unreadable
            yield len(ids)

    def switch(self) -> bool:
        """Show the verdicts of these rules; False, and nothing changes, while one is missing.

        What can't be judged by this version is not waited for, nor what no rule is about: it will
        show no verdict.
        """
        besides = self._unruled.union(self.unreadable)
        return self._store.judging.switch(RULESET_VERSION, besides, JUDGED)

    def _judge(self, measurement: Measurement) -> Verdict | None:
        try:
            verdict = judge(measurement)
            if verdict is None:
                self._unruled.add(measurement.id)
            return verdict
        except msgspec.MsgspecError as error:  # a detail in a shape this version does not know
            self.unreadable[measurement.id] = f"measurement {measurement.id}: {error}"
            return None


def is_behind(store: Store) -> bool:
    """Whether the verdicts shown are of older rules than these, or of none."""
    current = store.current_ruleset()
    return current is None or current < RULESET_VERSION


def bring_up_to_date(store: Store, heard: Callable[[int], None] = lambda _: None) -> Rejudging:
    """Judge what has no verdict of the current rules, and make these the ones that are shown.

    ``heard`` is told of each batch. Harmless to repeat, and to be interrupted: the switch comes
    last. A database of a newer version is left as it is, and so is one in which two passes found
    nothing new and one is missing still.
    """
    work = Rejudging(store)
    switched, fruitless = not is_behind(store), 0
    while not switched and fruitless < _FRUITLESS:  # again, if another process added some meanwhile
        before = work.seen
        for count in work.batches():
            heard(count)
        switched = work.switch()
        fruitless = fruitless + 1 if work.seen == before else 0
    return work
