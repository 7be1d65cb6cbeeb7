"""A retired measurement keeps its verdict, is judged no more, and is forgotten like any other."""

from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec

from heliograph.model import Measurement, State, Verdict
from storage.archive.content import Print
from storage.engine import writing
from storage.forgetting import What
from storage.retired import Rules, leave_to, retire
from storage.store import Store

RULES = Rules(version=1)


def left(store: Store, archived: dict[str, Print], rules: Rules = RULES) -> Sequence[Print]:
    with writing(store._engine) as connection:
        leave_to(connection, "/an/archive")
        return retire(connection, archived, rules)


def of(measurement: Measurement, steps: int | None = None) -> dict[str, Print]:
    return {measurement.id: Print(len(measurement.steps) if steps is None else steps, "ab" * 32)}


def test_its_verdict_stands_when_other_rules_come_into_force(
    store: Store, measurement: Measurement, verdict: Verdict
) -> None:
    store.save(measurement, verdict, None)
    assert left(store, of(measurement)) == [Print(2, "ab" * 32)]
    store.activate(2)
    row = store.row(measurement.id)
    assert row is not None
    assert (row.state, row.ruleset_version) == (State.BLOCKED, 1)


def test_it_is_not_judged_again(store: Store, measurement: Measurement, verdict: Verdict) -> None:
    store.save(measurement, verdict, None)
    left(store, of(measurement))
    assert store.judging.left(2) == 0
    assert store.judging.unjudged(2, 10) == []
    store.judging.keep([msgspec.structs.replace(verdict, ruleset_version=2, state=State.OK)])
    assert [one.ruleset_version for one in store.verdicts(measurement.id)] == [1]
    assert store.judging.switch(2)


def test_what_rules_have_not_spoken_of_keeps_its_steps(
    store: Store, measurement: Measurement
) -> None:
    store.save(measurement, None, None)
    assert left(store, of(measurement)) == []
    assert store.measurement(measurement.id) == measurement
    unruled = Rules(version=1, unruled=[measurement.id])
    assert left(store, of(measurement), unruled)
    assert store.retired.count() == 1


def test_more_steps_than_the_archive_has_stay(
    store: Store, measurement: Measurement, verdict: Verdict
) -> None:
    store.save(measurement, verdict, None)
    assert left(store, of(measurement, steps=1)) == []
    assert store.measurement(measurement.id) == measurement


def test_what_was_forgotten_meanwhile_leaves_no_mark(
    store: Store, measurement: Measurement, verdict: Verdict
) -> None:
    store.save(measurement, verdict, None)
    store.forgetting.forget(What())
    assert left(store, of(measurement)) == []
    assert store.retired.count() == 0


def test_forgetting_takes_the_mark_and_the_name_of_the_archive(
    store: Store, measurement: Measurement, verdict: Verdict
) -> None:
    store.save(measurement, verdict, None)
    left(store, of(measurement))
    assert store.retired.archive() == "/an/archive"
    assert store.forgetting.forget(What()) == 1
    assert (store.retired.find(measurement.id), store.retired.archive()) == (None, None)


def test_they_are_counted_by_when_they_began(
    store: Store, measurement: Measurement, verdict: Verdict
) -> None:
    store.save(measurement, verdict, None)
    day, next_day = datetime(2026, 11, 23, tzinfo=UTC), datetime(2026, 11, 24, tzinfo=UTC)
    assert [store.retired.still_here(moment) for moment in (day, next_day)] == [0, 1]
    left(store, of(measurement))
    assert store.retired.still_here(next_day) == 0
    assert [store.retired.count(moment) for moment in (None, day, next_day)] == [1, 0, 1]


def test_saving_it_again_brings_no_steps_back(
    store: Store, measurement: Measurement, verdict: Verdict
) -> None:
    store.save(measurement, verdict, None)
    left(store, of(measurement))
    store.save(measurement, None, None)
    found = store.measurement(measurement.id)
    assert found is not None
    assert found.steps == ()
