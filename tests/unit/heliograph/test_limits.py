"""Every limit has a default that can be used, and values no run could use are told."""

import msgspec
import pytest

from heliograph.limits import LimitsConfig, problems_of


def told(limits: LimitsConfig) -> list[str]:
    return [message for wrong, message in problems_of(limits) if wrong]


def test_nothing_is_wrong_with_the_defaults_nor_with_the_least_values() -> None:
    assert told(LimitsConfig()) == []
    assert told(LimitsConfig(run_seconds=0, run_megabytes=0, jitter_seconds=0, parallel=1)) == []


@pytest.mark.parametrize("key", ["run_seconds", "run_megabytes", "jitter_seconds"])
@pytest.mark.parametrize("value", [-1, -0.1, float("nan"), float("inf")])
def test_a_budget_is_a_number_of_zero_or_more(key: str, value: float) -> None:
    limits = msgspec.structs.replace(LimitsConfig(), **{key: value})

    assert told(limits) == [f"limits.{key} must be 0 or more"]


@pytest.mark.parametrize(
    "key",
    ["parallel", "seconds_per_target", "body_bytes", "per_address_connections", "per_address_rate"],
)
def test_what_a_look_needs_must_be_more_than_nothing(key: str) -> None:
    limits = msgspec.structs.replace(LimitsConfig(), **{key: 0})

    (message,) = told(limits)
    assert message.startswith(f"limits.{key} must be")


def test_what_bounds_a_run_changes_no_look() -> None:
    bounded = LimitsConfig(
        parallel=7,
        run_seconds=60,
        run_megabytes=1.5,
        jitter_seconds=2,
        on_battery=False,
        on_metered=True,
    )

    assert bounded.of_one_look() == LimitsConfig(parallel=7).of_one_look()
