"""One of OONI's measurements, as JSON text, made ours; whatever the text is, one comes back."""

import hashlib
from collections.abc import Sequence

import msgspec

from heliograph.ids import id_of_new
from heliograph.model import Measurement, Outcome, Step, StepKind, Vantage
from heliograph.text import clean
from storage.ooni.names import is_plain, probe_of
from storage.ooni.odd import salvage
from storage.ooni.others import other_steps
from storage.ooni.own import record_of
from storage.ooni.shapes import MOST_STEPS, Document, Keys, is_object
from storage.ooni.values import (
    NO_TIME,
    address_of,
    asn_of,
    country_of,
    moment_of,
    second_of,
    target_of,
    version_of,
)
from storage.ooni.web import web_steps

_DOCUMENT = msgspec.json.Decoder(Document, strict=False)
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_WEB = "web_connectivity"
_NO_KEYS = "test_keys is empty: nothing was measured"
_NO_NAME = "$.test_name: is no name of a test ([a-z0-9_.-], 64 at most)"
_NO_SECONDS: float = next(
    field.default for field in msgspec.structs.fields(Measurement) if field.name == "seconds"
)
_VPN = b'"vpn"'
_TUNNEL = ("tunnel",)
"""Context: the program said that it measured through a VPN, or a resolver's answer says so
(analysis.surroundings)."""
_ANSWER_OF_A_TUNNEL = "benchmarking (RFC 2544)"
"""Why an address is no public one that programs for tunnels give to every name on their host."""


def read(line: bytes) -> Measurement:
    """The measurement in one JSON document; it has its id.

    What can't be read makes it ``broken``, with the reason; what could be read is kept. Bounded in
    time by the length of the text; never raises.
    """
    try:
        document = _DOCUMENT.decode(line)
        if document.test_keys is None and is_object(document.content):
            document = _DOCUMENT.decode(document.content)
        return _with_id(_measurement(document, line, ()))
    except _UNREADABLE:
        return _odd(line)


def unreadable(line: bytes, reason: str) -> Measurement:
    """The measurement that stands for a text nobody can make sense of."""
    return _with_id(_measurement(Document(), line, (reason,)))


def _odd(line: bytes) -> Measurement:
    found = salvage(line)
    return _with_id(_measurement(found.document, line, found.problems))


def _with_id(measurement: Measurement) -> Measurement:
    if measurement.id:
        return measurement
    return msgspec.structs.replace(measurement, id=id_of_new(measurement))


def _measurement(document: Document, line: bytes, problems: Sequence[str]) -> Measurement:
    keys = document.test_keys
    if keys is not None and is_object(keys.x_heliograph):
        own = record_of(keys.x_heliograph)
        if own is not None:
            return own
    steps = [] if keys is None else _steps(document, keys)
    if keys is None and not problems:
        problems = (_NO_KEYS,)
    if not is_plain(document.test_name):
        problems = (*problems, _NO_NAME)
    if len(steps) > MOST_STEPS:
        problems = (*problems, f"more than {MOST_STEPS} steps: the others are left out")
    return Measurement(
        probe=probe_of(document.test_name),
        probe_version=version_of(document.test_version),
        target=target_of(document.input),
        vantage=Vantage(
            country=country_of(document.probe_cc),
            asn=asn_of(document.probe_asn),
            network_name=clean(document.probe_network_name)[:255]
            if document.probe_network_name
            else None,
            source="ooni",
        ),
        started=moment_of(document.measurement_start_time, document.test_start_time),
        seconds=second_of(document.test_runtime) or _NO_SECONDS,
        outcome=Outcome.BROKEN if problems else Outcome.MEASURED,
        reason="; ".join(problems) or None,
        software=clean(f"{document.software_name or ''} {document.software_version or ''}").strip(),
        context=_context(document, steps),
        steps=tuple(steps[:MOST_STEPS]),
        source=_source(document, line),
    )


def _steps(document: Document, keys: Keys) -> list[Step]:
    system = _system(document)
    if document.test_name == _WEB:
        return web_steps(document, keys, target_of(document.input), system)
    return other_steps(keys, system)


def _system(document: Document) -> str:
    """How the system's resolver is called: by the address that others see it with, if known."""
    address = address_of(document.resolver_ip)
    if address is None or address == "127.0.0.1":
        return "system"
    asn = asn_of(document.resolver_asn)
    return f"system@{address} AS{asn}" if asn else f"system@{address}"


def _context(document: Document, steps: Sequence[Step]) -> tuple[str, ...]:
    if any(_ANSWER_OF_A_TUNNEL in s.detail for s in steps if s.kind is StepKind.DNS_QUERY):
        return _TUNNEL
    told = bytes(document.annotations)
    if _VPN not in told:
        return ()
    try:
        found = msgspec.json.decode(told, type=dict[str, object])
    except msgspec.DecodeError:
        return ()
    return _TUNNEL if found.get("network_type") == "vpn" else ()


def _source(document: Document, line: bytes) -> str:
    """Where it comes from: their report, and after ``#`` what not every copy of it tells.

    A text without a report, a moment and an input is told from others by its digest.
    """
    report = clean(document.report_id or "")[:255]
    if (
        not report
        and moment_of(document.measurement_start_time, document.test_start_time) is NO_TIME
    ):
        report = f"sha256:{hashlib.sha256(line.strip()).hexdigest()}"
    uid = clean(document.measurement_uid or "")[:255]
    return f"ooni:{report}#{uid}" if uid else f"ooni:{report}"


class _TheirKeys(msgspec.Struct):
    blocking: str | bool | None = None
    accessible: bool | None = None


class _Theirs(msgspec.Struct):
    test_keys: _TheirKeys | None = None


_THEIRS = msgspec.json.Decoder(_Theirs)


def theirs(line: bytes) -> str | None:
    """What OONI's probe made of a web_connectivity measurement; None when it says nothing.

    For comparison alone: it is no fact, and no part of the record.
    """
    try:
        keys = _THEIRS.decode(line).test_keys
    except _UNREADABLE:
        return None
    if keys is None or (keys.blocking is None and keys.accessible is None):
        return None
    if keys.blocking is False:
        return "accessible" if keys.accessible else "down"
    return None if keys.blocking in {None, True} else f"blocking: {clean(str(keys.blocking))[:32]}"
