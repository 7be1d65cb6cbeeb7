"""An older database shows, after the switch, what this version's rules say."""

from collections.abc import Iterator

import msgspec
import pytest

from analysis.judge import judge
from analysis.rules import RULESET_VERSION
from heliograph.model import Measurement, Outcome, State, Verdict
from scheduler.rejudging import bring_up_to_date
from storage.store import Store
from tests.unit.analysis.builders import measured, system, tls


@pytest.fixture
def store() -> Iterator[Store]:
    with Store.open(":memory:") as opened:
        yield opened


def kept(number: int, outcome: Outcome = Outcome.MEASURED) -> Measurement:
    look = measured(system("203.0.113.10"), tls("203.0.113.10"))
    return msgspec.structs.replace(look, id=f"{number:04}", outcome=outcome)


def old_verdict(look: Measurement) -> Verdict:
    return Verdict(
        measurement_id=look.id,
        ruleset_version=RULESET_VERSION - 1,
        state=State.BLOCKED,
        explanation="As it was once thought.",
    )


def test_every_measurement_is_judged_again_and_the_new_verdicts_are_shown(store: Store) -> None:
    looks = [kept(number) for number in range(3)]
    store.activate(RULESET_VERSION - 1)
    for look in looks:
        store.save(look, old_verdict(look), None)

    assert bring_up_to_date(store) == 3
    assert store.current_ruleset() == RULESET_VERSION
    expected = judge(looks[0])
    assert expected is not None
    assert {row.state for row in store.rows()} == {expected.state}


def test_older_verdicts_stay_as_history(store: Store) -> None:
    look = kept(1)
    store.activate(RULESET_VERSION - 1)
    store.save(look, old_verdict(look), None)
    bring_up_to_date(store)

    assert [verdict.ruleset_version for verdict in store.verdicts(look.id)] == [
        RULESET_VERSION - 1,
        RULESET_VERSION,
    ]


def test_what_is_no_evidence_is_not_judged(store: Store) -> None:
    store.save(kept(1, Outcome.SKIPPED), None, None)

    assert bring_up_to_date(store) == 0
    assert store.current_ruleset() == RULESET_VERSION


def test_a_database_that_is_up_to_date_or_newer_is_left_alone(store: Store) -> None:
    for version in (RULESET_VERSION, RULESET_VERSION + 1):
        store.activate(version)
        store.save(kept(version), None, None)

        assert bring_up_to_date(store) == 0
        assert store.current_ruleset() == version
