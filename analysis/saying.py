"""One comparison in words, and the words that comparisons share."""

from collections.abc import Iterable
from dataclasses import dataclass

from analysis.evidence import Evidence
from heliograph.model import Side, Step, StepKind


@dataclass(frozen=True, slots=True)
class Said:
    """What it speaks for, a sentence, and the steps it rests on."""

    side: Side
    text: str
    steps: tuple[Step | None, ...]


def side_of(speaks_for: bool) -> Side:
    """For interference, or against it."""
    return Side.FOR if speaks_for else Side.AGAINST


def at(step: Step) -> str:
    """Where a step went."""
    return f"{step.address} port {step.port}"


def ended(failure: object) -> str:
    """How a resolver failed."""
    return "no word" if failure is None else str(failure)


def outcome(e: Evidence, step: Step) -> str:
    """What came of a step."""
    if step.failure is not None:
        return str(step.failure)
    status = e.http(step).status if step.kind is StepKind.HTTP_EXCHANGE else None
    return "answered" if status is None else f"answered, status {status}"


def places(addresses: Iterable[str]) -> str:
    """The first few of them."""
    found = sorted(addresses)
    more = f" and {len(found) - 4} more" if len(found) > 4 else ""
    return ", ".join(found[:4]) + more
