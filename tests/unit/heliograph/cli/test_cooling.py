"""What a run and the cool-down ledger in the database tell each other, and the user of it."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest

from heliograph.cli import cooling
from heliograph.cli.cooling import Cooling
from heliograph.limits import LimitsConfig
from heliograph.model import RESIDUAL_POSSIBLE, Hit, Measurement, State, Vantage, Verdict
from heliograph.url import parse_target
from scheduler.looks import Finished
from storage.store import Store
from tests.unit.scheduler.surroundings import Surroundings

NOW = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)
HIT = Hit(asn=0, address="203.0.113.9", port=443, name="stopped.example", stopped=NOW)


class Learning:
    """Stands in for a runner."""

    def __init__(self) -> None:
        self.heard: list[Hit] = []

    def learn(self, hits: Iterable[Hit]) -> None:
        self.heard += hits


@pytest.fixture
def store() -> Iterable[Store]:
    with Store.open(":memory:") as made:
        yield made


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    moments = [NOW]
    monkeypatch.setattr(cooling, "now", lambda: moments[-1])
    return moments


def finished(
    host: str = "site.example",
    state: State = State.INCONCLUSIVE,
    *,
    flagged: bool = True,
    second: bool = False,
) -> Finished:
    made = Measurement(
        id=host,
        probe="web",
        probe_version=1,
        target=parse_target(host),
        vantage=Vantage(),
        started=NOW,
        context=(RESIDUAL_POSSIBLE,) if flagged else (),
    )
    verdict = Verdict(measurement_id=host, ruleset_version=1, state=state, explanation="So.")
    return Finished(made, verdict, is_second=second)


def sentence(store: Store, *ended: Finished) -> str | None:
    made = Cooling(store.hits, LimitsConfig())
    for each in ended:
        made.note(each, Surroundings().runner())
    return made.sentence()


def test_what_may_have_been_spoiled_is_named_with_what_to_do(store: Store) -> None:
    told = sentence(store, finished("b.example"), finished("a.example"))

    assert told is not None
    assert "b.example, a.example; look again in 3 min 20 s" in told
    assert "'heliograph run --wait'" in told


def test_of_many_a_few_are_named(store: Store) -> None:
    told = sentence(store, *(finished(f"s{n}.example") for n in range(5)))

    assert told is not None
    assert "s0.example, s1.example, s2.example and 2 more" in told


@pytest.mark.parametrize(
    "ended",
    [
        (finished(flagged=False),),
        (finished(state=State.BLOCKED),),
        (finished(), finished(state=State.OK, flagged=False, second=True)),
    ],
    ids=["another reason", "decided all the same", "decided by a second look"],
)
def test_nothing_is_said_of_what_needs_no_second_look(
    store: Store, ended: tuple[Finished, ...]
) -> None:
    assert sentence(store, *ended) is None


def test_a_second_look_that_was_spoiled_as_well_is_named(store: Store) -> None:
    assert sentence(store, finished(), finished(second=True)) is not None


def test_the_user_is_told_before_anything_is_waited_for(store: Store) -> None:
    told: list[str] = []
    patience = Cooling(store.hits, LimitsConfig()).patience(told.append, waits=True)
    patience.told(2, 45)

    assert patience.waits
    assert told[0].startswith("waiting 45 s, then looking once more at 2 targets")
    assert "Ctrl-C" in told[0]


def test_a_run_begins_with_what_is_not_over_and_drops_the_rest(
    store: Store, clock: list[datetime]
) -> None:
    made = Measurement(
        id="m", probe="web", probe_version=1, target=parse_target("a.example"),
        vantage=Vantage(), started=NOW,
    )  # fmt: skip
    old = Hit(asn=0, address="203.0.113.8", port=443, name="old.example", stopped=NOW)
    store.save(made, None, None, [HIT, old])
    clock.append(NOW + timedelta(seconds=359))
    runner = Learning()
    Cooling(store.hits, LimitsConfig()).begin(runner)  # type: ignore[arg-type]
    assert runner.heard == [old, HIT]

    clock.append(NOW + timedelta(seconds=361))
    Cooling(store.hits, LimitsConfig()).begin(runner)  # type: ignore[arg-type]
    assert len(runner.heard) == 2
    assert store.hits.since(NOW) == []


def test_a_run_hears_of_what_others_met_meanwhile_every_few_seconds(
    store: Store, clock: list[datetime]
) -> None:
    runner = Learning()
    made = Cooling(store.hits, LimitsConfig())
    store.save(finished().measurement, None, None, [HIT])
    made.note(finished(), runner)  # type: ignore[arg-type]
    assert runner.heard == [], "just begun"

    clock.append(NOW + timedelta(seconds=6))
    made.note(finished(), runner)  # type: ignore[arg-type]
    assert runner.heard == [HIT]
