"""Histories: what is written is what happened, the same for the same seed."""

import csv
import json
from dataclasses import replace
from pathlib import Path

import pytest

from heliograph.lab.history import COLUMNS, History, history, moment, truth, write
from heliograph.lab.history_shapes import PRESETS, Shape

SMALL = Shape(
    countries=3,
    networks=3,
    targets=6,
    days=120,
    episodes=6,
    network_outages=3,
    target_outages=3,
    faults=1,
)
STILL = replace(SMALL, noise=1e-9, episodes=0, network_outages=0, target_outages=0, faults=0)


def small(name: str) -> Shape:
    """A preset, made small."""
    return replace(
        PRESETS[name],
        countries=3,
        networks=3,
        targets=4,
        days=40,
        network_outages=3,
        episodes=min(PRESETS[name].episodes, 6),
        silences=min(PRESETS[name].silences, 2),
    )


def shares(made: History, asn: int, target: str) -> dict[int, float]:
    """Of one series, the share of decided looks that failed, by day."""
    mine = (one for one in made.counts if (one.asn, one.target) == (asn, target))
    return {
        one.day: (one.blocked + one.throttled) / max(one.ok + one.blocked + one.throttled, 1)
        for one in mine
    }


@pytest.mark.parametrize("name", PRESETS)
def test_the_same_seed_gives_the_same_bytes_and_another_one_others(name: str) -> None:
    one, again, other = (history(small(name), seed) for seed in (4, 4, 5))

    assert list(one.rows()) == list(again.rows())
    assert truth(one) == truth(again)
    assert list(one.rows()) != list(other.rows())


def test_a_table_and_the_truth_are_written(tmp_path: Path) -> None:
    series, told = write(history(SMALL, 1), tmp_path / "made", "default", 1)
    with series.open(encoding="utf-8", newline="") as lines:
        header, *rows = csv.reader(lines)
    kept = json.loads(told.read_text(encoding="utf-8"))

    assert tuple(header) == COLUMNS
    assert len(rows) <= 3 * 3 * 6 * 120
    assert (kept["preset"], kept["seed"], kept["days"]) == ("default", 1, 120)
    assert sum(one["type"] == "blocking" for one in kept["events"]) == 6
    assert sum(one["found"] for one in kept["events"]) == 6


def test_the_pinned_presets_are_as_they_were_pinned() -> None:
    default = PRESETS["default"]

    assert default.countries * default.networks == 50
    assert default.countries * default.networks * default.targets == 1000
    assert (default.days, default.vantages, default.looks) == (180, 4, 3)
    assert (default.noise, default.noise_days) == (0.05, 3.0)
    assert (default.episodes, default.episode_days, default.shares) == (60, (2, 60), (0.5, 1.0))
    assert (default.network_outages, default.target_outages, default.faults) == (20, 20, 2)
    assert PRESETS["quiet"] == replace(default, episodes=0)
    assert PRESETS["liars"] == replace(default, liars=0.3)


def test_noise_has_the_share_and_the_length_that_was_asked_for() -> None:
    shape = replace(STILL, noise=0.05, vantages=1, looks=1, days=1000)
    bad = [bool(one.blocked) for one in history(shape, 2).counts]
    runs = sum(now and not before for before, now in zip([False, *bad], bad, strict=False))

    assert sum(bad) / len(bad) == pytest.approx(0.05, abs=0.005)
    assert sum(bad) / runs == pytest.approx(3.0, abs=0.4)


def test_where_nothing_happens_nothing_fails() -> None:
    assert not any(one.blocked or one.down for one in history(STILL, 1).counts)


@pytest.mark.parametrize("course", ["even", "flapping", "gradual", "spreading"])
def test_looks_fail_while_an_episode_lasts_and_neither_before_nor_after(course: str) -> None:
    shape = replace(STILL, episodes=5, course=course, episode_days=(20, 30), shares=(0.9, 1.0))
    made = history(shape, 3)
    for one in made.happened:
        for asn in one.asns:
            seen = shares(made, asn, one.targets[0])
            outside = [share for day, share in seen.items() if not one.onset <= day < one.end]
            inside = [share for day, share in seen.items() if one.onset <= day < one.end]
            assert max(outside, default=0.0) == 0.0
            assert max(inside) > 0.7


def test_methods_take_turns_and_the_truth_says_when() -> None:
    made = history(replace(STILL, episodes=1, methods=3, episode_days=(30, 30)), 1)
    (one,) = truth(made)
    changes = one["changes"]
    seen = {count.technique for count in made.counts if count.technique}

    assert isinstance(changes, list)
    assert len(changes) == 2
    assert seen == {change[end] for change in changes for end in ("from", "to")}


def test_in_a_silence_there_are_no_lines_at_all() -> None:
    made = history(replace(STILL, silences=1), 1)
    (one,) = made.happened
    days = {count.day for count in made.counts if count.asn == one.asns[0]}

    assert days.isdisjoint(range(one.onset, one.end))
    assert {one.onset - 1} < days


def test_liars_hold_the_part_that_was_asked_for_and_accuse_what_is_open() -> None:
    made = history(replace(STILL, liars=0.3), 1)
    (lie,) = made.happened
    accused = shares(made, lie.asns[0], lie.targets[0])

    assert {accused[day] for day in range(lie.onset, min(lie.end, 120))} == {0.3}
    assert not lie.is_true
    assert not any(one.blocked for one in made.counts if one.asn != lie.asns[0])


def test_a_fault_of_part_of_the_vantages_fails_their_looks_everywhere() -> None:
    made = history(replace(STILL, faults=1, fault_share=0.4, vantages=10), 1)
    (fault,) = made.happened
    seen = [one.blocked for one in made.counts if one.day == fault.onset]

    assert sum(seen) / (len(seen) * 30) == pytest.approx(0.4, abs=0.15)
    assert all(blocked % 3 == 0 for blocked in seen)


def test_days_are_written_as_rfc_3339() -> None:
    assert moment(59) == "2024-02-29T00:00:00Z"


NOISY = replace(STILL, noise=0.3, countries=2, targets=4)


def test_noise_of_a_series_fails_all_its_vantages_at_once() -> None:
    made = history(replace(NOISY, noise_of="series"), 1)
    seen = [one.blocked / (one.ok + one.blocked) for one in made.counts]
    assert set(seen) == {0.0, 1.0}
    assert 0.2 < sum(seen) / len(seen) < 0.4


def test_noise_of_looks_comes_one_by_one_and_is_as_frequent() -> None:
    made = history(replace(NOISY, noise_of="look"), 1)
    seen = [one.blocked / (one.ok + one.blocked) for one in made.counts]
    assert 0.28 < sum(seen) / len(seen) < 0.32
    assert sum(share in {0.0, 1.0} for share in seen) < len(seen) / 20


def test_series_may_differ_in_noise_errors_may_grow_and_days_may_be_missing() -> None:
    looks = replace(NOISY, noise_of="look", noise=0.1)
    uneven = history(replace(looks, uneven=True), 1).counts
    by_series: dict[tuple[int, str], int] = {}
    for one in uneven:
        key = one.asn, one.target
        by_series[key] = by_series.get(key, 0) + one.blocked
    assert max(by_series.values()) > 5 * min(by_series.values())

    growing = history(replace(STILL, drift=0.5), 1).counts
    early, late = (
        sum(one.blocked for one in growing if one.day in days)
        for days in (range(30), range(90, 120))
    )
    assert late > 4 * early

    whole, some = history(STILL, 1).counts, history(replace(STILL, gaps=0.25), 1).counts
    assert 0.7 < len(some) / len(whole) < 0.8
