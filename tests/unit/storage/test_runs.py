"""Runs that can be resumed."""

from datetime import UTC, datetime, timedelta

import msgspec

from heliograph.model import Measurement, Verdict
from storage.store import Store

NOW = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)


def test_a_run_that_did_not_finish_is_found_by_its_hash(store: Store) -> None:
    run = store.runs.begin("h", NOW, 3)
    assert store.runs.unfinished("h", NOW + timedelta(hours=1)) == run
    assert store.runs.unfinished("other", NOW) is None


def test_the_newest_unfinished_run_is_taken(store: Store) -> None:
    store.runs.begin("h", NOW, 3)
    newer = store.runs.begin("h", NOW, 3)
    assert store.runs.unfinished("h", NOW) == newer


def test_a_run_as_old_as_a_day_is_not_resumed(store: Store) -> None:
    run = store.runs.begin("h", NOW, 3)
    day = timedelta(hours=24)
    assert store.runs.unfinished("h", NOW + day - timedelta(seconds=1)) == run
    assert store.runs.unfinished("h", NOW + day) is None


def test_a_finished_run_is_never_resumed(store: Store) -> None:
    run = store.runs.begin("h", NOW, 3)
    store.runs.finish(run, NOW)
    assert store.runs.unfinished("h", NOW) is None


def test_finishing_one_run_leaves_the_others_unfinished(store: Store) -> None:
    first = store.runs.begin("h", NOW, 3)
    store.runs.finish(store.runs.begin("h", NOW, 3), NOW)
    assert store.runs.unfinished("h", NOW) == first


def test_done_is_what_the_run_itself_has_stored(
    store: Store, measurement: Measurement, verdict: Verdict
) -> None:
    run, other = store.runs.begin("h", NOW, 2), store.runs.begin("h", NOW, 2)
    store.save(measurement, verdict, run)
    store.save(measurement, verdict, run)
    store.save(msgspec.structs.replace(measurement, id="second", probe="dns"), None, run)
    assert store.runs.done(run) == {
        ("https://example.org/", "tls"),
        ("https://example.org/", "dns"),
    }
    assert store.runs.done(other) == set()
