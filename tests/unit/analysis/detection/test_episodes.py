"""What of a rise is told, and what is too little to be told."""

import pytest

from analysis.detection.candidates import Candidate, blocked_counts
from analysis.detection.episodes import LEAST_LEVEL, Episode, episodes
from analysis.detection.evidence import Habits
from analysis.detection.noise import Noise
from analysis.detection.scanning import Rise, Scan, scan
from analysis.detection.series import Row, Series
from tests.unit.analysis.detection.tables import key, rows

NOISE = Noise(0.03, 0.05, 0.0)


def found_in(told: tuple[Row, ...], least: float = 10.0, noise: Noise = NOISE) -> list[Episode]:
    series = Series(key(), told)
    counts = blocked_counts(series, frozenset())
    candidate = Candidate(key(), series, counts, noise, scan(counts, noise, Habits({}), 7))
    return list(episodes(candidate, least))


def test_an_episode_says_when_how_much_and_by_how_many_vantages() -> None:
    (one,) = found_in(rows(90, (40, 60, 0.9), vantages=4, technique="tls.reset"))

    assert one.end is not None
    assert (one.onset.at, one.end.at) == (40, 60)
    assert one.level == pytest.approx(0.9, abs=0.07)
    assert (one.vantages, one.pauses) == (4, 0)
    assert {name for _, name in one.techniques} == {"tls.reset"}


def test_what_came_and_went_is_one_episode_with_its_pauses() -> None:
    (one,) = found_in(rows(90, (40, 45, 0.95), (48, 53, 0.95), (56, 61, 0.95)))

    assert one.end is not None
    assert (one.onset.at, one.end.at, one.pauses) == (40, 61, 2)
    assert one.level > 0.85


def test_a_score_below_the_least_is_not_told() -> None:
    assert found_in(rows(90, (40, 60, 0.9)), least=1e6) == []


def test_a_small_share_is_not_told_however_long_it_lasts() -> None:
    low = Rise(40, 80, 100.0)
    series = Series(key(), rows(90, (40, 80, LEAST_LEVEL - 0.1), seed=4))
    counts = blocked_counts(series, frozenset())
    candidate = Candidate(key(), series, counts, NOISE, Scan((low,), 1))

    assert list(episodes(candidate, 10.0)) == []


def test_a_share_the_series_has_anyhow_is_not_told() -> None:
    told = rows(90, (40, 60, 0.6), noise=0.4)

    assert found_in(told, least=0.0, noise=Noise(0.4, 0.05, 0.0)) == []


def test_a_share_the_rest_of_the_series_nearly_has_is_not_told_whatever_the_noise_is_thought() -> (
    None
):
    told = rows(90, (40, 80, 0.5), noise=0.35)
    rise = Rise(40, 80, 100.0)
    series = Series(key(), told)
    counts = blocked_counts(series, frozenset())
    candidate = Candidate(key(), series, counts, NOISE, Scan((rise,), 1))

    assert list(episodes(candidate, 10.0)) == []
    assert found_in(rows(90, (10, 30, 0.9), (50, 70, 0.9)), least=3.0) != []


def test_looks_that_say_nothing_may_be_those_of_other_vantages() -> None:
    told = tuple(
        row._replace(inconclusive=2 * row.decided) for row in rows(90, (40, 60, 0.95), vantages=3)
    )
    (one,) = found_in(told)

    assert one.vantages == 1
    assert one.looks == 3 * one.decided
    assert one.hits / one.decided == pytest.approx(0.95, abs=0.07)


def test_one_bucket_is_not_told() -> None:
    assert found_in(rows(90, (40, 41, 1.0), noise=0.0), least=3.0) == []


def test_where_it_was_never_seen_calm_it_takes_more() -> None:
    assert found_in(rows(90, (0, 90, 0.95))) != []
    assert found_in(rows(90, (0, 90, 0.5))) == []


def test_the_witnesses_are_of_the_buckets_with_most_failures() -> None:
    told = tuple(
        row._replace(witness=f"id-{row.at}") if row.blocked else row
        for row in rows(90, (40, 60, 1.0), noise=0.0)
    )
    (one,) = found_in(told)

    assert one.witnesses == ("id-40", "id-41", "id-42")


def test_of_several_techniques_the_first_is_the_main_one() -> None:
    (one,) = found_in(rows(90, (40, 60, 1.0), technique="dns.bogon, tls.reset"))

    assert {name for _, name in one.techniques} == {"dns.bogon"}
