"""Watches a look for what residual censorship may do to it, and tells the ledger what it met."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace

from heliograph.detail import HttpDetail, TcpDetail, TlsDetail
from heliograph.failure import Failure, classify
from heliograph.model import ADDRESS_BUSY, PAIR_SWAP, RESIDUAL_POSSIBLE, Role
from heliograph.trace import OpenStep, Trace
from probes.net.connection import OpenConnection
from probes.net.ledger import STOPPED, Ledger, Place, Seen

SPOILED = STOPPED | {Failure.CONNECTION_REFUSED, Failure.TIMED_OUT}
"""How what follows a provocation may end: a RST to our SYN reads as refused."""

_PATIENCE = 1.0
"""Seconds within which a server that is well has answered."""

_OURS = frozenset({Role.CONTROL_BEFORE, Role.CONTROL_AFTER, Role.RESIDUAL_CHECK})


@dataclass(frozen=True, slots=True)
class _Failed:
    """A step that failed as a step after a provocation does."""

    step: OpenStep
    place: Place
    name: str | None
    seen: Seen
    is_test: bool


class Watch:
    """One look's view of the ledger."""

    def __init__(self, ledger: Ledger, trace: Trace) -> None:
        self._ledger = ledger
        self._trace = trace
        self._look = ledger.look()
        self._failed: list[_Failed] = []
        trace.catch_up = self.settle

    @contextmanager
    def connecting(self, step: OpenStep, made: OpenConnection) -> Iterator[None]:
        """While a connection is made: its end is noted.

        Nothing is said yet, so that even the same name, said by another look, can be to blame; and
        an address that took others' connections moments ago is not closed, but busy.
        """
        place = (made.address, made.port)
        try:
            with self._noting(step, made, made.host, self._look):
                yield
        except Exception:
            first = _is_test(made) and made.label.pair is None
            if first and self._ledger.lately_open(place):
                self._trace.flag(ADDRESS_BUSY)
            raise
        self._ledger.took_one(place)

    @contextmanager
    def saying(self, step: OpenStep, made: OpenConnection, name: str | None) -> Iterator[None]:
        """While a name is said over a connection."""
        if name is None:
            yield
            return
        saying = self._ledger.say((made.address, made.port), name, self._look)
        word: Failure | None = Failure.INTERRUPTED
        try:
            with self._noting(step, made, name, None):
                yield
            # A step is born interrupted, and reads so till it is closed, unless it was failed.
            word = None if step.failure is Failure.INTERRUPTED else step.failure
        except Exception as error:
            word = classify(error)
            raise
        finally:
            innocuous = made.label.role in _OURS and made.resolver is None
            self._ledger.ended(saying, word, counts=not innocuous)

    async def hear_out(self) -> None:
        """Wait a moment for names that would be to blame if nobody answered them."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_PATIENCE):
                while self._is_open():
                    await self._ledger.news()

    def settle(self, *, over: bool = False) -> None:
        """Flag the look, and mark its steps, where another name is to blame as far as is known.

        What a name met may be known only after others failed for it. Names that still wait for an
        answer count once the look is over.
        """
        for failed in list(self._failed):
            seen = replace(failed.seen, waiting=over)
            if failed.is_test and self._ledger.disturbed(failed.place, failed.name, seen):
                self._trace.flag(RESIDUAL_POSSIBLE)
            if self._ledger.lingers(failed.place, failed.name, seen):
                failed.step.amend(residual=True)
                self._failed.remove(failed)

    def _is_open(self) -> bool:
        """Names that still wait for an answer would make a difference."""
        self.settle()
        return any(
            self._ledger.lingers(each.place, each.name, each.seen)
            or (each.is_test and self._would_flag(each))
            for each in self._failed
        )

    def _would_flag(self, failed: _Failed) -> bool:
        known = RESIDUAL_POSSIBLE in self._trace.flags
        return not known and self._ledger.disturbed(failed.place, failed.name, failed.seen)

    @contextmanager
    def _noting(
        self, step: OpenStep, made: OpenConnection, name: str | None, look: int | None
    ) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            has_mark = isinstance(step.detail, TcpDetail | TlsDetail | HttpDetail)
            if has_mark and classify(error) in SPOILED:
                place = (made.address, made.port)
                seen = self._ledger.seen(place, look)
                self._failed.append(_Failed(step, place, name, seen, _is_test(made)))
                self.settle()
            raise


def _is_test(made: OpenConnection) -> bool:
    """The target's name is tried, at addresses thought to be its own."""
    label = made.label
    return label.role is Role.TEST and label.pair != PAIR_SWAP and made.resolver is None
