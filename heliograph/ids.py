"""Ids that say nothing but what they name: the same record has the same id everywhere."""

import hashlib
from collections.abc import Iterable
from functools import cache
from uuid import UUID

import msgspec

from heliograph.model import Measurement

_HOUR = 3600


def measurement_id(measurement: Measurement) -> str:
    """UUIDv8 (RFC 9562, 5.8): 32 bits of the UTC hour it started, then SHA-256 of the record.

    The record is hashed without its id and with default values left out, so that fields added
    later do not change the ids of records that lack them. What stands in ``source`` after a ``#``
    is left out, too: not every copy of a published measurement tells it.
    """
    record = _plain(_nameless(measurement))
    return _id_from(measurement, msgspec.json.encode(record, order="deterministic"))


def id_of_new(measurement: Measurement) -> str:
    """The same id, much quicker, for a record made here and not read back.

    Every field that holds its default has to hold that very object: msgspec leaves it out by
    identity.
    """
    record = _nameless(measurement)
    return _id_from(measurement, msgspec.json.encode(record, order="sorted"))


def _nameless(measurement: Measurement) -> Measurement:
    origin = None if measurement.source is None else measurement.source.partition("#")[0]
    return msgspec.structs.replace(measurement, id="", source=origin)


def _id_from(measurement: Measurement, canonical: bytes) -> str:
    content = int.from_bytes(hashlib.sha256(canonical).digest()[:12], "big")
    hour = int(measurement.started.timestamp()) // _HOUR
    number = (hour & 0xFFFFFFFF) << 96 | content
    number = number & ~(0xF << 76) | 8 << 76
    number = number & ~(0x3 << 62) | 2 << 62
    return str(UUID(int=number))


def _plain(value: object) -> object:
    """Structs as mappings without the fields that equal their default.

    msgspec's own omission goes by identity, so a default that was read back from a database
    would be written out and change the id.
    """
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if not isinstance(value, msgspec.Struct):
        return value
    defaults = _defaults(type(value))
    return {
        name: _plain(held)
        for name in value.__struct_fields__
        if (held := getattr(value, name)) != defaults[name]
    }


@cache
def _defaults(kind: type[msgspec.Struct]) -> dict[str, object]:
    return {field.name: field.default for field in msgspec.structs.fields(kind)}


def with_id(measurement: Measurement) -> Measurement:
    """The measurement carrying its own id."""
    return msgspec.structs.replace(measurement, id=measurement_id(measurement))


def run_hash(config_digest: str, targets: Iterable[str], probes: Iterable[str]) -> str:
    """What makes two runs the same one: configuration, targets and probes, in any order."""
    parts = [config_digest, *sorted(set(targets)), "", *sorted(set(probes))]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
