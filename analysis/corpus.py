"""Measurements whose truth is known, kept so that changed rules can be tried on them.

Stored as JSON Lines, one ``Kept`` a line; whoever reads and writes the files hands over bytes.
"""

from collections.abc import Iterable

import msgspec

from analysis.accuracy import NO_VERDICT, Case
from heliograph.model import Measurement, Verdict


class Truth(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a measurement must be called."""

    state: str
    technique: str | None = None
    """The main one."""
    hop: int = 1
    """Where the interference is."""
    also: tuple[str, ...] = ()
    """Other verdicts that are right as well: a state, or a state and its main technique."""
    odd: str = ""
    """How an anomaly begins that must be recorded beside the verdict."""
    excuse: str = ""
    """The context flag that ``inconclusive`` must come with."""


class Kept(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A measurement made while a condition was staged, or just not."""

    row: str
    """The condition's name in the catalogue."""
    twin: bool = False
    """Made at the same places without the condition."""
    repeat: int
    truth: Truth
    measurement: Measurement

    def case(self, verdict: Verdict | None) -> Case:
        """What the verdict must be, and is."""
        return Case(
            condition=f"{self.row} without it" if self.twin else self.row,
            expected=self.truth.state,
            also=self.truth.also,
            got=NO_VERDICT if verdict is None else verdict.state,
            techniques=() if verdict is None else verdict.techniques,
            expected_technique=self.truth.technique,
            hop=None if verdict is None else verdict.hop,
            expected_hop=self.truth.hop,
            anomalies=() if verdict is None else verdict.anomalies,
            odd=self.truth.odd,
            context=self.measurement.context,
            excuse=self.truth.excuse,
            rules=() if verdict is None else tuple(fired.rule for fired in verdict.fired),
        )


def read(lines: bytes) -> list[Kept]:
    """What ``written`` wrote; raises msgspec.DecodeError."""
    return msgspec.json.Decoder(Kept).decode_lines(lines)


def written(kept: Iterable[Kept]) -> bytes:
    """The same for the same, whatever order it comes in."""
    in_order = sorted(kept, key=_place)
    return msgspec.json.Encoder(order="deterministic").encode_lines(in_order)


def _place(one: Kept) -> tuple[bool, str, int, str]:
    return one.twin, one.measurement.target.url, one.repeat, one.measurement.id
