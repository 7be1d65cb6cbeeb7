"""When something was, however it is written."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.censoredplanet.moments import moment_of, seconds_between

NOON = datetime(2021, 4, 25, 19, 37, 16, 850234, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2021-04-25 15:37:16.850234875 -0400 EDT m=+13035.126037108",
        "2021-04-25T15:37:16.850234875-04:00",
        "2021-04-25T19:37:16.850234Z",
        "2021-04-25 19:37:16.850234",
        "2021-04-26 01:07:16.850234875 +0530 IST",
    ],
)
def test_a_moment_is_the_same_however_it_is_written(text: str) -> None:
    assert moment_of(text) == NOON


@pytest.mark.parametrize(
    "text", [None, "", "yesterday", "2021-13-41T99:99:99Z", "0001-01-01T00:00:00+14:00"]
)
def test_what_is_no_moment_is_none(text: str | None) -> None:
    assert moment_of(text) is None


@given(st.text())
def test_no_text_is_an_error(text: str) -> None:
    moment_of(text)
    moment_of(f"2021-04-25T15:37:16{text}")


def test_time_does_not_run_backwards_and_is_not_guessed() -> None:
    later = NOON + timedelta(seconds=1.5)

    assert seconds_between(NOON, later) == 1.5
    assert seconds_between(later, NOON) == 0.0
    assert seconds_between(None, later) == seconds_between(NOON, None) == 0.0
