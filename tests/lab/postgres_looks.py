"""Looks to put into a server: plain ones by number, and whatever may have been measured."""

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from heliograph.failure import Failure
from heliograph.ids import with_id
from heliograph.model import (
    Fired,
    Measurement,
    Outcome,
    Role,
    State,
    Step,
    StepKind,
    Target,
    Vantage,
    Verdict,
)
from storage.imports import Judged

NOW = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)


def look(number: int = 0, started: datetime = NOW, steps: int = 2) -> Measurement:
    host = f"host{number}.example"
    return with_id(
        Measurement(
            probe="web",
            probe_version=1,
            target=Target(input=host, url=f"https://{host}/", scheme="https", host=host, port=443),
            vantage=Vantage(country="XA", asn=64500),
            started=started,
            steps=tuple(Step(kind=StepKind.DNS_QUERY, host=host) for _ in range(steps)),
        )
    )


def judged(measurement: Measurement) -> Judged:
    return Judged(
        measurement,
        Verdict(measurement_id=measurement.id, ruleset_version=1, state=State.OK, explanation=""),
    )


TEXT = st.text(
    st.characters(codec=None) | st.sampled_from("\x00\ud800\udfff\\\x1aßİ'\"%"), max_size=8
)
WHOLE = st.sampled_from([0, 1, 2**31, 2**63 - 1, -(2**63)])
STEP = st.builds(
    Step,
    kind=st.sampled_from(StepKind),
    role=st.sampled_from(Role),
    host=st.none() | TEXT,
    pair=st.none() | TEXT,
    hop=WHOLE,
    port=st.none() | WHOLE,
    bytes_sent=WHOLE,
    seconds=st.floats(0, 1e300),
    failure=st.none() | st.sampled_from(Failure),
    detail=TEXT | st.just("[" * 5000) | st.just('{"n":' + "9" * 6000 + "}"),
)
MEASUREMENT = st.builds(
    Measurement,
    id=TEXT.filter(bool),
    probe=st.sampled_from(["web", "tls"]),
    probe_version=WHOLE,
    target=st.builds(Target, input=TEXT, url=TEXT, scheme=TEXT, host=TEXT, port=WHOLE),
    vantage=st.builds(Vantage, country=TEXT, asn=WHOLE, network_name=st.none() | TEXT, source=TEXT),
    started=st.sampled_from([NOW, NOW.replace(year=1960), NOW + timedelta(days=40)]),
    outcome=st.sampled_from(Outcome),
    context=st.lists(TEXT, max_size=2).map(tuple),
    steps=st.lists(STEP, max_size=3).map(tuple),
    source=st.none() | TEXT,
)
JUDGED = st.builds(
    lambda measurement, state, texts: Judged(
        measurement,
        Verdict(
            measurement_id=measurement.id,
            ruleset_version=1,
            state=state,
            explanation="".join(texts),
            techniques=tuple(texts),
            fired=tuple(Fired(rule=text, weight=0.5) for text in texts),
        ),
    ),
    MEASUREMENT,
    st.sampled_from(State),
    st.lists(TEXT, max_size=2),
)
