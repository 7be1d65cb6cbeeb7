"""The visit itself in OONI's words: lookups, connections, handshakes, and when each happened.

Only what was done on the way a browser goes is written there, and the answers of trusted resolvers
beside it. A paired trial says the target's name to a stranger's server, on purpose: read as a part
of the visit, its wrong certificate would be taken for an interceptor's.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

import msgspec

from heliograph.detail import (
    DatagramDetail,
    DnsDetail,
    HttpDetail,
    TcpDetail,
    TlsDetail,
    read,
)
from heliograph.failure import NOT_ATTEMPTED, Failure
from heliograph.model import Role, Step, StepKind
from storage.ooni.own import UNREADABLE
from storage.ooni.writing_shapes import (
    Binary,
    ConnectStatus,
    Event,
    Handshake,
    TcpConnect,
)

D = TypeVar("D", DnsDetail, TcpDetail, TlsDetail, HttpDetail, DatagramDetail)

_OPERATIONS = {
    StepKind.TCP_CONNECT: ("connect",),
    StepKind.TLS_HANDSHAKE: ("tls_handshake_start", "tls_handshake_done"),
    StepKind.HTTP_EXCHANGE: ("http_transaction_start", "http_transaction_done"),
}


class Visited(msgspec.Struct, frozen=True, kw_only=True):
    """One step of the visit, and the number that ties it to others of its connection."""

    step: Step
    transaction: int

    @property
    def tags(self) -> tuple[str, ...]:
        """How many redirects led there (ts-017)."""
        return (f"depth={self.step.hop - 1}",)

    @property
    def ended(self) -> float:
        """Seconds from the measurement's beginning to the step's end."""
        return round(self.step.started + self.step.seconds, 6)

    @property
    def failure(self) -> str | None:
        """The failure in OONI's words."""
        return word_of(self.step.failure)

    @property
    def endpoint(self) -> str:
        """The peer, as OONI writes it."""
        return endpoint(self.step.address, self.step.port)

    def detail(self, shape: type[D]) -> D | None:
        """What was noted of it, or None."""
        return detail_of(self.step, shape)


def visit(steps: Iterable[Step]) -> tuple[Visited, ...]:
    """The steps OONI's keys are made of, in the order they began."""
    found: list[Visited] = []
    numbers: dict[object, int] = {}
    for place, step in enumerate(steps):
        if is_of_visit(step):
            key = _connection(step) if step.address and step.kind in _OPERATIONS else place
            number = numbers.setdefault(key, len(numbers) + 1)
            found.append(Visited(step=step, transaction=number))
    return tuple(found)


def is_of_visit(step: Step) -> bool:
    """Whether the step was made on the target's own way, and says something of the network."""
    carries_lookup = step.resolver is not None and step.kind is not StepKind.DNS_QUERY
    return (
        step.role is Role.TEST
        and step.pair is None
        and not carries_lookup
        and step.failure not in NOT_ATTEMPTED
    )


def _connection(step: Step) -> tuple[object, ...]:
    return step.hop, step.address, step.port, step.source_port


def word_of(failure: Failure | None) -> str | None:
    """The failure word as df-007 has it; words of our own are unknown there."""
    if failure is None or not failure.startswith("x_"):
        return failure and failure.value
    return f"{Failure.UNKNOWN_FAILURE.value}: {failure.value}"


def endpoint(address: str | None, port: int | None) -> str:
    """``address:port``, an IPv6 address in brackets; empty when there was no peer."""
    if address is None:
        return ""
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def detail_of(step: Step, shape: type[D]) -> D | None:
    """The step's detail; None where none was noted, or it can't be read."""
    if step.detail == "{}":
        return None
    try:
        return read(step, shape)
    except UNREADABLE:
        return None


def of_kind(steps: Iterable[Visited], kind: StepKind) -> Iterator[Visited]:
    """Those of one layer."""
    return (each for each in steps if each.step.kind is kind)


def with_detail(steps: Iterable[Visited], shape: type[D]) -> Iterator[tuple[Visited, D]]:
    """Those whose detail can be read, with it."""
    for each in steps:
        detail = each.detail(shape)
        if detail is not None:
            yield each, detail


def connects(steps: Iterable[Visited]) -> tuple[TcpConnect, ...]:
    """df-005."""
    return tuple(
        TcpConnect(
            ip=each.step.address,
            port=each.step.port,
            status=ConnectStatus(failure=each.failure, success=each.failure is None),
            t0=each.step.started,
            t=each.ended,
            tags=each.tags,
            transaction_id=each.transaction,
        )
        for each in of_kind(steps, StepKind.TCP_CONNECT)
        if each.step.address is not None and each.step.port is not None
    )


def handshakes(steps: Iterable[Visited]) -> tuple[Handshake, ...]:
    """df-006: certificates as far as they were kept, which is where they did not verify."""
    return tuple(
        _handshake(each, each.detail(TlsDetail) or TlsDetail())
        for each in of_kind(steps, StepKind.TLS_HANDSHAKE)
    )


def _handshake(each: Visited, detail: TlsDetail) -> Handshake:
    kept = (certificate.der for certificate in detail.chain)
    return Handshake(
        address=each.endpoint,
        cipher_suite=detail.cipher or "",
        failure=each.failure,
        negotiated_protocol=detail.alpn or "",
        peer_certificates=tuple(Binary(data=der) for der in kept if der is not None),
        server_name=each.step.sni or "",
        tls_version=detail.version or "",
        t0=each.step.started,
        t=each.ended,
        tags=each.tags,
        transaction_id=each.transaction,
    )


def events(steps: Sequence[Visited]) -> tuple[Event, ...]:
    """df-008: beginnings and ends. Single reads and writes are not on our record."""
    found = (event for each in steps for event in _events(each))
    return tuple(sorted(found, key=lambda event: event.t))


def _events(each: Visited) -> Iterator[Event]:
    operations = _OPERATIONS.get(each.step.kind, ())
    for place, operation in enumerate(operations):
        last = place == len(operations) - 1
        yield Event(
            operation=operation,
            t0=each.step.started,
            t=each.ended if last else each.step.started,
            address=each.endpoint,
            failure=each.failure if last else None,
            tags=each.tags,
            transaction_id=each.transaction,
        )
