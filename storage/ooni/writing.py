"""A measurement of ours as one line in OONI's data format (df-000, version 0.2.0).

Of a measurement made public (storage.packages.public) the line tells no more than that does. Its
lists of evidence are empty, for every entry there names an address, an answer or a page; how the
visit failed, and the verdict, stand beside them, and what is left of the steps in our own record.
"""

from datetime import datetime

import msgspec

from heliograph.model import Measurement, StepKind
from heliograph.text import clean
from storage.ooni.names import WEB_CONNECTIVITY
from storage.ooni.own import carried
from storage.ooni.writing_control import control_failure, control_of
from storage.ooni.writing_dns import late_replies, queries
from storage.ooni.writing_http import requests
from storage.ooni.writing_shapes import Document, Keys, WebKeys
from storage.ooni.writing_steps import (
    Visited,
    connects,
    events,
    handshakes,
    of_kind,
    visit,
    word_of,
)
from storage.ooni.writing_verdict import Conclusion, accessible, blocking, judged
from storage.packages.public import is_public

WEB = "web"
"""The probe that fills the keys of web_connectivity; others keep their names."""

_EXTENSIONS = {"dnst": 0, "httpt": 0, "netevents": 0, "tcpconnect": 0, "tlshandshake": 0}
_UNKNOWN_RESOLVER = "127.0.0.2"
_LAYERS = (
    (StepKind.HTTP_EXCHANGE, "http_round_trip"),
    (StepKind.TLS_HANDSHAKE, "tls_handshake"),
    (StepKind.TCP_CONNECT, "connect"),
    (StepKind.DNS_QUERY, "resolve"),
)


def line_of(measurement: Measurement, verdict: Conclusion | None = None) -> bytes:
    """The measurement as JSON, with the verdict on it if there is one, without a line's end.

    It holds the evidence and nothing more of the host than that does. Never raises.
    """
    document = document_of(measurement, verdict)
    try:
        return msgspec.json.encode(document)
    except UnicodeEncodeError:  # a lone surrogate: JSON can't carry what the record holds
        return msgspec.json.encode(_cleaned(msgspec.to_builtins(document)))


def document_of(measurement: Measurement, verdict: Conclusion | None = None) -> Document:
    """The measurement in the shape of the format."""
    began = _written(measurement.started)
    name, _, version = measurement.software.rpartition(" ")
    test = WEB_CONNECTIVITY if measurement.probe == WEB else measurement.probe
    vantage = measurement.vantage
    return Document(
        annotations=_annotations(measurement),
        extensions=_EXTENSIONS,
        id=measurement.id,
        input=measurement.target.url,
        measurement_start_time=began,
        measurement_uid=measurement.id,
        options=(),
        probe_asn=f"AS{vantage.asn}",
        probe_cc=vantage.country,
        probe_network_name=vantage.network_name or "",
        report_id=_report_id(measurement, test),
        software_name=name or measurement.software,
        software_version=version if name else "",
        test_keys=_keys(measurement, verdict),
        test_name=test,
        test_runtime=measurement.seconds,
        test_start_time=began,
        test_version=f"{measurement.probe_version}.0.0",
    )


def _keys(measurement: Measurement, verdict: Conclusion | None) -> Keys:
    steps = visit(measurement.steps)
    told = () if is_public(measurement) else steps
    failure, operation = _furthest(steps)
    keys = Keys(
        failure=failure,
        failed_operation=operation,
        queries=queries(told),
        tcp_connect=connects(told),
        tls_handshakes=handshakes(told),
        requests=requests(told),
        network_events=events(told),
        x_dns_duplicate_responses=late_replies(told),
        x_heliograph=carried(measurement),
        x_heliograph_verdict=judged(verdict),
    )
    return _web(keys, measurement, verdict) if measurement.probe == WEB else keys


def _web(keys: Keys, measurement: Measurement, verdict: Conclusion | None) -> WebKeys:
    asked = [q for q in keys.queries if q.engine == "system" and "depth=0" in q.tags]
    found = any(query.answers for query in asked)
    return WebKeys(
        **{name: getattr(keys, name) for name in Keys.__struct_fields__},
        control=None if is_public(measurement) else control_of(measurement.steps),
        control_failure=control_failure(measurement.steps),
        dns_experiment_failure=None if found else next((q.failure for q in asked), None),
        http_experiment_failure=keys.failure,
        blocking=blocking(verdict),
        accessible=accessible(verdict),
        client_resolver=_UNKNOWN_RESOLVER,
    )


def _furthest(steps: tuple[Visited, ...]) -> tuple[str | None, str | None]:
    """How the visit failed in the last layer of its last hop, and what failed there.

    One address that works is enough: the others of that layer have not failed the visit.
    """
    last = max((each.step.hop for each in steps), default=1)
    there = [each for each in steps if each.step.hop == last]
    for kind, operation in _LAYERS:
        words = [each.step.failure for each in of_kind(there, kind)]
        if words:
            return (None, None) if None in words else (word_of(words[0]), operation)
    return None, None


def _annotations(measurement: Measurement) -> dict[str, str]:
    """What has no key of its own; every value is text there."""
    told = {
        "engine_name": "heliograph",
        "vantage_source": measurement.vantage.source,
        "context": " ".join(measurement.context),
        "platform": "" if measurement.stack is None else measurement.stack.system.lower(),
        "campaign": measurement.campaign or "",
        "source": measurement.source or "",
    }
    return {name: text for name, text in told.items() if text}


def _report_id(measurement: Measurement, test: str) -> str:
    """In the form of OONI's, one for each measurement: no collector of theirs gave it."""
    vantage = measurement.vantage
    began = f"{measurement.started:%Y%m%dT%H%M%SZ}"
    name = test.replace("_", "")
    own = measurement.id.replace("-", "")[8:]
    return f"{began}_{name}_{vantage.country}_{vantage.asn}_heliograph_{own}"


def _written(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}"


def _cleaned(value: object) -> object:
    """The same without what no JSON text may hold."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {clean(str(key)): _cleaned(held) for key, held in value.items()}
    return [_cleaned(item) for item in value] if isinstance(value, list | tuple) else value
