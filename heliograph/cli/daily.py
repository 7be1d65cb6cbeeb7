"""Work that is done a day at a time: its progress, and how a signal ends it."""

from collections.abc import Generator, Iterator
from typing import Protocol, TypeVar

from heliograph.cli.output import say
from heliograph.cli.progress import Progress
from heliograph.cli.signals import Ending
from heliograph.text import counted


class Day(Protocol):
    """A day that was done."""

    @property
    def day(self) -> str:
        """Which, ``2026-11-23``."""
        ...

    @property
    def left(self) -> int:
        """Days still to do."""
        ...


AnyDay = TypeVar("AnyDay", bound=Day)


def each_day(ending: Ending, days: Generator[AnyDay], doing: str, done: str) -> list[AnyDay]:
    """Do the days one after another; ``doing`` and ``done`` are the work in a word.

    A signal ends it after the day under way; what is left is said, and the signal raised.
    """
    found: list[AnyDay] = []
    ending.each(_noted(days, found, doing))
    if ending.asked is not None and found and found[-1].left:
        left = counted(found[-1].left, "day")
        say(f"{counted(len(found), 'day')} {done}, {left} left: the same command goes on")
    ending.settle()
    return found


def _noted(days: Generator[AnyDay], found: list[AnyDay], doing: str) -> Iterator[None]:
    progress: Progress | None = None
    try:
        for one in days:
            found.append(one)
            if progress is None:
                progress = Progress(one.left + 1, doing).__enter__()
            progress.advance_by(1, one.day)
            yield
    finally:
        days.close()  # left half way, it describes what was done
        if progress is not None:
            progress.__exit__()
