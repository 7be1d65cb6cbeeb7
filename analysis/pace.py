"""How fast a page came under the target's name and under another, and whether that is chance.

A claim needs five pairs of trials in turns at one server. Of the ratios of their speeds the median
counts, with its exact bootstrap interval (Maritz & Jarrett 1978, J. Am. Stat. Assoc. 73:194): the
same steps give the same interval, and no chance is in it. A line that is slow for everybody slows
both halves down, and so does a server.
"""

from collections.abc import Iterable, Sequence
from math import comb
from statistics import median
from typing import NamedTuple

from heliograph.detail import HttpDetail, read
from heliograph.failure import NOT_ATTEMPTED, Failure
from heliograph.model import PACE, Role, Step, StepKind

LEAST_PAIRS = 5
LEAST_BYTES = 20_480
"""Of less nothing is said: the first bytes of a connection pass many a filter."""
_EVEN_PAIRS = 2
_FROZEN_PAIRS = 3
_SLOW, _SURELY = 0.5, 0.7
"""The median ratio is below the first, and the end of its interval below the second."""
_LEAST_SECONDS = 1.0
"""A trial that is over sooner shows the server's haste and not the line's."""
_LONG = 10.0
"""Seconds after which little is enough."""
_CUT_OFF = frozenset({Failure.GENERIC_TIMEOUT_ERROR, Failure.CONNECTION_RESET, Failure.EOF_ERROR})


class Half(NamedTuple):
    """The requests of one connection, under one name."""

    name: str
    bytes: int
    seconds: float
    status: int | None
    failure: Failure | None
    """How the last of them ended."""
    steps: tuple[Step, ...]

    @property
    def rate(self) -> float:
        """Bytes of body a second."""
        return self.bytes / max(self.seconds, 0.001)

    @property
    def frozen(self) -> bool:
        """The page began and never ended."""
        return self.failure in _CUT_OFF and self.bytes > 0


class Pair(NamedTuple):
    """The same page of the same server, under an innocuous name or none, and the target's."""

    control: Half
    target: Half

    @property
    def alike(self) -> bool:
        """The server gave the same thing under both names, and enough of it under the other."""
        return (
            self.control.status == self.target.status
            and self.control.failure is None
            and self.control.bytes >= LEAST_BYTES
        )

    @property
    def timed(self) -> bool:
        """Both halves tell a speed."""
        enough = self.target.bytes >= LEAST_BYTES or self.target.seconds >= _LONG
        return self.alike and self.target.failure is None and enough

    @property
    def ratio(self) -> float:
        """Speed under the target's name, as a part of that under the other."""
        return self.target.rate / self.control.rate


def pairs_of(steps: Iterable[Step], hop: int = 1) -> tuple[Pair, ...]:
    """The pairs of trials of one hop, in their order; halves that never were make none."""
    found: dict[str, tuple[list[Step], list[Step]]] = {}
    for step in steps:
        pair = step.pair or ""
        made = step.kind is StepKind.HTTP_EXCHANGE and step.failure not in NOT_ATTEMPTED
        if made and pair.startswith(PACE) and step.hop == hop:
            halves = found.setdefault(pair, ([], []))
            halves[step.role is Role.TEST].append(step)
    return tuple(
        Pair(_half(control), _half(target))
        for control, target in found.values()
        if control and target
    )


def _half(steps: Sequence[Step]) -> Half:
    details = [read(step, HttpDetail) for step in steps]
    return Half(
        name=steps[0].host or "",
        bytes=sum(detail.raw_bytes for detail in details),
        seconds=sum(step.seconds for step in steps),
        status=details[0].status,
        failure=steps[-1].failure,
        steps=tuple(steps),
    )


def slowed(pairs: Sequence[Pair]) -> bool:
    """The target's name alone makes the page slow, beyond chance."""
    timed = [pair for pair in pairs if pair.timed]
    if len(timed) < LEAST_PAIRS or median(p.target.seconds for p in timed) < _LEAST_SECONDS:
        return False
    ratios = [pair.ratio for pair in timed]
    return median(ratios) < _SLOW and median_interval(ratios)[1] < _SURELY


def even(pairs: Sequence[Pair]) -> bool:
    """The page is no slower under the target's name, and stops no more than under the other."""
    if any(pair.alike and pair.target.frozen for pair in pairs):
        return False
    ratios = [pair.ratio for pair in pairs if pair.timed]
    return len(ratios) >= _EVEN_PAIRS and max(ratios) >= _SURELY and median(ratios) >= _SLOW


def frozen(pairs: Sequence[Pair]) -> bool:
    """Under the target's name the page stops on its way, each time; under the other it arrives.

    A line on which it stopped under the other name, be it once, may lose what it likes.
    """
    if any(pair.control.failure is not None for pair in pairs):
        return False
    alike = [pair for pair in pairs if pair.alike]
    return len(alike) >= _FROZEN_PAIRS and all(
        pair.target.frozen and pair.target.bytes < pair.control.bytes for pair in alike
    )


def median_interval(values: Sequence[float], level: float = 0.95) -> tuple[float, float]:
    """The percentile bootstrap interval of the median, without drawing: of an odd number of values
    each resample's median is one of them, with a chance that is binomial. Of an even number the
    smallest and the largest are given."""
    order = sorted(values)
    count = len(order)
    if count % 2 == 0:
        return order[0], order[-1]
    tail = (1 - level) / 2
    low = next(n for n in range(count) if _median_up_to(n, count) > tail)
    high = next(n for n in range(count) if _median_up_to(n, count) >= 1 - tail)
    return order[low], order[high]


def _median_up_to(place: int, count: int) -> float:
    """The chance that a resample's median is one of the values up to this place (from 0)."""
    share = (place + 1) / count
    needed = count // 2 + 1
    return sum(
        comb(count, k) * share**k * (1 - share) ** (count - k) for k in range(needed, count + 1)
    )


def came_slowly(step: Step) -> bool:
    """A page came so slowly that it is worth asking whether its name is the cause."""
    detail = read(step, HttpDetail)
    if step.failure is not None or detail.raw_bytes < LEAST_BYTES:
        return False
    return step.seconds >= _WORTH_SECONDS and detail.raw_bytes / step.seconds < _WORTH_RATE


_WORTH_SECONDS, _WORTH_RATE = 1.5, 50_000.0


def kilobits(half: Half) -> float:
    """Its speed in kbit/s, as it is usually told."""
    return half.rate * 8 / 1000


def told(pairs: Sequence[Pair]) -> dict[str, str]:
    """Both speeds and the ratio with its interval, in words."""
    timed = [pair for pair in pairs if pair.timed]
    if not timed:
        return {"other": _other(pairs)}
    ratios = [pair.ratio for pair in timed]
    low, high = median_interval(ratios)
    slow = median(kilobits(pair.target) for pair in timed)
    fast = median(kilobits(pair.control) for pair in timed)
    return {
        "slow": f"{slow:,.0f}",
        "fast": f"{fast:,.0f}",
        "pairs": str(len(timed)),
        "part": f"{100 * median(ratios):.1f} % ({100 * low:.1f} to {100 * high:.1f})",
        "other": _other(pairs),
    }


def _other(pairs: Sequence[Pair]) -> str:
    """What was said instead of the target's name; an address was not sent as one."""
    half = pairs[-1].control
    named = half.name != (half.steps[0].address or "")
    return half.name if named else "no name at all"
