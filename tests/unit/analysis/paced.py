"""Builds trials of how fast a page comes: pairs under an innocuous name and the target's."""

from collections.abc import Iterable

import msgspec

from heliograph.detail import HttpDetail, read
from heliograph.failure import Failure
from heliograph.model import PACE, Role, Step
from tests.unit.analysis.builders import CONTROL, HOST, http, tls, written

SIZE = 65_536
FAST, SLOW = 0.1, 4.1
"""Seconds that a trial takes."""


def half(
    number: int,
    seconds: float,
    *,
    name: str = HOST,
    size: int = SIZE,
    status: int | None = 200,
    failure: Failure | None = None,
) -> Step:
    """The request of one trial."""
    step = http(status, failure)
    detail = msgspec.structs.replace(read(step, HttpDetail), raw_bytes=size)
    return msgspec.structs.replace(
        step,
        host=name,
        role=Role.TEST if name == HOST else Role.CONTROL_BEFORE,
        pair=f"{PACE}{number}",
        seconds=seconds,
        failure=failure,
        detail=written(detail),
    )


def shaken(number: int, name: str) -> Step:
    """The handshake of one trial."""
    return msgspec.structs.replace(
        tls(),
        host=name,
        sni=name,
        role=Role.TEST if name == HOST else Role.CONTROL_BEFORE,
        pair=f"{PACE}{number}",
    )


def pair(number: int, target: float = SLOW, control: float = FAST) -> tuple[Step, ...]:
    """Both halves, by the seconds they took."""
    return (
        shaken(number, CONTROL),
        half(number, control, name=CONTROL),
        shaken(number, HOST),
        half(number, target),
    )


def trials(
    targets: Iterable[float] = (SLOW,) * 5, controls: Iterable[float] = (FAST,) * 5
) -> tuple[Step, ...]:
    """As many pairs as there are seconds."""
    both = zip(targets, controls, strict=True)
    return tuple(s for n, (one, other) in enumerate(both) for s in pair(n, one, other))


def cut(
    number: int, size: int = 16_384, failure: Failure = Failure.GENERIC_TIMEOUT_ERROR
) -> tuple[Step, ...]:
    """A pair in which the target's page stops on its way."""
    return (
        half(number, FAST, name=CONTROL),
        half(number, 10.0, size=size, failure=failure),
    )
