"""Rules that change: what they have not judged is found, added in batches, compared, and shown."""

import msgspec
import pytest

from heliograph.model import Measurement, Outcome, State, Verdict
from storage.judging import Change
from storage.store import Store


@pytest.fixture
def looks(measurement: Measurement) -> list[Measurement]:
    """Four with evidence, in no order."""
    seen = msgspec.structs.replace(measurement, outcome=Outcome.MEASURED)
    return [msgspec.structs.replace(seen, id=f"{number:04}") for number in (3, 1, 4, 2)]


@pytest.fixture
def filled(store: Store, looks: list[Measurement]) -> Store:
    for look in looks:
        store.save(look, None, None)
    return store


def on(look: str, ruleset: int, state: State, *techniques: str) -> Verdict:
    return Verdict(
        measurement_id=look,
        ruleset_version=ruleset,
        state=state,
        techniques=techniques,
        explanation="As these rules see it.",
    )


def test_what_a_ruleset_has_not_judged_is_found_in_order_and_bit_by_bit(filled: Store) -> None:
    filled.judging.keep([on("0002", 7, State.OK)])

    assert filled.judging.unjudged(7, 10) == ["0001", "0003", "0004"]
    assert filled.judging.unjudged(7, 1) == ["0001"]
    assert filled.judging.unjudged(7, 2, after="0001") == ["0003", "0004"]
    assert filled.judging.unjudged(8, 10) == ["0001", "0002", "0003", "0004"]
    assert (filled.judging.left(7), filled.judging.left(8)) == (3, 4)


def test_what_is_no_evidence_is_not_waited_for(store: Store, measurement: Measurement) -> None:
    for outcome in (Outcome.SKIPPED, Outcome.BROKEN):
        store.save(msgspec.structs.replace(measurement, id=outcome, outcome=outcome), None, None)

    assert store.judging.unjudged(7, 10) == []
    assert store.judging.switch(7)


def test_measurements_are_read_at_once_and_equal_what_was_saved(
    filled: Store, looks: list[Measurement]
) -> None:
    batch = filled.judging.read(["0004", "0001", "nowhere"])

    assert batch.measurements == (looks[1], looks[2])
    assert batch.measurements[0].steps == looks[1].steps
    assert batch.unreadable == {}


def test_one_that_this_version_can_not_read_is_named_and_holds_up_no_other(filled: Store) -> None:
    with filled._engine.begin() as connection:
        connection.exec_driver_sql("update steps set failure='x_new' where measurement_id='0001'")
    batch = filled.judging.read(["0001", "0002"])

    assert [look.id for look in batch.measurements] == ["0002"]
    assert "measurement 0001 can't be read" in batch.unreadable["0001"]
    assert "a newer heliograph may know it" in batch.unreadable["0001"]


def test_a_verdict_that_is_there_stays_and_others_are_added(filled: Store) -> None:
    filled.judging.keep([on("0001", 7, State.OK)])
    filled.judging.keep([on("0001", 7, State.DOWN), on("0001", 8, State.DOWN)])

    assert [(v.ruleset_version, v.state) for v in filled.verdicts("0001")] == [
        (7, State.OK),
        (8, State.DOWN),
    ]


def test_what_was_forgotten_meanwhile_gets_no_verdict(filled: Store) -> None:
    filled.judging.keep([on("gone", 7, State.OK), on("0001", 7, State.OK)])

    assert filled.verdicts("gone") == []
    assert len(filled.verdicts("0001")) == 1
    filled.judging.keep([])


def test_nothing_is_switched_while_a_verdict_is_missing(filled: Store) -> None:
    filled.activate(6)
    filled.judging.keep([on(look, 7, State.OK) for look in ("0001", "0002", "0003")])

    assert not filled.judging.switch(7)
    assert filled.current_ruleset() == 6
    filled.judging.keep([on("0004", 7, State.OK)])
    assert filled.judging.switch(7)
    assert filled.current_ruleset() == 7


def test_what_is_left_aside_is_not_waited_for_and_everything_else_is(filled: Store) -> None:
    filled.judging.keep([on(look, 7, State.OK) for look in ("0001", "0002")])

    assert not filled.judging.switch(7, {"0003"})
    assert not filled.judging.switch(7, {"0003", "elsewhere"})
    assert filled.judging.switch(7, {"0003", "0004"})


def test_two_rulesets_are_compared_state_by_state(filled: Store) -> None:
    filled.judging.keep(
        [
            on("0001", 6, State.BLOCKED, "tls.reset"),
            on("0002", 6, State.BLOCKED, "tls.reset"),
            on("0003", 6, State.BLOCKED, "tls.reset"),
            on("0001", 7, State.BLOCKED, "tls.reset"),
            on("0002", 7, State.BLOCKED, "tcp.timeout"),
            on("0003", 7, State.INCONCLUSIVE),
            on("0004", 7, State.OK),
        ]
    )
    found = filled.judging.changes(6, 7)

    assert found == [
        Change(was=None, now=State.OK, count=1, other_technique=0, example="0004"),
        Change(
            was=State.BLOCKED, now=State.BLOCKED, count=2, other_technique=1, example="0001"
        ),
        Change(
            was=State.BLOCKED, now=State.INCONCLUSIVE, count=1, other_technique=1, example="0003"
        ),
    ]  # fmt: skip


def test_where_nothing_was_in_force_every_verdict_is_new(filled: Store) -> None:
    filled.judging.keep([on("0001", 7, State.OK), on("0002", 7, State.OK)])

    assert filled.judging.changes(None, 7) == [
        Change(was=None, now=State.OK, count=2, other_technique=0, example="0001")
    ]
