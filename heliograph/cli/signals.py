"""Ending in good order: what SIGTERM and Ctrl-C do to a run, and how long that may take."""

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from types import FrameType

from heliograph.cli.exits import ExitCode, Terminated


@dataclass(frozen=True, slots=True)
class Manner:
    """How a signal ends a run: ``grace`` seconds for looks under way, and then ``patience``.

    Whatever does not end within both is left behind: a finished look is stored already, and the
    patience is for storing what was given up.
    """

    code: ExitCode
    grace: float
    patience: float
    error: type[BaseException]


MANNERS = {
    signal.SIGTERM: Manner(ExitCode.TERMINATED, 8.0, 1.5, Terminated),
    signal.SIGINT: Manner(ExitCode.INTERRUPTED, 0.5, 0.8, KeyboardInterrupt),
}
Work = Callable[[], Coroutine[None, None, None]]
_SHOW_CURSOR = "\x1b[?25h"


class Ending(AbstractContextManager["Ending"]):
    """While this is open, a signal ends a run in good order, and Ctrl-C after that at once."""

    def __init__(self) -> None:
        self.asked: Manner | None = None
        self._before: dict[signal.Signals, object] = {}
        self._stop: Callable[[Manner], None] | None = None
        self._timer: threading.Timer | None = None

    def __enter__(self) -> "Ending":
        for number in MANNERS:
            self._before[number] = signal.signal(number, self._heard)
        return self

    def __exit__(self, *raised: object) -> None:
        if self._timer is not None:
            self._timer.cancel()
        for number, before in self._before.items():
            signal.signal(number, before)  # type: ignore[arg-type]  # what signal gave is what it takes

    def run(
        self, work: Callable[[], Coroutine[None, None, None]], stop: Callable[[], None]
    ) -> None:
        """Do the work; on a signal call ``stop`` first, and cancel the work after its grace.

        Returns when the work is done or given up; ``asked`` says which.
        """
        try:
            asyncio.run(self._supervised(work, stop))
        except asyncio.CancelledError:
            if self.asked is None:
                raise
        finally:
            self._stop = None

    def each(self, steps: Iterator[object]) -> None:
        """Take the steps one after another; a signal ends that after the step under way."""
        stopped = False

        def stop() -> None:
            nonlocal stopped
            stopped = True

        async def work() -> None:
            for _ in steps:
                await asyncio.sleep(0)  # signals are heard between the turns of a loop alone
                if stopped:
                    return

        self.run(work, stop)

    def settle(self) -> None:
        """Raise what the signal stands for, if there was one."""
        if self.asked is not None:
            raise self.asked.error

    async def _supervised(self, work: Work, stop: Callable[[], None]) -> None:
        task, loop = asyncio.current_task(), asyncio.get_running_loop()
        assert task is not None

        def end(manner: Manner) -> None:
            stop()
            loop.call_later(manner.grace, task.cancel)

        def wake(manner: Manner) -> None:  # the handler may run between any two instructions
            loop.call_soon_threadsafe(end, manner)

        self._stop = wake
        await work()

    def _heard(self, number: int, frame: FrameType | None) -> None:
        manner = MANNERS[signal.Signals(number)]
        if self.asked is not None:
            if number == signal.SIGINT:
                _leave(manner.code)
            return
        if self._stop is None:
            raise manner.error
        self.asked = manner
        self._timer = threading.Timer(manner.grace + manner.patience, _leave, (manner.code,))
        self._timer.daemon = True
        self._timer.start()
        self._stop(manner)


def _leave(code: ExitCode) -> None:
    """End this process now; what was finished is on disk."""
    if sys.stderr.isatty():
        os.write(2, _SHOW_CURSOR.encode())
    os.write(
        2,
        b"heliograph: ended at once; what was finished is stored, and not what was under way:"
        b" its names may have been said\n",
    )
    os._exit(code)
