"""Residual censorship: a filter that was hit may stop whatever follows at that address for a while.

After the target's name was stopped an innocuous one is said to the same address. Where it is
answered, the filter keeps no memory (``stateless``), and what failed there failed by its own name;
where it fails as well, either the filter goes on (``residual``) or the server turns that name away.
"""

from collections.abc import Iterator

from analysis.conditions import stopped_on_path
from analysis.evidence import Evidence
from heliograph.failure import Failure
from heliograph.model import RESIDUAL_POSSIBLE, Role, Step, pair_at

BY_A_FILTER = frozenset(
    {Failure.CONNECTION_RESET, Failure.GENERIC_TIMEOUT_ERROR, Failure.EOF_ERROR}
)
"""How a filter ends what provoked it."""


def forgets(e: Evidence) -> bool | None:
    """Whether an innocuous name was answered where the target's had just been stopped.

    None where nothing was stopped as by a filter, or nobody looked.
    """
    after = _after(e)
    return None if after is None else _answered(e, after)


def may_be_spoiled(e: Evidence) -> bool:
    """An address that failed had just stopped another name, and nothing else shows a cause."""
    return cleared(e) is False


def cleared(e: Evidence) -> bool | None:
    """Whether no other name, said before at the same address, is to blame for what failed."""
    if e.reached or forgets(e) or stopped_on_path(e):
        return True
    failed = e.stopped is not None or bool(e.unconnected)
    return False if failed and RESIDUAL_POSSIBLE in e.measurement.context else None


def in_words(e: Evidence) -> Iterator[tuple[str, Step, bool]]:
    """What is known of it: a sentence, the step it rests on, and whether it excuses the failure."""
    after, failed = _after(e), e.stopped or next(iter(e.unconnected), None)
    if after is not None:
        if _answered(e, after):
            yield f"right after, {after.host} was answered there (stateless)", after, False
        else:
            told = "right after, {} failed there, too (residual, or turned away)"
            yield told.format(after.host), after, False
    if failed is not None and RESIDUAL_POSSIBLE in e.measurement.context:
        where = f"{failed.address} port {failed.port}"
        yield f"shortly before, another name had been stopped at {where}", failed, True


def _after(e: Evidence) -> Step | None:
    """How far the innocuous name came."""
    stopped = e.stopped
    if stopped is None or stopped.failure not in BY_A_FILTER:
        return None
    pair = pair_at(stopped.address, stopped.port)
    said = [
        step
        for step in e.measurement.steps
        if step.hop == e.hop and step.pair == pair and step.role is Role.CONTROL_AFTER
    ]
    return said[-1] if said else None


def _answered(e: Evidence, after: Step) -> bool:
    """A connection alone, which the name was never said over, is no answer."""
    return e.answered(e.same_address(after).control)
