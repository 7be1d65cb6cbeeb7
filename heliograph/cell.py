"""A cell of the daily table: what a day's looks of one target from one network come to."""

from typing import NamedTuple

INSUFFICIENT = "insufficient"
"""The state of a cell with fewer decided looks than ``LEAST_DECIDED``; of a silent day, too."""

LEAST_DECIDED = 3
"""So many looks that were ok, blocked or throttled a share needs."""

LOOKS_COUNTED = 8
"""Of one vantage no more looks than these are weighed in a cell, whatever it sent."""

NETWORK_COUNTED = 32
"""Nor more than these of all vantages of a network together."""

SHARE = 720_720
"""A vantage's whole vote in parts: whole numbers add up alike in any order, on any engine. Counts
up to 16 divide it."""


class Counted(NamedTuple):
    """A cell as an engine counts it; ``n_`` are plain counts, ``weighed_`` are capped ones."""

    day: str
    """UTC, ``2026-11-23``."""
    country: str
    asn: int
    target: str
    probe: str
    state: str
    technique: str | None
    n_measurements: int
    n_vantages: int
    n_ok: int
    n_blocked: int
    n_throttled: int
    n_restricted: int
    n_removed: int
    n_down: int
    n_inconclusive: int
    witness_id: str | None
    max_lag_seconds: int | None
    weighed_ok: int
    weighed_blocked: int
    weighed_throttled: int
    weighed_down: int
    weighed_inconclusive: int
    most_of_one: int
    """Looks of the vantage that made most."""
    vantages_against: int
    """Vantages that were mostly stopped or slowed."""
    vantages_through: int
    """Vantages that mostly got through."""
