"""One line of Censored Planet's as a measurement of ours; whatever the text is, one comes back."""

import hashlib
from collections.abc import Callable

import msgspec

from heliograph.ids import with_id
from heliograph.model import Measurement, Outcome, Step, Target, Vantage
from heliograph.text import clean
from storage.censoredplanet import hyperquack, satellite
from storage.censoredplanet.moments import moment_of, seconds_between
from storage.censoredplanet.said import began, service_of
from storage.censoredplanet.shapes import Line, Opinion
from storage.ooni.values import NO_TIME, asn_of, country_of, target_of

SATELLITE, HYPERQUACK = "satellite", "hyperquack"
"""As the names of probes; no rule of ours is about what they do."""

SOURCE = "censoredplanet"
"""Whose measurement it is, and who says where the vantage is."""

_VERSION = 2
_LINE = msgspec.json.Decoder(Line, strict=False)
_OPINION = msgspec.json.Decoder(Opinion)
_UNREADABLE = (msgspec.DecodeError, UnicodeError, RecursionError, OverflowError)
_CHARACTERS = 200
_NAME = 255

NEITHER = "neither a Satellite nor a Hyperquack line of version 2"
NO_STEP = "speaks a protocol (echo, discard) that is no step of ours"
NO_TARGET = "tells how a vantage point is, and is about no target"

Steps = Callable[[Line], tuple[Step, ...]]


def read(line: bytes) -> Measurement:
    """The measurement in one line; it has its id.

    What can't be read makes it ``broken``, and what is about no target, or over no protocol of
    ours, ``skipped``; with the reason. Never raises.
    """
    line = line.strip()
    try:
        found = _LINE.decode(line)
        return with_id(_measurement(found, line))
    except _UNREADABLE as error:
        return unreadable(line, clean(f"{error}")[:_CHARACTERS])


def unreadable(line: bytes, reason: str) -> Measurement:
    """The measurement that stands for a text nobody can make sense of."""
    return with_id(_without_steps(Line(), line, Outcome.BROKEN, reason))


def theirs(line: bytes) -> str | None:
    """Whether Censored Planet calls it an anomaly, which it says is no claim of censorship."""
    try:
        told = _OPINION.decode(line)
    except _UNREADABLE:
        return None
    flat = told.no_response_in_measurement_matches_template
    found = flat if told.anomaly is None else told.anomaly
    return None if found is None else "anomaly" if found else "no anomaly"


def _measurement(found: Line, line: bytes) -> Measurement:
    if found.resolver_ip is not None:
        return _looked(found, SATELLITE, satellite.flat_steps)
    if found.server_ip is not None:
        return _quack(found, line, hyperquack.flat_steps)
    if found.vp is None:
        return _without_steps(found, line, Outcome.BROKEN, NEITHER)
    if found.test_url is None:
        return _without_steps(found, line, Outcome.SKIPPED, NO_TARGET)
    if found.service is not None:
        return _quack(found, line, hyperquack.nested_steps)
    return _looked(found, SATELLITE, satellite.nested_steps)


def _quack(found: Line, line: bytes, steps: Steps) -> Measurement:
    if service_of(found) is None:
        return _without_steps(found, line, Outcome.SKIPPED, NO_STEP)
    return _looked(found, HYPERQUACK, steps)


def _looked(found: Line, probe: str, steps: Steps) -> Measurement:
    first = began(found) if probe == HYPERQUACK else found.start_time
    moment = moment_of(first)
    made = steps(found)
    lasted = max((step.started + step.seconds for step in made), default=0.0)
    return Measurement(
        probe=probe,
        probe_version=_VERSION,
        target=_target(found, probe),
        vantage=_vantage(found),
        started=NO_TIME if moment is None else moment.replace(microsecond=0),
        seconds=round(seconds_between(moment, moment_of(found.end_time)) or lasted, 6),
        software=f"Censored Planet {probe.capitalize()} {_VERSION}",
        steps=made,
        source=_source(found),
    )


def _without_steps(found: Line, line: bytes, outcome: Outcome, reason: str) -> Measurement:
    """A line that is kept for what it is; its digest tells it from others."""
    moment = moment_of(found.start_time)
    return Measurement(
        probe=HYPERQUACK if found.service or found.server_ip else SATELLITE,
        probe_version=_VERSION,
        target=_target(found, HYPERQUACK),
        vantage=_vantage(found),
        started=NO_TIME if moment is None else moment.replace(microsecond=0),
        outcome=outcome,
        reason=reason,
        software="Censored Planet",
        source=f"{SOURCE}:sha256:{hashlib.sha256(line).hexdigest()}",
    )


def _target(found: Line, probe: str) -> Target:
    """The URL a browser would open for the name; in the clear where it was said in the clear."""
    name = found.test_url or found.domain
    if not name:
        return target_of(None)
    service = service_of(found) if probe == HYPERQUACK else None
    scheme = "https" if service is None else service[0]
    target = target_of(name if "://" in name else f"{scheme}://{name}")
    return msgspec.structs.replace(target, input=clean(name)[:2048])


def _vantage(found: Line) -> Vantage:
    nested = None if found.location is None else found.location.country_code
    name = found.resolver_as_full_name or found.server_as_full_name
    return Vantage(
        country=country_of(found.resolver_country or found.server_country or nested),
        asn=asn_of(found.resolver_asn or found.server_asn),
        network_name=clean(name)[:_NAME] if name else None,
        source=SOURCE,
    )


def _source(found: Line) -> str:
    """The scan it belongs to, as far as the line tells."""
    scan = clean(found.source or found.tag or "")[:_NAME]
    return f"{SOURCE}:{scan}"
