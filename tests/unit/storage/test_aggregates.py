"""Looks counted into cells: what is plain, what is weighed, and who can't move it."""

import sqlite3
from collections.abc import Sequence
from itertools import permutations
from typing import Any

import duckdb
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heliograph.cell import INSUFFICIENT, Counted
from heliograph.model import State
from storage.aggregates import DUCKDB, SQLITE, Engine, counting, looks_of, without_key
from tests.made_looks import Look

COLUMNS = [
    *("measurement_id", "started", "country", "asn", "target", "probe"),
    *("outcome", "source", "state", "techniques"),
]


def rows(looks: Sequence[Look]) -> list[tuple[Any, ...]]:
    """As the view of verdicts has them, and whose key each was sent with, and when it came."""
    found = []
    for look in looks:
        measurement, verdict = look.judged()
        assert verdict is not None
        techniques = msgspec.json.encode(verdict.techniques).decode()
        began = f"{measurement.started:%Y-%m-%dT%H:%M:%SZ}"
        came = None if look.late is None else f"2026-11-{look.day + 2:02}T{look.hour:02}:00:00Z"
        key = (look.id, began, look.country, look.asn, measurement.target.url, look.probe)
        verdict_of = (verdict.state.value, techniques, verdict.confidence)
        found.append((*key, "measured", look.source, *verdict_of, look.key, came))
    return found


def cells(looks: Sequence[Look], connection: Any, engine: Engine) -> list[Counted]:
    connection.execute("DROP TABLE IF EXISTS seen_here")
    texts = ", ".join(f"{name} {'BIGINT' if name == 'asn' else 'VARCHAR'}" for name in COLUMNS)
    more = "confidence DOUBLE PRECISION, key VARCHAR, came VARCHAR"
    connection.execute(f"CREATE TABLE seen_here ({texts}, {more})")
    if looks:
        marks = ", ".join(["(" + ", ".join("?" * (len(COLUMNS) + 3)) + ")"] * len(looks))
        cells_of = [cell for row in rows(looks) for cell in row]
        connection.execute(f"INSERT INTO seen_here VALUES {marks}", cells_of)
    vantage = f"COALESCE('of key ' || v.key, {without_key('v.source', engine)})"
    sql = counting(looks_of("seen_here", vantage, "v.came", "1 = 1"), engine)
    return sorted(map(Counted._make, connection.execute(sql).fetchall()))


LITE = sqlite3.connect(":memory:")
DUCK = duckdb.connect(":memory:")


def cell(looks: Sequence[Look]) -> Counted:
    (found,) = cells(looks, LITE, SQLITE)
    return found


def several(count: int, **what: Any) -> list[Look]:
    return [Look(number=number, **what) for number in range(count)]


@pytest.mark.parametrize("state", [State.OK, State.BLOCKED, State.THROTTLED])
def test_a_cell_is_called_what_its_looks_say(state: State) -> None:
    found = cell(several(3, state=state))

    assert found.state == state
    assert found.n_measurements == getattr(found, f"n_{state}") == 3
    assert found.technique == (None if state is State.OK else "tls.reset")


def test_fewer_than_three_decided_looks_are_insufficient_however_many_others() -> None:
    found = cell([*several(2, state=State.BLOCKED), *several(9, state=State.INCONCLUSIVE)])

    assert (found.state, found.technique) == (INSUFFICIENT, None)


def test_half_the_votes_are_no_majority() -> None:
    looks = [*several(3, state=State.BLOCKED, key="a"), *several(3, key="b")]

    assert cell(looks).state == State.INCONCLUSIVE


def test_a_burst_of_one_vantage_outvotes_nobody_and_weighs_no_more() -> None:
    honest = [one for key in "abc" for one in several(3, key=key)]
    burst = several(200, key="liar", state=State.BLOCKED)
    found = cell([*honest, *burst])

    assert (found.state, found.n_blocked, found.n_vantages) == (State.OK, 200, 4)
    assert (found.weighed_ok, found.weighed_blocked) == (13, 4)  # of 9 and 8 looks, a fourth
    assert found.most_of_one == 200


def test_many_keys_of_one_network_weigh_no_more_than_a_network() -> None:
    looks = [one for key in range(300) for one in several(2, key=f"k{key}", state=State.BLOCKED)]

    assert cell(looks).weighed_blocked == 32


def test_looks_without_a_key_are_one_vantage_ours_and_of_each_source() -> None:
    looks = [*several(3), *several(3, source="ooni:r1#a"), Look(source="ooni:r2#b"), Look(key="k")]

    assert cell(looks).n_vantages == 3


def test_the_witness_has_the_most_confidence_and_then_the_smallest_id() -> None:
    sure = several(3, state=State.BLOCKED, confidence=0.98)
    looks = [*sure, *several(3, state=State.BLOCKED, confidence=0.5, key="b"), Look(hour=1)]

    assert cell(looks).witness_id == min(one.id for one in sure)


def test_the_technique_is_what_most_vantages_met_not_most_looks() -> None:
    looks = [
        *several(9, state=State.BLOCKED, key="a", technique="dns.bogon"),
        *(Look(state=State.BLOCKED, key=key) for key in "bc"),
    ]

    assert cell(looks).technique == "tls.reset"


def test_the_lag_is_the_longest_and_null_where_none_is_known() -> None:
    assert cell([Look(late=24), Look(number=1)]).max_lag_seconds == 86_400
    assert cell([Look()]).max_lag_seconds is None


def test_looks_at_the_surroundings_are_no_cells() -> None:
    assert cells([Look(probe="surroundings")], LITE, SQLITE) == []


LOOKS = st.builds(
    Look,
    day=st.integers(0, 2),
    hour=st.integers(0, 1),
    state=st.sampled_from(State),
    asn=st.sampled_from([0, 64500]),
    technique=st.sampled_from(["tls.reset", "dns.bogon"]),
    confidence=st.sampled_from([0.5, 0.98, 0.123456]),
    key=st.sampled_from([None, "a", "b", "c"]),
    source=st.sampled_from([None, "ooni:x#y", "cp"]),
    late=st.sampled_from([None, 24]),
    number=st.integers(0, 20),
)


@settings(max_examples=40)
@given(st.lists(LOOKS, max_size=40, unique_by=lambda one: one.id), st.randoms())
def test_engines_and_orders_of_arrival_count_alike(looks: list[Look], chance: Any) -> None:
    found = cells(looks, LITE, SQLITE)
    chance.shuffle(looks)

    assert cells(looks, DUCK, DUCKDB) == found
    by_day = [[one for one in looks if one.day == day] for day in range(3)]
    apart = [one for some in by_day for one in cells(some, LITE, SQLITE)]
    assert sorted(apart) == found


def test_a_cell_is_the_same_in_any_order() -> None:
    looks = [Look(key="a"), Look(key="b", state=State.BLOCKED), Look(state=State.DOWN)]

    assert len({cell(order) for order in permutations(looks)}) == 1
