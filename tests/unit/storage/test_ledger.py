"""Where names were stopped outlives a run, for as long as it means anything."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from sqlalchemy.exc import StatementError

from heliograph.model import Hit, Measurement
from storage.forgetting import What
from storage.store import Store

NOW = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)
KEPT = timedelta(seconds=360)
HIT = Hit(asn=64500, address="203.0.113.9", port=443, name="stopped.example", stopped=NOW)


def hit(**changes: object) -> Hit:
    return msgspec.structs.replace(HIT, **changes)


def test_what_was_noted_is_kept_with_the_measurement(
    store: Store, measurement: Measurement
) -> None:
    store.save(measurement, None, None, [HIT])

    assert store.hits.since(NOW) == [HIT]
    assert store.hits.since(NOW + timedelta(seconds=1)) == []


def test_of_the_same_name_at_a_place_the_last_time_counts(
    store: Store, measurement: Measurement
) -> None:
    later = NOW + timedelta(seconds=9)
    store.save(measurement, None, None, [HIT, hit(stopped=later), HIT])
    store.save(measurement, None, None, [HIT])

    assert store.hits.since(NOW) == [hit(stopped=later)]


def test_another_name_port_address_or_network_is_another_hit(
    store: Store, measurement: Measurement
) -> None:
    others = [hit(name="b.example"), hit(port=80), hit(address="203.0.113.10"), hit(asn=0)]
    store.save(measurement, None, None, [HIT, *others])

    assert len(store.hits.since(NOW)) == 5


def test_what_is_over_goes_and_so_does_what_a_wrong_clock_put_into_the_future(
    store: Store, measurement: Measurement
) -> None:
    ages = [-7200, -361, 0, 359, 361]
    noted = [hit(name=f"{age}.example", stopped=NOW - timedelta(seconds=age)) for age in ages]
    store.save(measurement, None, None, noted)
    store.hits.prune(NOW, KEPT)

    assert {each.name for each in store.hits.since(NOW - timedelta(days=1))} == {
        "0.example",
        "359.example",
    }


def test_measurement_and_hits_are_kept_all_or_nothing(
    store: Store, measurement: Measurement
) -> None:
    with pytest.raises(StatementError, match="no time zone"):
        store.save(measurement, None, None, [HIT, hit(port=80, stopped=NOW.replace(tzinfo=None))])

    assert store.measurement(measurement.id) is None
    assert store.hits.since(NOW) == []


def test_a_forgotten_host_is_forgotten_here_as_well(store: Store, measurement: Measurement) -> None:
    names = ("stopped.example", "www.stopped.example", "unstopped.example")
    noted = [hit(name=name) for name in names]
    store.save(measurement, None, None, [*noted, hit(name="a.example", address="203.0.113.7")])

    store.forgetting.forget(What(host="stopped.example"))
    assert [each.name for each in store.hits.since(NOW)] == ["a.example", "unstopped.example"]
    store.forgetting.forget(What(host="203.0.113.7"))
    assert [each.name for each in store.hits.since(NOW)] == ["unstopped.example"]


def test_forgetting_by_date_takes_what_is_older_and_everything_takes_everything(
    store: Store, measurement: Measurement
) -> None:
    later = hit(name="later.example", stopped=NOW + timedelta(seconds=9))
    store.save(measurement, None, None, [HIT, later])

    store.forgetting.forget(What(before=later.stopped))
    assert store.hits.since(NOW) == [later]
    store.forgetting.forget(What())
    assert store.hits.since(NOW) == []
