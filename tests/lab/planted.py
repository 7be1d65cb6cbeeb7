"""A database of measurements made up for tests: hostile texts, several states, days and targets."""

from datetime import UTC, datetime
from pathlib import Path

import msgspec

from analysis.rules import RULESET_VERSION
from heliograph.detail import HttpDetail
from heliograph.ids import with_id
from heliograph.model import Measurement, Outcome, State, Step, StepKind, Vantage, Verdict
from heliograph.url import parse_target
from storage.store import Store

HOSTILE = (
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(1)",
    "\t=1",
    "\r=1",
    "\n=1",
    'a "quoted", cell',
    "two\r\nlines",
    "\x1b]0;owned\x07",
    "right \u202e left",
    "＝1",
    "'=1",
    "ordinary",
    "<script>alert(1)</script>",
)
"""Texts that hurt whoever takes them for a formula, a line, a command or markup."""


def plant(location: Path | str) -> list[str]:
    """Fill the database; the ids, oldest first."""
    ids = []
    with Store.open(str(location)) as store:
        store.activate(RULESET_VERSION)
        for number, text in enumerate(HOSTILE):
            kept = _measurement(number, text)
            store.save(kept, _verdict(kept, number, text), None)
            ids.append(kept.id)
    return ids


def _measurement(number: int, text: str) -> Measurement:
    page = HttpDetail(url="https://site.example/", status=200, title=text, stage="done")
    step = Step(
        kind=StepKind.HTTP_EXCHANGE,
        host="site.example",
        address="203.0.113.10",
        port=443,
        bytes_sent=400,
        bytes_received=1600,
        failure=None,
        detail=msgspec.json.encode(page).decode(),
    )
    site = "https://www.bbc.com/zhongwen/simp" if number == 0 else f"https://site{number}.example/"
    broken = text == "ordinary"
    return with_id(
        Measurement(
            probe="web",
            probe_version=1,
            target=msgspec.structs.replace(parse_target(site), input=text),
            vantage=Vantage(country="XA", asn=64500),
            started=datetime(2026, 11, 1 + number, 12, 0, 0, tzinfo=UTC),
            outcome=Outcome.BROKEN if broken else Outcome.MEASURED,
            reason=f"Traceback\n{text}" if broken else None,
            context=("no_ipv6",) if number == 1 else (),
            steps=(step,),
        )
    )


def _verdict(measurement: Measurement, number: int, text: str) -> Verdict | None:
    if measurement.outcome is Outcome.BROKEN:
        return None
    blocked = number % 2 == 0
    return Verdict(
        measurement_id=measurement.id,
        ruleset_version=RULESET_VERSION,
        state=State.BLOCKED if blocked else State.OK,
        techniques=("tls.reset",) if blocked else (),
        explanation=text,
        anomalies=(text,),
    )
