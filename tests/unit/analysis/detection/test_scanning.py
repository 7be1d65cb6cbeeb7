"""The sequential test: what rises, where from and where to, and what does not."""

import random

from analysis.detection.evidence import Habits
from analysis.detection.noise import Noise
from analysis.detection.scanning import Rise, forecast, scan, seen
from tests.unit.analysis.detection.tables import counts

CALM = Noise(0.02, 0.05, 0.0)
LASTING = Noise(0.05, 0.3, 0.9)
PLAIN = Habits({})


def test_a_block_rises_from_its_first_bucket_to_its_last() -> None:
    series = counts([12] * 30, [0] * 10 + [12] * 10 + [0] * 10)
    (rise,) = scan(series, CALM, PLAIN).rises

    assert (rise.first, rise.past) == (10, 20)
    assert rise.score > 30


def test_a_calm_series_has_no_rise() -> None:
    found = scan(counts([12] * 50, [0, 1] * 25), CALM, PLAIN)

    assert found.rises == ()


def test_bad_days_that_usually_last_say_little() -> None:
    hit = [0] * 10 + [12] * 6 + [0] * 10
    quick = scan(counts([12] * 26, hit), CALM, PLAIN).rises[0].score
    lasting = scan(counts([12] * 26, hit), LASTING, PLAIN).rises[0].score

    assert lasting < quick / 3


def test_of_noise_hardly_anything_reaches_a_score() -> None:
    chance = random.Random(3)
    tries = reached = 0
    for _ in range(200):
        hit = [sum(chance.random() < 0.1 for _ in range(6)) for _ in range(200)]
        found = scan(counts([6] * 200, hit), Noise(0.1, 0.01, 0.0), PLAIN)
        tries += found.tries
        reached += sum(rise.score >= 5 for rise in found.rises)

    assert tries == 160_000
    assert reached <= tries * 0.0068 / 10


def test_what_comes_and_goes_is_one_rise_with_its_parts() -> None:
    hit = [0] * 10 + ([12] * 4 + [0] * 3) * 3 + [0] * 10
    series = counts([12] * len(hit), hit)
    (rise,) = scan(series, CALM, PLAIN, pause=7).rises

    assert rise.spans == ((10, 14), (17, 21), (24, 28))
    assert (rise.first, rise.past) == (10, 28)
    assert len(scan(series, CALM, PLAIN, pause=2).rises) == 3


def test_a_little_trouble_beside_a_block_is_no_part_of_it() -> None:
    hit = [0] * 10 + [7] + [0] * 4 + [12] * 20 + [0] * 10
    rises = scan(counts([12] * len(hit), hit), CALM, PLAIN, pause=7).rises

    assert max(rises, key=lambda rise: rise.score).first == 15


def test_nothing_gives_nothing() -> None:
    assert scan(counts([], []), CALM, PLAIN).rises == ()


def test_every_bucket_is_seen_beside_its_forecast_but_those_left_out() -> None:
    series = counts([12] * 20, [0] * 10 + [12] * 10)

    lines = forecast(series, CALM)

    assert sum(seen(lines, []).values()) == 20
    assert {hit for _, hit, _, _ in seen(lines, [(10, 20)])} == {0}


def test_a_rise_without_parts_is_one_span() -> None:
    assert Rise(3, 9, 5.0).spans == ((3, 9),)
