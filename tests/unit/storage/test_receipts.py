"""What is sent again changes nothing, and an envelope is kept whole or not at all."""

from datetime import UTC, datetime

import msgspec
import pytest

from heliograph.ids import with_id
from heliograph.model import Measurement, Verdict
from storage.errors import StorageError
from storage.forgetting import What
from storage.imports import Judged
from storage.receipts import Received
from storage.store import Store

NOW = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)


def others(measurement: Measurement, count: int) -> list[Judged]:
    made = (msgspec.structs.replace(measurement, source=f"v:{n}") for n in range(count))
    return [Judged(with_id(one), None) for one in made]


def test_an_envelope_sent_again_changes_nothing_and_says_so(
    store: Store, measurement: Measurement, verdict: Verdict
) -> None:
    (bare,) = others(measurement, 1)
    sent = [Judged(measurement, verdict), bare]

    assert store.receipts.keep("aa", sent, NOW) == Received(new=2, known=0)
    assert store.receipts.keep("aa", sent, NOW) == Received(new=0, known=2)
    assert store.measurement(measurement.id) == measurement
    assert store.verdicts(measurement.id) == [verdict]


def test_of_another_envelope_only_what_is_new_is_kept(
    store: Store, measurement: Measurement, verdict: Verdict
) -> None:
    first, second, third = others(measurement, 3)
    store.receipts.keep("aa", [first], NOW)
    store.save(second.measurement, None, None)
    again = msgspec.structs.replace(verdict, measurement_id=first.measurement.id)

    sent = [first._replace(verdict=again), second, third, third]
    assert store.receipts.keep("bb", sent, NOW) == Received(new=1, known=2)
    assert store.verdicts(first.measurement.id) == []


def test_what_was_forgotten_does_not_come_back(store: Store, measurement: Measurement) -> None:
    sent = others(measurement, 2)
    store.receipts.keep("aa", sent, NOW)
    store.forgetting.forget(What())

    assert store.receipts.keep("bb", sent, NOW) == Received(new=0, known=2)
    assert store.find_ids("", 9) == []


def test_nothing_of_an_envelope_is_kept_when_one_record_can_not_be(
    store: Store, measurement: Measurement, verdict: Verdict
) -> None:
    good, bad = others(measurement, 2)
    wrong = msgspec.structs.replace(verdict, measurement_id="nobody")

    with pytest.raises(Exception, match=r"(?i)foreign key"):
        store.receipts.keep("aa", [good, bad._replace(verdict=wrong)], NOW)
    vast = msgspec.structs.replace(bad.measurement, probe_version=2**64)
    with pytest.raises(StorageError, match="probe_version is beyond 64 bits"):
        store.receipts.keep("aa", [good, Judged(vast, None)], NOW)
    assert store.find_ids("", 9) == []
    assert store.receipts.keep("aa", [good, bad], NOW) == Received(new=2, known=0)
