"""What nights leave: built beside what is shown, and shown at one moment."""

import sqlite3
from datetime import UTC, datetime

import msgspec
import pytest
from sqlalchemy import select

from analysis.events import shipped
from heliograph.finding import Finding, FindingType
from heliograph.model import ConfidenceWord
from storage.engine import reading
from storage.forgetting import What
from storage.nights import Day, Night, Told
from storage.store import Store
from storage.views import DAILY, EVENTS, FRESHNESS, View
from tests.made_looks import Look, judged

BEGUN = datetime(2026, 11, 3, 1, 30, tzinfo=UTC)
NIGHT = Night(
    begun=BEGUN,
    ended=BEGUN,
    first_day="2026-11-01",
    last_day="2026-11-03",
    newest_measurement=BEGUN,
    ruleset_version=5,
)
FOUND = Finding(
    type=FindingType.BLOCKING,
    country="XA",
    asns=(64500,),
    targets=("https://one.example/",),
    probes=("web",),
    techniques=("tls.reset",),
    onset="2026-11-01T00:00:00Z",
    onset_from="2026-11-01T00:00:00Z",
    onset_to="2026-11-02T00:00:00Z",
    end=None,
    end_from=None,
    end_to=None,
    confidence=0.9,
    confidence_word=ConfidenceWord.SIGNAL,
    members=(),
    witnesses=("0007",),
    explanation="it is blocked",
)


def days(*days: str, build: int = 1, fingerprint: str = "f") -> list[Day]:
    return [Day(day=day, build=build, fingerprint=fingerprint) for day in days]


def cell(day: str, build: int = 1, blocked: int = 0, target: str = "t") -> dict[str, object]:
    counts = dict.fromkeys(
        ["throttled", "restricted", "removed", "down", "inconclusive"], 0
    ) | {"ok": 3, "blocked": blocked}  # fmt: skip
    weighed = ["ok", "blocked", "throttled", "down", "inconclusive"]
    return {
        "day": day,
        "country": "XA",
        "asn": 64500,
        "target": target,
        "probe": "web",
        "build": build,
        "state": "ok",
        "technique": None,
        "n_measurements": 3,
        "n_vantages": 1,
        **{f"n_{state}": count for state, count in counts.items()},
        **{f"weighed_{state}": counts[state] for state in weighed},
        "blocked_share": 0.0,
        "blocked_share_low": 0.0,
        "blocked_share_high": 0.5,
        "witness_id": "0007",
        "max_lag_seconds": None,
        "flags": '["one_vantage"]',
    }


def rows(store: Store, view: View = DAILY) -> list[dict[str, object]]:
    with reading(store._engine) as connection:
        return [dict(row) for row in connection.execute(select(view.rows)).mappings()]


def test_what_is_built_shows_only_after_the_switch(store: Store) -> None:
    store.nights.begin(BEGUN)
    store.nights.stage([cell("2026-11-01")])
    assert rows(store) == []

    told = store.nights.publish(NIGHT, days("2026-11-01"), [FOUND])
    assert told == Told(n_days_built=1, n_cells=1, n_findings=1)
    (shown,) = rows(store)
    assert (shown["n_ok"], shown["ruleset_version"], shown["built_at"]) == (3, 5, BEGUN)
    assert store.nights.findings() == [FOUND]


def test_a_silent_day_is_a_row_from_the_first_day_of_its_series_on(store: Store) -> None:
    store.nights.stage([cell("2026-11-01"), cell("2026-11-02", target="other")])
    store.nights.publish(NIGHT, days("2026-11-01", "2026-11-02", "2026-11-03"), [])

    found = sorted((r["target"], r["day"], r["state"], r["n_measurements"]) for r in rows(store))
    assert found == [
        ("other", "2026-11-02", "ok", 3),
        ("other", "2026-11-03", "insufficient", 0),
        ("t", "2026-11-01", "ok", 3),
        ("t", "2026-11-02", "insufficient", 0),
        ("t", "2026-11-03", "insufficient", 0),
    ]
    silent = next(r for r in rows(store) if r["n_measurements"] == 0)
    assert (silent["blocked_share"], silent["witness_id"], silent["flags"]) == (None, None, [])


def test_a_day_built_anew_takes_the_place_of_the_old_one_and_no_other(store: Store) -> None:
    store.nights.stage([cell("2026-11-01"), cell("2026-11-02")])
    store.nights.publish(NIGHT, days("2026-11-01", "2026-11-02"), [])
    store.nights.stage([cell("2026-11-02", build=2, blocked=4)])
    later = msgspec.structs.replace(NIGHT, begun=datetime(2026, 11, 4, tzinfo=UTC))
    store.nights.publish(later, days("2026-11-02", build=2, fingerprint="g"), [])

    assert [(r["day"], r["n_blocked"], r["built_at"]) for r in rows(store)] == [
        ("2026-11-01", 0, BEGUN),
        ("2026-11-02", 4, later.begun),
    ]
    assert store.nights.shown()["2026-11-02"].fingerprint == "g"


def test_what_an_interrupted_night_left_is_gone_with_the_next(store: Store) -> None:
    store.nights.stage([cell("2026-11-01")])
    store.nights.publish(NIGHT, days("2026-11-01"), [])
    store.nights.stage([cell("2026-11-01", build=2), cell("2026-11-02")])
    store.nights.begin(BEGUN)

    assert store.nights.publish(NIGHT, [], []).n_cells == 1


def test_detection_sees_what_will_be_shown(store: Store) -> None:
    store.nights.stage([cell("2026-11-01"), cell("2026-11-02")])
    store.nights.publish(NIGHT, days("2026-11-01", "2026-11-02"), [])
    built = days("2026-11-02", build=2)
    store.nights.stage([cell("2026-11-02", build=2, blocked=4)])

    found = sorted(store.nights.weighed("2026-11-01", "2026-11-09", built))
    assert [(one[4], one[6]) for one in found] == [("2026-11-01", 0), ("2026-11-02", 4)]


def test_what_is_the_same_is_not_written_again(store: Store) -> None:
    store.nights.publish(NIGHT, [], [FOUND], shipped().event)
    with reading(store._engine) as connection:
        driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    before = driver.total_changes
    store.nights.publish(NIGHT, [], [FOUND], shipped().event)
    assert driver.total_changes == before + 1  # when it was

    store.nights.publish(NIGHT, [], [], ())
    assert (store.nights.findings(), rows(store, EVENTS)) == ([], [])


def test_events_are_shown_with_their_sources(store: Store) -> None:
    store.nights.publish(NIGHT, [], [], shipped().event)

    found = {str(row["id"]): row for row in rows(store, EVENTS)}
    assert {one.id for one in shipped().event} == set(found)
    assert all(row["sources"] for row in found.values())


def test_a_failed_night_leaves_all_and_says_why(store: Store) -> None:
    store.nights.stage([cell("2026-11-01")])
    store.nights.publish(NIGHT, days("2026-11-01"), [FOUND])
    later = datetime(2026, 11, 4, tzinfo=UTC)
    store.nights.begin(later)
    assert rows(store, FRESHNESS)[0]["state"] == "under_way"
    store.nights.fail(later, later, "the disk is full")

    (fresh,) = rows(store, FRESHNESS)
    assert (fresh["state"], fresh["why"]) == ("failed", "the disk is full")
    assert (fresh["begun"], fresh["published"], fresh["last_day"]) == (later, BEGUN, "2026-11-03")
    assert len(rows(store)) == len(store.nights.findings()) == 1


def test_forgetting_a_look_takes_its_day_and_all_findings(store: Store) -> None:
    store.imports.keep(judged([Look(), Look(day=1)]))
    store.nights.stage([cell("2026-11-01"), cell("2026-11-02")])
    store.nights.publish(NIGHT, days("2026-11-01", "2026-11-02"), [FOUND])
    store.forgetting.forget(What(before=Look(day=1).started))

    assert [row["day"] for row in rows(store)] == ["2026-11-02"]
    assert store.nights.findings() == []
    assert set(store.nights.shown()) == {"2026-11-02"}
    (fresh,) = rows(store, FRESHNESS)
    assert (fresh["state"], fresh["n_cells"], fresh["n_findings"]) == ("incomplete", 1, 0)
    assert fresh["why"]
    store.forgetting.forget(What())
    assert (rows(store), store.nights.last()) == ([], None)


@pytest.mark.parametrize("number", [1, 2])
def test_the_lock_is_free_again_after_a_night(store: Store, number: int) -> None:
    for _ in range(number):
        with store.nights.alone():
            assert store.nights.last() is None
