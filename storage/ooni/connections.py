"""OONI's connections and handshakes as our steps."""

from collections.abc import Mapping, Sequence

import msgspec

from heliograph.detail import Cause, TcpDetail, TlsDetail
from heliograph.failure import CERTIFICATE_FAILURES, Failure
from heliograph.model import Role, Step, StepKind
from heliograph.text import clean
from storage.ooni.certificates import chain_of
from storage.ooni.lookups import NOTHING_MORE, written
from storage.ooni.shapes import Connect, ConnectStatus, Event, Handshake, is_list, some
from storage.ooni.values import address_of, endpoint_of, hop_of, name_of, port_of, seconds_of
from storage.ooni.words import alert_in, word_of

Hosts = Mapping[int | str | None, str | None]
"""The name a step is about, by hop or by address, as far as anything tells."""

_EVENTS = msgspec.json.Decoder(list[Event], strict=False)


def connect_steps(connects: Sequence[Connect], hosts: Hosts, hop: int | None = None) -> list[Step]:
    """A step for each connection; ``hosts`` says what it was made for, by hop, or else address."""
    return [_connect_step(one, hosts, hop or hop_of(one.tags) or 1) for one in connects]


def _connect_step(connect: Connect, hosts: Hosts, hop: int) -> Step:
    failure, text = _outcome(connect.status)
    began, seconds = seconds_of(connect.t0, connect.t)
    address = address_of(connect.ip)
    return Step(
        kind=StepKind.TCP_CONNECT,
        role=Role.TEST,
        hop=hop,
        host=hosts.get(hop) or hosts.get(address),
        address=address,
        port=port_of(connect.port),
        started=began,
        seconds=seconds,
        failure=failure,
        detail=NOTHING_MORE if text is None else written(TcpDetail(cause=_said(text))),
    )


def _outcome(status: ConnectStatus | None) -> tuple[Failure | None, str | None]:
    """How it failed; nothing said of it is not the same as success."""
    if status is None:
        return Failure.INTERRUPTED, None
    failed_somehow = status.success is False and not status.failure
    return word_of(True) if failed_somehow else word_of(status.failure)


def connects_among(events: msgspec.Raw, hosts: Hosts) -> list[Step]:
    """The connections among the events of a program that lists them nowhere else."""
    if not is_list(events):
        return []
    try:
        found = _EVENTS.decode(events)
    except msgspec.DecodeError:
        return []
    made = [e for e in found if e.operation == "connect" and e.proto != "udp"]
    return [_event_step(event, hosts) for event in some(made)]


def _event_step(event: Event, hosts: Hosts) -> Step:
    failure, text = word_of(event.failure)
    began, seconds = seconds_of(event.t0, event.t)
    address, port = endpoint_of(event.address)
    return Step(
        kind=StepKind.TCP_CONNECT,
        host=hosts.get(address),
        address=address,
        port=port,
        started=began,
        seconds=seconds,
        failure=failure,
        detail=NOTHING_MORE if text is None else written(TcpDetail(cause=_said(text))),
    )


def handshake_steps(
    handshakes: Sequence[Handshake],
    hosts: Hosts,
    hop: int | None = None,
    kind: StepKind = StepKind.TLS_HANDSHAKE,
) -> list[Step]:
    """A step for each handshake."""
    return [_handshake_step(one, hosts, hop or hop_of(one.tags) or 1, kind) for one in handshakes]


def _handshake_step(shaken: Handshake, hosts: Hosts, hop: int, kind: StepKind) -> Step:
    failure, text = word_of(shaken.failure)
    began, seconds = seconds_of(shaken.t0, shaken.t)
    address, port = endpoint_of(shaken.address)
    named = name_of(shaken.server_name)
    chain = chain_of(shaken.peer_certificates, keep_der=failure is not None)
    alert = alert_in(text)
    completed = failure is None or (failure in CERTIFICATE_FAILURES and bool(chain))
    unchecked = shaken.no_tls_verify is True
    detail = TlsDetail(
        version=_short(shaken.tls_version),
        cipher=_short(shaken.cipher_suite),
        alpn=_short(shaken.negotiated_protocol),
        completed=completed,
        server_spoke=completed or alert is not None,
        alert=alert,
        chain=chain,
        verification="not checked by the program that measured" if unchecked else None,
        cause=None if text is None else _said(text),
    )
    return Step(
        kind=kind,
        role=Role.TEST,
        pair=_UNCHECKED if unchecked else None,
        hop=hop,
        host=named or hosts.get(hop) or hosts.get(address),
        address=address,
        port=port,
        sni=None if address_of(named) else named,
        started=began,
        seconds=seconds,
        failure=failure,
        detail=written(detail),
    )


_UNCHECKED = "unchecked"
"""The pair of a handshake in which nobody looked at the certificate: it proves no name."""


def _short(text: str | None) -> str | None:
    return clean(text)[:64] if text else None


def _said(text: str) -> Cause:
    return Cause(type="ooni", text=clean(text))
