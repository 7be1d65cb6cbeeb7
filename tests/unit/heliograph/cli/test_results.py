"""What is suggested next can be typed as it stands."""

from datetime import UTC, datetime

import pytest

from heliograph.cli.filters import Filters
from heliograph.cli.results import _as_typed


@pytest.mark.parametrize("year", [1, 999, 2026])
def test_a_moment_is_suggested_as_it_can_be_read_again(year: int) -> None:
    moment = datetime(year, 1, 2, 3, 4, 5, tzinfo=UTC)

    assert Filters(since=_as_typed(moment)).query().since == moment
