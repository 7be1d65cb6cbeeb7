"""A look that is to be made, and what came of it."""

from dataclasses import dataclass

from heliograph.model import Hit, Measurement, Target, Verdict
from heliograph.plugin import Probe


@dataclass(frozen=True, slots=True)
class Look:
    """One target for one probe."""

    target: Target
    probe: Probe


@dataclass(frozen=True, slots=True)
class Finished:
    """What came of a look; the verdict is None when there is no evidence."""

    measurement: Measurement
    verdict: Verdict | None
    hits: tuple[Hit, ...] = ()
    """What the cool-down ledger learned since the look before."""
    is_second: bool = False
    """It was made once more, after the cool-down."""
