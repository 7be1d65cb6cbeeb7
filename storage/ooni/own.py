"""Our whole record beside OONI's keys, and how a reader knows that nothing of it was changed.

OONI's format has no place for what a step was for (role, pair, hop, standing), so the record goes
along under a key of its own. It carries its id, which is made from its content (heliograph.ids):
that finds damage and edits, and says nothing about who wrote it. The record for everybody
(storage.packages.public) is as whole as any other, and has no details.
"""

from datetime import timedelta

import msgspec

from heliograph.detail import (
    DatagramDetail,
    Detail,
    DnsDetail,
    HttpDetail,
    QuicDetail,
    SweepDetail,
    TcpDetail,
    TlsDetail,
)
from heliograph.ids import measurement_id
from heliograph.model import Measurement, Step, StepKind
from storage.ooni.names import WEB_CONNECTIVITY
from storage.packages.public import is_public

KEY = "x_heliograph"
"""Where it stands among the ``test_keys``; OONI's own tools keep those as they are."""

_SHAPES: dict[StepKind, type[Detail]] = {
    StepKind.DNS_QUERY: DnsDetail,
    StepKind.TCP_CONNECT: TcpDetail,
    StepKind.TLS_HANDSHAKE: TlsDetail,
    StepKind.QUIC_HANDSHAKE: QuicDetail,
    StepKind.HTTP_EXCHANGE: HttpDetail,
    StepKind.DATAGRAM: DatagramDetail,
    StepKind.HOP_PROBE: SweepDetail,
}
UNREADABLE = (msgspec.DecodeError, UnicodeError, RecursionError, OverflowError)
"""What a decoder raises for text that is not what was to be read."""

_NO_SHIFT = timedelta()
_MOST = {"hop": 2**31, "port": 2**16, "source_port": 2**16}
_MOST_BYTES = 2**63


class OwnRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A record and its id; the record itself holds none."""

    id: str
    record: Measurement


def carried(measurement: Measurement) -> OwnRecord:
    """The measurement as it travels under ``KEY``."""
    return OwnRecord(id=measurement.id, record=msgspec.structs.replace(measurement, id=""))


def record_of(raw: bytes | msgspec.Raw) -> Measurement | None:
    """The measurement in the JSON that stands under ``KEY``, exactly as it was stored.

    None when it is not whole: cut, edited, or of a version that knows more than this one. Never
    raises.
    """
    try:
        own = msgspec.json.decode(raw, type=OwnRecord)
        if not _storable(own.record) or measurement_id(own.record) != own.id:
            return None
        judged = not is_public(own.record) or own.record.probe == WEB_CONNECTIVITY
        for step in own.record.steps:
            _require_shape(step, judged=judged)
    except UNREADABLE:
        return None
    return msgspec.structs.replace(own.record, id=own.id)


def _storable(record: Measurement) -> bool:
    """Whether every number has room in a database; a forged record's may not."""
    if record.id or record.started.utcoffset() != _NO_SHIFT:
        return False
    numbers = (record.probe_version, record.target.port, record.vantage.asn)
    return all(0 <= n < 2**32 for n in numbers) and all(map(_step_storable, record.steps))


def _step_storable(step: Step) -> bool:
    small = ((getattr(step, name) or 0, most) for name, most in _MOST.items())
    amounts = step.bytes_sent, step.bytes_received
    return all(0 <= n < most for n, most in small) and all(0 <= n < _MOST_BYTES for n in amounts)


def _require_shape(step: Step, *, judged: bool) -> None:
    """Raise for a detail that whoever judges the record could not read; a lookup's says of what."""
    if step.detail != "{}" or (judged and step.kind is StepKind.DNS_QUERY):
        msgspec.json.decode(step.detail, type=_SHAPES[step.kind])
