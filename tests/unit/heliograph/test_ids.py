"""The same record has the same id everywhere, and the id says the hour and no more."""

import hashlib
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heliograph.failure import Failure
from heliograph.ids import id_of_new, measurement_id, run_hash, with_id
from heliograph.model import Measurement, Outcome, Stack, Step, StepKind, Target, Vantage

STARTED = datetime(2026, 11, 23, 12, 34, 56, tzinfo=UTC)
TARGET = Target(
    input="Example.org", url="https://example.org/", scheme="https", host="example.org", port=443
)
STEP = Step(kind=StepKind.TCP_CONNECT, failure=None)
RECORD = Measurement(
    probe="tls",
    probe_version=1,
    target=TARGET,
    vantage=Vantage(country="XA", asn=64500),
    started=STARTED,
    steps=(STEP,),
)
CHANGES: dict[str, object] = {
    "probe": "tcp",
    "probe_version": 2,
    "target": msgspec.structs.replace(TARGET, input="example.org"),
    "vantage": Vantage(country="XB", asn=64500),
    "started": STARTED + timedelta(seconds=1),
    "seconds": 0.5,
    "outcome": Outcome.BROKEN,
    "reason": "why",
    "campaign": "elections",
    "consent": "2",
    "software": "heliograph 2",
    "stack": Stack(system="Linux", tls_library="OpenSSL", http_library="h11"),
    "context": ("offline",),
    "steps": (msgspec.structs.replace(STEP, failure=Failure.CONNECTION_RESET),),
    "source": "import",
}


def test_the_id_is_the_hour_and_the_digest_of_the_canonical_json() -> None:
    canonical = (
        b'{"probe":"tls","probe_version":1,"started":"2026-11-23T12:34:56Z",'
        b'"steps":[{"failure":null,"kind":"tcp_connect"}],'
        b'"target":{"host":"example.org","input":"Example.org","port":443,"scheme":"https",'
        b'"url":"https://example.org/"},"vantage":{"asn":64500,"country":"XA"}}'
    )
    digest = hashlib.sha256(canonical).hexdigest()
    variant = "89ab"[int(digest[8], 16) % 4]
    expected = f"00079c2c-{digest[:4]}-8{digest[5:8]}-{variant}{digest[9:12]}-{digest[12:24]}"
    assert measurement_id(RECORD) == expected == "00079c2c-1d14-8cc4-bed9-da686854e51d"


def test_the_same_record_has_the_same_id_whatever_id_it_carries() -> None:
    copy = msgspec.json.decode(msgspec.json.encode(RECORD), type=Measurement)
    assert measurement_id(copy) == measurement_id(RECORD)
    assert measurement_id(with_id(RECORD)) == measurement_id(RECORD)


def test_a_complete_record_carries_its_own_id() -> None:
    assert with_id(RECORD).id == measurement_id(RECORD)
    assert msgspec.structs.replace(with_id(RECORD), id="") == RECORD


def test_every_field_of_a_measurement_is_tried() -> None:
    assert {"id", *CHANGES} == set(Measurement.__struct_fields__)


@pytest.mark.parametrize("field", CHANGES)
def test_another_value_in_any_field_gives_another_id(field: str) -> None:
    changed = msgspec.structs.replace(RECORD, **{field: CHANGES[field]})
    assert measurement_id(changed) != measurement_id(RECORD)


def test_the_same_moment_in_another_time_zone_sorts_into_the_same_hour() -> None:
    elsewhere = STARTED.astimezone(timezone(timedelta(hours=5, minutes=30)))
    other = msgspec.structs.replace(RECORD, started=elsewhere)
    assert measurement_id(other)[:8] == measurement_id(RECORD)[:8]


def test_a_field_added_later_does_not_change_the_ids_of_older_records() -> None:
    class Newer(Measurement, frozen=True, kw_only=True, omit_defaults=True):
        added: str | None = None

    fields = {name: getattr(RECORD, name) for name in Measurement.__struct_fields__}
    assert measurement_id(Newer(**fields)) == measurement_id(RECORD)
    assert measurement_id(Newer(**fields, added="x")) != measurement_id(RECORD)


@given(st.integers(0, 253_402_300_799))
def test_version_and_variant_are_those_of_rfc_9562(seconds: int) -> None:
    record = msgspec.structs.replace(RECORD, started=datetime.fromtimestamp(seconds, tz=UTC))
    number = UUID(measurement_id(record))
    assert number.int >> 76 & 0xF == 8
    assert number.int >> 62 & 0b11 == 0b10


@given(st.integers(0, 24 * 365 * 200), st.integers(0, 3599), st.integers(0, 3599))
def test_the_first_32_bits_are_the_hour_and_leak_no_minute(hour: int, one: int, two: int) -> None:
    found = [
        measurement_id(
            msgspec.structs.replace(
                RECORD, started=datetime(1970, 1, 1, tzinfo=UTC) + timedelta(hours=hour, seconds=s)
            )
        )
        for s in (one, two)
    ]
    assert [UUID(text).int >> 96 for text in found] == [hour, hour]


def test_ids_sort_by_hour() -> None:
    hours = [
        measurement_id(msgspec.structs.replace(RECORD, started=STARTED + timedelta(hours=n)))
        for n in range(30)
    ]
    assert hours == sorted(hours)


def test_a_run_is_the_same_in_any_order_and_however_often_a_target_is_named() -> None:
    first = run_hash("c", ["a", "b"], ["dns", "tls"])
    assert run_hash("c", ["b", "a", "b"], ["tls", "dns"]) == first
    assert run_hash("c", iter(["a", "b"]), iter(["dns", "tls"])) == first
    assert len(first) == 64
    assert int(first, 16) > 0


@pytest.mark.parametrize(
    ("config", "targets", "probes"),
    [
        ("d", ["a", "b"], ["dns", "tls"]),
        ("c", ["a"], ["dns", "tls"]),
        ("c", ["a", "b", "x"], ["dns", "tls"]),
        ("c", ["a", "b"], ["dns"]),
        ("c", ["a", "b", "dns"], ["tls"]),
        ("c", ["ab"], ["dns", "tls"]),
    ],
)
def test_another_configuration_target_or_probe_is_another_run(
    config: str, targets: list[str], probes: list[str]
) -> None:
    assert run_hash(config, targets, probes) != run_hash("c", ["a", "b"], ["dns", "tls"])


@pytest.mark.parametrize("changes", [{}, {"seconds": 1.5, "context": ("offline",)}])
def test_a_new_record_gets_the_same_id_the_quick_way(changes: dict[str, object]) -> None:
    record = msgspec.structs.replace(RECORD, **changes)

    assert id_of_new(record) == measurement_id(record)


def test_what_a_copy_adds_to_its_source_does_not_change_the_id() -> None:
    bare, added, other = (
        msgspec.structs.replace(RECORD, source=source) for source in ("a:1", "a:1#uid", "a:2")
    )

    assert measurement_id(bare) == measurement_id(added) == id_of_new(added)
    assert measurement_id(bare) != measurement_id(other)
    assert measurement_id(bare) != measurement_id(RECORD)
