"""What a look cost: bytes sent and received from here, and how much that is in words."""

from collections.abc import Iterable

import msgspec

from heliograph.model import PAIR_ASKED, Role, Step, StepKind


class Usage(msgspec.Struct, frozen=True, kw_only=True):
    """Bytes over this host's sockets, above IP, TCP and UDP."""

    sent: int = 0
    received: int = 0

    @property
    def total(self) -> int:
        """Both ways together."""
        return self.sent + self.received

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(sent=self.sent + other.sent, received=self.received + other.received)


def used(steps: Iterable[Step]) -> Usage:
    """What these steps cost this host; what a control did in its own network cost it nothing."""
    ours = [step for step in steps if not is_elsewhere(step) and not _is_inside(step)]
    return Usage(
        sent=sum(step.bytes_sent for step in ours),
        received=sum(step.bytes_received for step in ours),
    )


def is_elsewhere(step: Step) -> bool:
    """Whether a control made this step, from its own network."""
    return step.role is Role.REMOTE_CONTROL and step.pair != PAIR_ASKED


def _is_inside(step: Step) -> bool:
    """A query over HTTPS travels in an exchange, which is a step and counted by itself."""
    return step.kind is StepKind.DNS_QUERY and (step.resolver or "").startswith("https://")


def in_units(count: int) -> str:
    """Bytes as a person reads them: ``812 bytes``, ``14.2 kB``, ``1.4 MB``."""
    if count < 1000:
        return "1 byte" if count == 1 else f"{count} bytes"
    amount, unit = count / 1000, "kB"
    for larger in ("MB", "GB"):
        if round(amount, 1) < 1000:
            break
        amount, unit = amount / 1000, larger
    return f"{amount:.1f} {unit}"


def both_ways(usage: Usage) -> str:
    """How much it was, and how much of it each way."""
    return (
        f"{in_units(usage.total)} (sent {in_units(usage.sent)},"
        f" received {in_units(usage.received)})"
    )
