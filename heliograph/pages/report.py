"""A report of results as one self-contained HTML page that works without JavaScript."""

from collections.abc import Callable, Sequence
from functools import cache

import msgspec
from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from heliograph.detail import (
    DnsDetail,
    HttpDetail,
    QuicDetail,
    SweepDetail,
    TcpDetail,
    TlsDetail,
    read,
)
from heliograph.model import Ground, Measurement, Step, StepKind, VerdictRow
from heliograph.pages.contacted import contacts
from heliograph.pages.digest import digest, moment, place_of
from heliograph.pages.expected import LEGEND, expected
from heliograph.pages.published import NOT_PUBLISHED, data_used, is_unpublished
from heliograph.text import counted, for_terminal
from heliograph.usage import is_elsewhere

MARK = '<meta name="generator" content="Heliograph report">'
"""Stands near the beginning of every report."""

_COLOURS = {
    "ok": "good",
    "blocked": "bad",
    "throttled": "bad",
    "restricted": "warn",
    "removed": "warn",
    "down": "warn",
}


class ReportEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One measurement as the report shows it."""

    row: VerdictRow
    measurement: Measurement
    surroundings: tuple[str, ...] = ()
    """What the network around did to every target, in words."""
    compared: tuple[Ground, ...] = ()
    """What was compared, in the order of the way."""


class Bar(msgspec.Struct, frozen=True, kw_only=True):
    """One step of the evidence on a time axis; ``left`` and ``width`` in percent."""

    number: int
    """Its place in the record: ``number`` in api_v1_steps."""
    hop: int
    elsewhere: bool
    """A control made it, from its own network."""
    what: str
    where: str
    role: str
    outcome: str
    failed: bool
    """It failed, and not as it had to (``heliograph.pages.expected``)."""
    left: float
    width: float
    when: str
    """The same as the bar says, in words."""
    note: str


def render(
    title: str,
    entries: Sequence[ReportEntry],
    made: str,
    chosen: str = "",
    beside: Sequence[Measurement] = (),
) -> str:
    """The page; every text in it is escaped, whatever a network put there.

    ``chosen`` says which of the stored results these are, when it is not all of them; ``beside``
    are the looks at the surroundings that their runs made: not shown, and counted.
    """
    measurements = [entry.measurement for entry in entries]
    return _template().render(
        mark=MARK,
        title=title,
        made=made,
        chosen=chosen,
        digest=digest([e.row for e in entries], measurements, beside),
        contacts=contacts([*measurements, *beside]),
        beside=[(m.id, f"{m.started:%Y-%m-%d %H:%M:%S} UTC") for m in beside],
        legend=LEGEND,
        entries=[_shown(entry) for entry in entries],
    )


def _shown(entry: ReportEntry) -> dict[str, object]:
    row = entry.row
    return {
        "row": row,
        "tone": _COLOURS.get(row.state or "", "none"),
        "state": row.state or row.outcome,
        "sentence": row.explanation or _first_line(row.reason),
        "moment": moment(row.started),
        "place": place_of(row),
        "data_used": data_used(entry.measurement),
        "surroundings": entry.surroundings or row.context,
        "compared": entry.compared,
        "bars": bars(entry.measurement),
    }


def bars(measurement: Measurement) -> list[Bar]:
    """The steps of a measurement on its own time axis: hop by hop, the control's after ours."""
    as_it_must = expected(measurement)
    whole = max([s.started + s.seconds for s in measurement.steps], default=0.0) or 1.0
    laid_out = [
        Bar(
            number=number,
            hop=step.hop,
            elsewhere=is_elsewhere(step),
            what=step.kind.replace("_", " "),
            where=for_terminal(_where(step), 90),
            role=step.role.replace("_", " "),
            outcome=as_it_must.get(number) or step.failure or "ok",
            failed=step.failure is not None and number not in as_it_must,
            left=round(100 * step.started / whole, 2),
            width=max(0.4, round(100 * step.seconds / whole, 2)),
            when=_when(measurement, step),
            note=for_terminal(note(step, timed=measurement.source is None), 160),
        )
        for number, step in enumerate(measurement.steps)
    ]
    return sorted(laid_out, key=lambda bar: (bar.hop, bar.elsewhere))


def _when(measurement: Measurement, step: Step) -> str:
    if not is_unpublished(measurement, step.seconds):
        return f"{step.started:.2f} to {step.started + step.seconds:.2f} s"
    return f"{step.started:.2f} s, its length {NOT_PUBLISHED}" if step.started else NOT_PUBLISHED


def note(step: Step, *, timed: bool = True) -> str:
    """What a reader wants to know of a step beyond its failure word.

    Where it is not ``timed``, a moment of zero is none.
    """
    if step.detail == "{}":  # cut off before anything was written down
        return ""
    if step.kind is StepKind.DNS_QUERY:
        return _dns_note(read(step, DnsDetail), timed=timed)
    told = _NOTES.get(step.kind)
    return "" if told is None else told(step)


def _dns_note(detail: DnsDetail, *, timed: bool) -> str:
    told = [
        f"{', '.join(a.value for a in reply.answers) or reply.rcode or reply.problem}"
        + (f" after {reply.after * 1000:.0f} ms" if timed or reply.after else "")
        for reply in detail.replies
    ]
    return f"{detail.query_type}: {'; then '.join(told) or 'no reply'}"


def _tls_note(detail: TlsDetail) -> str:
    parts = [detail.version or "", detail.verification or ""]
    if detail.alert is not None:
        parts.append(f"alert {detail.alert}")
    if detail.injected is not None:
        parts.append(f"not TLS: {detail.injected[:60]}")
    return ", ".join(part for part in parts if part)


def _quic_note(detail: QuicDetail) -> str:
    parts = [_tls_note(detail)]
    if detail.offered is not None:
        spoken = ", ".join(detail.versions) or "nothing"
        parts.append(f"offered version {detail.offered}, told {spoken}")
    if detail.close_code is not None:
        parts.append(f"closed with code {detail.close_code}")
    if detail.contradicted:
        parts.append("completed all the same")
    if detail.follow_ups:
        parts.append(f"{detail.answered} of {detail.follow_ups} follow-ups answered")
    if detail.status is not None:
        parts.append(f"status {detail.status}")
    return ", ".join(part for part in parts if part)


def _sweep_note(detail: SweepDetail) -> str:
    """How it ended by time to live, what is alike together."""
    runs: list[tuple[int, int, str]] = []
    for trial in detail.trials:
        first = trial.ttl
        if runs and runs[-1][2] == trial.ended:
            first = runs.pop()[0]
        runs.append((first, trial.ttl, trial.ended))
    told = [f"{a if a == b else f'{a} to {b}'} {ended}" for a, b, ended in runs]
    return f"{detail.said}, by hops: {', '.join(told)}" if told else detail.said


def _http_note(detail: HttpDetail) -> str:
    if detail.status is None:
        return f"stopped at {detail.stage}"
    size = f"{detail.body_bytes} bytes{', cut' if detail.truncated else ''}"
    title = f", title {detail.title}" if detail.title else ""
    return f"status {detail.status}, {size}{title}{_sought_note(detail)}"


def _sought_note(detail: HttpDetail) -> str:
    """What the page was searched for, as far as it was found."""
    found = [f"{one.text or one.selector!r} in {one.found}" for one in detail.sought if one.found]
    return (
        f", holds {'; '.join(found)}" if found else ", holds nothing sought" * bool(detail.sought)
    )


_NOTES: dict[StepKind, Callable[[Step], str]] = {
    StepKind.TCP_CONNECT: lambda step: read(step, TcpDetail).refusal or "",
    StepKind.TLS_HANDSHAKE: lambda step: _tls_note(read(step, TlsDetail)),
    StepKind.QUIC_HANDSHAKE: lambda step: _quic_note(read(step, QuicDetail)),
    StepKind.HTTP_EXCHANGE: lambda step: _http_note(read(step, HttpDetail)),
    StepKind.HOP_PROBE: lambda step: _sweep_note(read(step, SweepDetail)),
}


def _where(step: Step) -> str:
    place = step.resolver if step.kind is StepKind.DNS_QUERY else None
    if place is None and step.address is not None:
        place = f"{step.address} port {step.port}"
    return f"{step.host or ''} @ {place or '?'}" if step.host else place or ""


def _first_line(reason: str | None) -> str:
    return (reason or "").strip().splitlines()[-1] if (reason or "").strip() else ""


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("heliograph.pages"), autoescape=True, undefined=StrictUndefined
    )
    environment.filters["counted"] = counted
    environment.filters["seen"] = for_terminal  # nothing that hides text or turns its direction
    return environment.get_template("report.html")
