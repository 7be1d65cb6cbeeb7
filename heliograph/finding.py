"""A finding: what series of counts say happened, since when, until when, and how sure that is."""

from enum import StrEnum

import msgspec

from heliograph.model import ConfidenceWord


class FindingType(StrEnum):
    """What happened; ``silence`` is told and never counted as blocking."""

    BLOCKING = "blocking"
    THROTTLING = "throttling"
    SHUTDOWN = "shutdown"
    SILENCE = "silence"


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """One series of a finding, with its own times (RFC 3339, UTC); an end of None is to come."""

    asn: int
    target: str
    probe: str
    onset: str
    end: str | None


class MethodChange(msgspec.Struct, frozen=True, kw_only=True):
    """Inside an episode the main technique became another one at this time."""

    at: str
    was: str = msgspec.field(name="from")
    now: str = msgspec.field(name="to")


class Finding(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="finding"):
    """One line of findings (docs/design.md, 4). Times are RFC 3339, UTC, and starts of buckets.

    The onset is the first bucket that was affected, the end the first that no longer was. Each lies
    between ``_from`` and ``_to``, with the uncertainty that docs/guide/detect.md states.
    """

    type: FindingType
    country: str
    asns: tuple[int, ...]
    targets: tuple[str, ...]
    probes: tuple[str, ...]
    techniques: tuple[str, ...]
    """The most frequent first."""
    onset: str
    onset_from: str
    onset_to: str
    end: str | None
    """None: it goes on as far as the data go."""
    end_from: str | None
    end_to: str | None
    confidence: float
    """0 to 1, to order findings by."""
    confidence_word: ConfidenceWord
    members: tuple[Member, ...]
    changes: tuple[MethodChange, ...] = ()
    witnesses: tuple[str, ...] = ()
    """Ids of measurements that show it, where the data name any."""
    explanation: str

    @property
    def place(self) -> tuple[object, ...]:
        """Where it stands among others: in order of onset, and of what it is about."""
        return (self.onset, self.country, self.type, self.targets, self.asns, self.probes)
