"""What one bucket says, and how the file's own habits correct it."""

from math import comb, exp, log

import pytest

from analysis.detection.evidence import (
    BIN_OF,
    LEVELS,
    Habits,
    Seen,
    beta_binomial,
    blocked,
    unblocked,
)

LOW = BIN_OF[20]


def test_without_correlation_it_is_the_binomial() -> None:
    exact = log(comb(12, 5) * 0.3**5 * 0.7**7)

    assert beta_binomial(12, 5, 0.3, 1e-6) == pytest.approx(exact, abs=1e-3)


@pytest.mark.parametrize("spread", [0.01, 0.3, 0.85])
def test_the_chances_of_all_counts_add_up_to_one(spread: float) -> None:
    assert sum(exp(beta_binomial(12, hit, 0.2, spread)) for hit in range(13)) == pytest.approx(1)
    assert sum(exp(unblocked(12, hit, LOW, spread)) for hit in range(13)) == pytest.approx(1)
    assert sum(exp(blocked(12, hit, LEVELS[0])) for hit in range(13)) == pytest.approx(1)


def test_failures_speak_for_blocking_and_successes_against_it() -> None:
    plain = Habits({})

    assert min(plain.ratios((12, 12, LOW, 0.05))[2:]) > 5
    assert max(plain.ratios((12, 0, LOW, 0.05))) < -2
    assert plain.ratios((12, 6, LOW, 0.05))[0] > plain.ratios((12, 6, LOW, 0.05))[-1]


def test_no_bucket_decides_alone() -> None:
    said = [Habits({}).ratios((40, hit, LOW, 0.01)) for hit in range(41)]

    assert max(max(one) for one in said) < 12
    assert min(min(one) for one in said) > -8


def test_bad_days_that_the_file_often_has_say_less() -> None:
    often = {Seen(12, 6, LOW, 0.05): 100, Seen(12, 0, LOW, 0.05): 1000}
    never = {Seen(12, 0, LOW, 0.05): 100_000}

    plain = Habits({}).ratios((12, 6, LOW, 0.05))[0]
    assert Habits(often).ratios((12, 6, LOW, 0.05))[0] < plain - 2
    assert Habits(never).ratios((12, 6, LOW, 0.05))[0] > plain


def test_numbers_of_failures_that_never_come_together_say_more_than_those_that_do() -> None:
    thirds = {Seen(12, hit, LOW, 0.05): 2000 // (hit + 1) for hit in (0, 3, 6, 9)}
    habits = Habits(thirds)

    assert habits.ratios((12, 7, LOW, 0.05))[0] > habits.ratios((12, 6, LOW, 0.05))[0] + 1


def test_where_a_bucket_has_many_looks_only_classes_of_shares_count() -> None:
    habits = Habits({Seen(40, 20, LOW, 0.05): 500, Seen(40, 0, LOW, 0.05): 5000})
    plain = Habits({})
    shifts = {
        round(plain.ratios((40, hit, LOW, 0.05))[0] - habits.ratios((40, hit, LOW, 0.05))[0], 4)
        for hit in (18, 20, 22)
    }

    assert len(shifts) == 1
