"""A record that still names the volunteer's computer is never stored as it is."""

from collections.abc import Callable
from datetime import UTC, datetime

import msgspec
import pytest

from heliograph.model import Measurement, State, Step, StepKind, Vantage, Verdict
from heliograph.scrub import Scrubber
from heliograph.url import parse_target
from scheduler.canary import names_us, without_own

OWN = "203.0.114.77"
TYPED = parse_target(f"https://site.example/?from={OWN}")


def scrub() -> Callable[[str], str]:
    known = Scrubber()
    known.add(OWN)
    return known.scrub


def measured(**fields: object) -> Measurement:
    usual = Measurement(
        id="00078f3a-0000-8000-8000-000000000001",
        probe="web",
        probe_version=1,
        target=TYPED,
        vantage=Vantage(),
        started=datetime(2026, 11, 24, tzinfo=UTC),
    )
    return msgspec.structs.replace(usual, **fields)


@pytest.mark.parametrize(
    "fields",
    [
        {"reason": f"no route from {OWN}"},
        {"context": (f"nxdomain_rewritten:{OWN}",)},
        {"software": f"heliograph on {OWN}"},
        {"steps": (Step(kind=StepKind.DNS_QUERY, resolver=f"udp://{OWN}"),)},
        {"steps": (Step(kind=StepKind.DNS_QUERY, detail=f'{{"x":"{OWN}"}}'),)},
        {"steps": (Step(kind=StepKind.TCP_CONNECT, pair=f"again {OWN}:443"),)},
    ],
)
def test_an_own_address_is_seen_wherever_it_stands(fields: dict[str, object]) -> None:
    assert names_us(measured(**fields), None, scrub())


def test_it_is_seen_in_the_verdict_too() -> None:
    verdict = Verdict(
        measurement_id="m", ruleset_version=1, state=State.OK, explanation=f"{OWN} answered."
    )

    assert names_us(measured(), verdict, scrub())
    assert not names_us(measured(), msgspec.structs.replace(verdict, explanation=""), scrub())


def test_the_target_as_typed_and_the_id_are_no_reason() -> None:
    said = Verdict(
        measurement_id="m", ruleset_version=1, state=State.OK, explanation=f"{TYPED.url} answered."
    )
    hashed = measured(id=f"00078f3a-0000-8000-{0xCB00724D:08x}")

    assert not names_us(hashed, said, scrub())


def test_places_of_steps_are_scrubbed_and_all_else_stays() -> None:
    step = Step(
        kind=StepKind.TLS_HANDSHAKE,
        pair=f"{OWN}:443",
        host=f"{OWN}.portal.example",
        resolver=f"udp://{OWN}",
        address=OWN,
        port=443,
        sni=f"{OWN}.portal.example",
        source_port=4000,
    )
    (cleaned,) = without_own([step], scrub(), "site.example")

    assert OWN not in msgspec.json.encode(cleaned).decode()
    assert (cleaned.resolver, cleaned.address) == ("udp://[scrubbed]", "[scrubbed]")
    assert (cleaned.kind, cleaned.port, cleaned.source_port) == (step.kind, 443, 4000)


def test_a_step_without_an_own_address_is_the_same_object() -> None:
    step = Step(kind=StepKind.TCP_CONNECT, host="site.example", address="203.0.113.10")

    assert without_own([step], scrub(), "site.example")[0] is step


def test_the_host_that_was_typed_stays() -> None:
    step = Step(kind=StepKind.TCP_CONNECT, host=f"{OWN}.isp.example", sni=f"{OWN}.isp.example")

    assert without_own([step], scrub(), f"{OWN}.isp.example") == (step,)
