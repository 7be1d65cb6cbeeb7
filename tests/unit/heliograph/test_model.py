"""The records are frozen values that survive the way through JSON."""

from datetime import UTC, datetime

import msgspec
import pytest

from heliograph.failure import Failure
from heliograph.model import (
    ConfidenceWord,
    Fired,
    Measurement,
    Outcome,
    RunSummary,
    Standing,
    State,
    Step,
    StepKind,
    Target,
    Vantage,
    Verdict,
    VerdictRow,
)

TARGET = Target(
    input="Example.org", url="https://example.org/", scheme="https", host="example.org", port=443
)
MEASUREMENT = Measurement(
    probe="tls",
    probe_version=1,
    target=TARGET,
    vantage=Vantage(),
    started=datetime(2026, 11, 23, 12, tzinfo=UTC),
    context=("offline",),
    steps=(Step(kind=StepKind.TLS_HANDSHAKE, failure=Failure.CONNECTION_RESET),),
)
VERDICT = Verdict(
    measurement_id="x",
    ruleset_version=1,
    state=State.BLOCKED,
    techniques=("tls.reset",),
    confidence=0.5,
    confidence_word=ConfidenceWord.SIGNAL,
    explanation="why",
    confounders={"server_down": Standing.RULED_OUT},
    fired=(Fired(rule="r", weight=0.5),),
)


def test_a_step_is_born_interrupted() -> None:
    assert Step(kind=StepKind.TCP_CONNECT).failure is Failure.INTERRUPTED


def test_success_is_written_and_not_taken_for_the_default() -> None:
    step = Step(kind=StepKind.TCP_CONNECT, failure=None)
    written = msgspec.json.encode(step)
    assert written == b'{"kind":"tcp_connect","failure":null}'
    assert msgspec.json.decode(written, type=Step).failure is None


def test_an_unknown_vantage_says_so() -> None:
    assert Vantage() == Vantage(country="ZZ", asn=0, network_name=None, source="unknown")


@pytest.mark.parametrize(
    "record", [TARGET, MEASUREMENT, VERDICT], ids=lambda record: type(record).__name__
)
def test_a_record_is_read_as_it_was_written(record: msgspec.Struct) -> None:
    assert msgspec.json.decode(msgspec.json.encode(record), type=type(record)) == record


@pytest.mark.parametrize(
    ("record", "field"), [(TARGET, "url"), (MEASUREMENT, "id"), (VERDICT, "state")]
)
def test_a_record_is_frozen(record: msgspec.Struct, field: str) -> None:
    with pytest.raises(AttributeError):
        setattr(record, field, "other")


def test_unknown_words_are_not_read() -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(b'{"kind":"telepathy"}', type=Step)


def test_default_mappings_are_not_shared() -> None:
    one = RunSummary()
    one.states[State.OK] = 1
    assert RunSummary().states == {}


def test_lines_of_a_run_name_their_kind() -> None:
    row = VerdictRow(
        measurement_id="x",
        started="2026-11-23T12:00:00Z",
        input="a",
        target="b",
        host="c",
        probe="tls",
        outcome=Outcome.SKIPPED,
        reason="why",
        state=None,
    )
    lines = [msgspec.json.decode(msgspec.json.encode(line)) for line in (row, RunSummary())]
    assert [line["kind"] for line in lines] == ["verdict", "summary"]
    assert lines[0]["state"] is None
    documented = {
        *("kind", "measurement_id", "started", "input", "target", "host", "probe", "outcome"),
        *("reason", "state", "techniques", "hop", "confidence", "confidence_word"),
        *("explanation", "anomalies", "context", "confounders", "rules", "ruleset_version"),
        *("seconds", "source"),
    }
    assert documented <= set(lines[0])
    assert {"measured", "skipped", "broken", "states", "context", "seconds"} <= set(lines[1])
