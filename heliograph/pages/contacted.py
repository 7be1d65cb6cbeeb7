"""Whom the measurements of a report contacted, and how much went there and came back."""

from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from heliograph.detail import DnsDetail, read
from heliograph.failure import Failure
from heliograph.model import SURROUNDINGS, Measurement, Role, Step, StepKind
from heliograph.text import for_terminal
from heliograph.usage import Usage, in_units, is_elsewhere, used

_NEVER_SENT = frozenset({Failure.X_ADDRESS_REFUSED, Failure.X_BUDGET_EXHAUSTED})
_OPENING = frozenset(
    {StepKind.TCP_CONNECT, StepKind.QUIC_HANDSHAKE, StepKind.DATAGRAM, StepKind.HOP_PROBE}
)


class Contact(msgspec.Struct, frozen=True, kw_only=True):
    """One place that something was sent to: what for, how often and how much."""

    place: str
    purpose: str
    times: int
    """Questions to a resolver, those that were sent again included; connections to others."""
    sent: str
    received: str


class _Key(NamedTuple):
    rank: int
    place: str
    purpose: str


def contacts(measurements: Iterable[Measurement]) -> list[Contact]:
    """Resolvers first, then controls, then all other hosts; each in the order of the alphabet."""
    found: dict[_Key, tuple[int, Usage]] = {}
    for measurement in measurements:
        around = measurement.probe == SURROUNDINGS
        for step in measurement.steps:
            if not is_elsewhere(step) and step.failure not in _NEVER_SENT:
                key = _key(step)
                if around:
                    key = key._replace(purpose=f"{SURROUNDINGS}: {key.purpose}")
                times, before = found.get(key, (0, Usage()))
                found[key] = times + _times(step), before + used([step])
    return [
        Contact(
            place=for_terminal(key.place, 120),
            purpose=for_terminal(key.purpose, 120),
            times=times,
            sent=in_units(usage.sent),
            received=in_units(usage.received),
        )
        for key, (times, usage) in sorted(found.items())
    ]


def _times(step: Step) -> int:
    """What is counted: questions, and connections that are not made for the sake of one.

    Over UDP a question that nobody answers is sent again, and each is a datagram that was sent.
    """
    if step.resolver is None:
        return int(step.kind in _OPENING)
    if step.kind is not StepKind.DNS_QUERY:
        return 0
    detail = None if step.detail == "{}" else read(step, DnsDetail)
    if detail is None or detail.transport != "udp":
        return 1
    return detail.sends if step.bytes_sent else 0


def _key(step: Step) -> _Key:
    """A connection and what was said over it are one contact."""
    if step.resolver is not None:
        return _Key(0, step.resolver, "asked for names")
    place = f"{_bracketed(step.address or 'no address')} port {step.port}"
    if step.role is Role.REMOTE_CONTROL:
        return _Key(1, place, f"control {step.host or ''}".rstrip() + ", asked to look, too")
    return _Key(2, place, f"in the name of {step.host}" if step.host else "without a name")


def _bracketed(address: str) -> str:
    return f"[{address}]" if ":" in address else address
