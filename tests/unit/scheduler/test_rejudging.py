"""An older database shows, after the switch, what this version's rules say."""

from collections.abc import Iterator

import msgspec
import pytest

from analysis.judge import judge
from analysis.rules import RULESET_VERSION
from heliograph.model import Measurement, Outcome, State, Verdict
from scheduler import rejudging
from scheduler.rejudging import Rejudging, bring_up_to_date, is_behind
from storage.store import Store
from tests.unit.analysis.builders import measured, system, tls

OLD = RULESET_VERSION - 1


@pytest.fixture
def store() -> Iterator[Store]:
    with Store.open(":memory:") as opened:
        opened.activate(OLD)
        yield opened


def kept(number: int, outcome: Outcome = Outcome.MEASURED) -> Measurement:
    look = measured(system("203.0.113.10"), tls("203.0.113.10"))
    return msgspec.structs.replace(look, id=f"{number:04}", outcome=outcome)


def old_verdict(look: Measurement) -> Verdict:
    return Verdict(
        measurement_id=look.id,
        ruleset_version=OLD,
        state=State.BLOCKED,
        explanation="As it was once thought.",
    )


def fill(store: Store, count: int) -> list[Measurement]:
    looks = [kept(number) for number in range(count)]
    for look in looks:
        store.save(look, old_verdict(look), None)
    return looks


def test_every_measurement_is_judged_again_and_the_new_verdicts_are_shown(store: Store) -> None:
    looks = fill(store, 3)

    assert bring_up_to_date(store).judged == 3
    assert store.current_ruleset() == RULESET_VERSION
    expected = judge(looks[0])
    assert expected is not None
    assert {row.state for row in store.rows()} == {expected.state}


def test_older_verdicts_stay_as_history(store: Store) -> None:
    (look,) = fill(store, 1)
    bring_up_to_date(store)

    assert [verdict.ruleset_version for verdict in store.verdicts(look.id)] == [
        OLD,
        RULESET_VERSION,
    ]
    assert store.verdicts(look.id) == [old_verdict(look), judge(look)]


def test_what_is_no_evidence_is_not_judged(store: Store) -> None:
    store.save(kept(1, Outcome.SKIPPED), None, None)

    assert bring_up_to_date(store).judged == 0
    assert store.current_ruleset() == RULESET_VERSION


def test_a_database_that_is_up_to_date_or_newer_is_left_alone(store: Store) -> None:
    for version in (RULESET_VERSION, RULESET_VERSION + 1):
        store.activate(version)
        store.save(kept(version), None, None)

        assert not is_behind(store)
        assert bring_up_to_date(store).judged == 0
        assert store.current_ruleset() == version


def test_each_batch_is_stored_before_the_next_and_nothing_is_shown_before_the_switch(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rejudging, "_AT_ONCE", 2)
    looks = fill(store, 5)
    work = Rejudging(store)
    told = []
    for count in work.batches():
        told.append(count)
        assert store.judging.left(RULESET_VERSION) == work.left == 5 - sum(told)
        assert {row.ruleset_version for row in store.rows()} == {OLD}

    assert told == [2, 2, 1]
    assert work.judged == len(looks)
    assert work.switch()
    assert {row.ruleset_version for row in store.rows()} == {RULESET_VERSION}


def test_what_was_left_undone_is_done_later_and_nothing_twice(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rejudging, "_AT_ONCE", 2)
    fill(store, 5)
    next(Rejudging(store).batches())

    assert not Rejudging(store).switch()
    later = Rejudging(store)
    assert list(later.batches()) == [2, 1]
    assert later.judged == 3
    assert list(Rejudging(store).batches()) == []


def test_what_another_process_adds_meanwhile_is_judged_before_the_switch(store: Store) -> None:
    fill(store, 2)
    came = [kept(9), kept(-1), kept(-2)]  # one that is still ahead, two that were passed

    def add(_: int) -> None:
        if came:
            look = came.pop()
            store.save(look, old_verdict(look), None)

    work = bring_up_to_date(store, add)
    assert work.judged == 5
    assert store.current_ruleset() == RULESET_VERSION
    assert store.judging.left(RULESET_VERSION) == 0


def test_somebody_elses_test_that_no_rule_is_about_is_not_waited_for(store: Store) -> None:
    theirs = msgspec.structs.replace(kept(7), source="ooni:7", probe="whatsapp")
    judged = msgspec.structs.replace(kept(8), source="ooni:8", probe="web_connectivity")
    store.save(theirs, None, None)
    store.save(judged, None, None)

    work = bring_up_to_date(store)
    assert (work.judged, work.left) == (1, 0)
    assert store.current_ruleset() == RULESET_VERSION
    assert Rejudging(store).left == 0


def test_a_measurement_without_a_verdict_of_these_rules_ends_the_work_all_the_same(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(store, 3)
    monkeypatch.setattr(rejudging, "judge", lambda _: None)

    work = bring_up_to_date(store)
    assert (work.judged, work.left) == (0, 0)
    assert store.current_ruleset() == RULESET_VERSION


def test_two_passes_without_anything_new_end_the_work_and_nothing_is_switched(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(store, 2)
    monkeypatch.setattr(Rejudging, "switch", lambda _: False)

    assert bring_up_to_date(store).judged == 2
    assert store.current_ruleset() == OLD


def test_what_can_not_be_judged_is_named_and_not_waited_for(store: Store) -> None:
    fill(store, 4)
    with store._engine.begin() as connection:
        connection.exec_driver_sql("update steps set failure='x_new' where measurement_id='0001'")
        connection.exec_driver_sql("update steps set detail='[' where measurement_id='0002'")

    work = bring_up_to_date(store)
    assert work.judged == 2
    assert set(work.unreadable) == {"0001", "0002"}
    assert work.unreadable["0002"].startswith("measurement 0002: ")
    assert work.left == 0
    assert store.current_ruleset() == RULESET_VERSION
    assert {row.measurement_id: row.state for row in store.rows()}["0001"] is None
    assert [v.ruleset_version for v in store.verdicts("0001")] == [OLD], "history stays"
