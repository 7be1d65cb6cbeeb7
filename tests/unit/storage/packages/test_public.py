"""Nothing in a public record leads to the vantage, and what it is worth stays."""

from datetime import UTC, datetime

import msgspec
import pytest

from heliograph.ids import measurement_id
from heliograph.model import Measurement, Role, Stack, State, Step, StepKind, Vantage, Verdict
from storage.packages.public import EXPLANATION, SOURCE, published, published_verdict
from tests.unit.analysis.cases import EVERY_LOOK

SECRETS = (
    "64511", "Tiny Village Net", "203.0.113.99", "block.tiny.example", "41234", "typed by me",
    "campaign-7", "OpenSSL 9", "12:34", "10.53.0.53", "spoken", "MyISP",
)  # fmt: skip


@pytest.fixture
def telling(measurement: Measurement) -> Measurement:
    """A look that says in every place where it was made."""
    target = msgspec.structs.replace(measurement.target, input="typed by me")
    step = measurement.steps[0]
    steps = (
        msgspec.structs.replace(
            step, address="203.0.113.99", source_port=41234, pair="203.0.113.99:443",
            detail='{"body_text":"MyISP"}', seconds=0.31415, bytes_sent=517,
        ),
        Step(
            kind=StepKind.HTTP_EXCHANGE, role=Role.TEST, hop=2, host="block.tiny.example",
            sni="block.tiny.example", resolver="udp://10.53.0.53", address="203.0.113.99",
            pair="203.0.113.99:80", failure=None, detail='{"url":"http://block.tiny.example/"}',
        ),
        Step(kind=StepKind.DNS_QUERY, host="example.org", resolver="10.53.0.53", failure=None),
    )  # fmt: skip
    return msgspec.structs.replace(
        measurement,
        target=target,
        vantage=Vantage(
            country="XA", asn=64511, network_name="Tiny Village Net", source="configured"
        ),
        started=datetime(2026, 11, 23, 12, 34, 56, tzinfo=UTC),
        campaign="campaign-7",
        stack=Stack(system="Linux", tls_library="OpenSSL 9", http_library="h"),
        reason="spoken",
        context=("tunnel", "nxdomain_rewritten:203.0.113.99", "nxdomain_rewritten:10.53.0.53"),
        steps=steps,
    )


def test_nothing_that_leads_to_the_vantage_is_told(telling: Measurement, verdict: Verdict) -> None:
    told = published(telling)
    said = published_verdict(
        msgspec.structs.replace(
            verdict,
            explanation="MyISP resets it at 203.0.113.99",
            anomalies=("dns.bogon from udp://10.53.0.53", "tcp.x at 203.0.113.99 port 1", "MyISP"),
        ),
        told.id,
    )
    text = msgspec.json.encode([told, said]).decode()

    assert [secret for secret in SECRETS if secret in text] == []
    assert telling.id not in text
    assert "configured" not in text


def test_what_it_is_worth_stays(telling: Measurement, verdict: Verdict) -> None:
    told = published(telling)
    said = published_verdict(verdict, told.id)

    assert told.vantage.country == "XA"
    assert told.started == datetime(2026, 11, 23, tzinfo=UTC)
    assert told.target.url == "https://example.org/"
    assert told.context == ("tunnel", "nxdomain_rewritten")
    assert [step.failure for step in told.steps] == [step.failure for step in telling.steps]
    assert [step.pair for step in told.steps] == ["trial 1", "trial 2", None]
    assert [step.resolver for step in told.steps] == ["udp", "udp", None]
    assert [step.host for step in told.steps] == ["example.org", None, "example.org"]
    assert (told.steps[0].seconds, told.steps[0].bytes_sent) == (0.3, 1024)
    assert said.state is State.BLOCKED
    assert (said.techniques, said.fired) == (verdict.techniques, verdict.fired)
    assert said.anomalies == ("dns.injection",)
    assert said.explanation == EXPLANATION


def test_the_record_says_that_it_is_a_public_one_under_an_id_of_its_own(
    telling: Measurement,
) -> None:
    told = published(telling)

    assert told.source == SOURCE
    assert told.id == measurement_id(told) != telling.id


def test_looks_of_one_day_can_not_be_told_apart_by_their_time(telling: Measurement) -> None:
    later = msgspec.structs.replace(telling, started=datetime(2026, 11, 23, 23, tzinfo=UTC))

    assert published(later) == published(telling)


def test_looks_that_become_the_same_stay_two(telling: Measurement) -> None:
    first, second = published(telling), published(telling, 2)

    assert first.id != second.id
    assert msgspec.structs.replace(second, id=first.id, source=SOURCE) == first


def test_a_field_that_comes_new_is_thought_of_here() -> None:
    """Whoever adds one decides whether everybody may see it."""
    assert Measurement.__struct_fields__ == (
        "id", "probe", "probe_version", "target", "vantage", "started", "seconds", "outcome",
        "reason", "campaign", "consent", "software", "stack", "context", "steps", "source",
    )  # fmt: skip
    assert Verdict.__struct_fields__ == (
        "measurement_id", "ruleset_version", "state", "techniques", "hop", "confidence",
        "confidence_word", "explanation", "anomalies", "confounders", "fired",
    )  # fmt: skip


def test_no_address_of_any_look_of_the_tests_is_told() -> None:
    for look in EVERY_LOOK:
        told = msgspec.json.encode(published(look).steps).decode()
        for address in {step.address for step in look.steps} - {None, look.target.host}:
            assert f'"{address}"' not in told
