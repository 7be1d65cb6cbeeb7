"""A night: the same data come to the same tables, whatever happened on the way."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from analysis.rules import RULESET_VERSION
from heliograph.finding import FindingType
from heliograph.model import ConfidenceWord, State
from scheduler import nightly
from scheduler.nightly import Made, NightWork
from storage.engine import MEMORY, reading
from storage.forgetting import What
from storage.store import Store
from storage.views import DAILY
from tests.made_looks import START, Look, judged

NOW = datetime(2026, 12, 1, 1, 30, tzinfo=UTC)


@pytest.fixture
def store() -> Iterator[Store]:
    with Store.open(MEMORY) as opened:
        yield opened


def night(store: Store, now: datetime = NOW, days: int = 60) -> Made:
    work = NightWork(store, store.looks, lambda: now, days)
    list(work.steps())
    assert work.made is not None
    return work.made


def daily(store: Store, *, but: str = "") -> list[tuple[object, ...]]:
    wanted = [column for column in DAILY.rows.c if column.name != but]
    with reading(store._engine) as connection:
        return sorted(map(tuple, connection.execute(select(*wanted))), key=repr)


def blocked_from(day: int) -> list[Look]:
    """Three networks of a country, two vantages each; one target is blocked from a day on."""
    return [
        Look(
            day=at,
            hour=hour,
            asn=64500 + asn,
            target=target,
            key=f"{asn}{key}",
            state=State.BLOCKED if target == "one.example" and at >= day else State.OK,
        )
        for at in range(30)
        for hour in (1, 7, 13, 19)
        for asn in range(3)
        for key in "ab"
        for target in ("one.example", "two.example", "three.example")
    ]


def receive(store: Store, looks: Sequence[Look], now: datetime = START) -> None:
    by_key: dict[str | None, list[Look]] = {}
    for one in looks:
        by_key.setdefault(one.key, []).append(one)
    for number, (key, some) in enumerate(by_key.items()):
        store.receipts.keep(f"{number}", judged(some), now, key)


def test_a_block_is_found_with_its_witnesses_on_the_day_it_began(store: Store) -> None:
    receive(store, blocked_from(20))
    made = night(store)
    (found,) = [f for f in store.nights.findings() if f.type is FindingType.BLOCKING]

    assert (found.targets, found.asns) == (("https://one.example/",), (64500, 64501, 64502))
    assert found.onset_from <= "2026-11-21T00:00:00Z" <= found.onset_to
    assert found.confidence_word == "corroborated"
    assert found.witnesses
    assert all(store.measurement(identity) for identity in found.witnesses)
    assert made.cells == 30 * 9
    assert len(daily(store)) == 31 * 9  # and a day on which nobody looked


def liars(day: int, *, looks: int) -> list[Look]:
    """Two senders of one network who say from a day on that all is blocked."""
    return [
        Look(day=at, key=key, number=number, target=target, state=State.BLOCKED)
        for at in range(day, 30)
        for key in ("x", "y")
        for number in range(looks)
        for target in ("one.example", "two.example", "three.example")
    ]


@pytest.mark.parametrize("looks", [2, 40])
def test_a_minority_that_lies_moves_no_state_and_no_finding(store: Store, looks: int) -> None:
    honest = [msgspec.structs.replace(one, state=State.OK) for one in blocked_from(30)]
    third = [msgspec.structs.replace(one, key=f"{one.key}3", number=1) for one in honest[::2]]
    receive(store, [*honest, *third, *liars(15, looks=looks)])
    night(store)

    states = {row[5] for row in daily(store) if row[7]}
    assert State.BLOCKED not in states
    told = [one for one in store.nights.findings() if one.type is FindingType.BLOCKING]
    assert all(one.confidence_word is ConfidenceWord.SIGNAL for one in told)


def test_a_second_night_changes_nothing_but_when_it_was(store: Store) -> None:
    receive(store, blocked_from(20))
    night(store)
    before, found = daily(store), store.nights.findings()
    again = night(store, NOW + timedelta(hours=1))

    assert again.days_built == 0
    assert (daily(store), store.nights.findings()) == (before, found)
    last = store.nights.last()
    assert last is not None
    assert last["published"] == NOW + timedelta(hours=1)


def test_late_looks_open_their_day_and_no_other(store: Store) -> None:
    receive(store, [Look(day=day) for day in range(5)])
    night(store)
    receive(store, [Look(day=2, number=1)])
    made = night(store, NOW + timedelta(hours=1))

    assert made.days_built == 1
    built = {row[0]: row[-7] for row in daily(store)}
    assert [day for day, when in built.items() if when != NOW] == ["2026-11-03"]


def test_what_has_no_verdict_gets_one_before_it_is_counted(store: Store) -> None:
    store.imports.keep([one._replace(verdict=None) for one in judged([Look(), Look(number=1)])])
    made = night(store)

    assert (made.judged, made.cells, made.ruleset_version) == (2, 1, RULESET_VERSION)


def test_a_day_whose_looks_were_forgotten_is_counted_without_them(store: Store) -> None:
    receive(store, [Look(), Look(day=1, target="other.example"), Look(day=1)])
    night(store)
    store.forgetting.forget(What(host="other.example"))
    night(store, NOW + timedelta(hours=1))

    assert {row[3] for row in daily(store)} == {"https://one.example/"}
    assert {row[0] for row in daily(store) if row[7]} == {"2026-11-01", "2026-11-02"}


def test_today_is_counted_and_no_silence_yet(store: Store) -> None:
    receive(store, [Look(day=day, number=n) for day in range(29) for n in range(4)])
    today = START + timedelta(days=29, hours=12)
    made = night(store, today)

    assert made.last_day == "2026-11-30"
    assert [f for f in store.nights.findings() if f.type is FindingType.SILENCE] == []


def test_old_data_are_looked_at_up_to_their_newest_day(store: Store) -> None:
    receive(store, [Look(day=3)])
    made = night(store, datetime(2028, 1, 1, tzinfo=UTC), days=10)

    assert (made.first_day, made.last_day, made.cells) == ("2026-10-26", "2026-11-04", 1)


def test_looks_of_the_future_wait_for_their_day(store: Store) -> None:
    receive(store, [Look(), Look(day=40)])

    assert {row[0] for row in daily(store)} == set()
    night(store)
    assert max(str(row[0]) for row in daily(store)) == "2026-12-01"


def test_an_empty_database_makes_an_empty_night(store: Store) -> None:
    made = night(store)

    assert (made.cells, made.findings, daily(store)) == (0, 0, [])


LOOKS = st.lists(
    st.builds(
        Look,
        day=st.integers(0, 5),
        state=st.sampled_from(State),
        target=st.sampled_from(["one.example", "two.example"]),
        key=st.sampled_from(["a", "b"]),
        number=st.integers(0, 9),
    ),
    max_size=25,
    unique_by=lambda one: one.id,
)


@settings(max_examples=8)
@given(LOOKS, st.integers(0, 25), st.integers(1, 9), st.booleans())
def test_order_of_arrival_restarts_and_portions_change_no_table(
    looks: list[Look], first: int, portion: int, killed: bool
) -> None:
    with Store.open(MEMORY) as at_once, Store.open(MEMORY) as bit_by_bit:
        receive(at_once, looks)
        night(at_once)
        receive(bit_by_bit, looks[first:])
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(nightly, "_AT_ONCE", portion)
            night(bit_by_bit)
            receive(bit_by_bit, looks[:first])
            steps = NightWork(bit_by_bit, bit_by_bit.looks, lambda: NOW, 60).steps()
            for _ in range(2 if killed else 0):
                next(steps, None)
            night(bit_by_bit)

        assert daily(bit_by_bit, but="built_at") == daily(at_once, but="built_at")
        assert bit_by_bit.nights.findings() == at_once.nights.findings()
