"""What a filter can't mean is a mistake, and not an empty answer."""

import pytest

from heliograph.cli.exits import ExitCode, Stop
from heliograph.cli.filters import Filters, country_of


@pytest.mark.parametrize("text", ["Narnia", "UK", "", "N1"])
def test_what_is_no_countrys_code_is_refused(text: str) -> None:
    with pytest.raises(Stop, match="no country's code") as caught:
        country_of(text, ())

    assert caught.value.code is ExitCode.USAGE


def test_a_code_is_written_in_any_letters_and_one_that_is_stored_may_be_asked_for() -> None:
    assert [country_of("nl", ()), country_of("XA", ()), country_of("ap", {"AP"})] == [
        "NL",
        "XA",
        "AP",
    ]


@pytest.mark.parametrize("text", ["soon", "0001-01-01T00:00:00+05:00"])
def test_a_moment_that_is_on_no_calendar_is_refused(text: str) -> None:
    with pytest.raises(Stop, match=r"--since .* can't be read"):
        Filters(since=text).query()
