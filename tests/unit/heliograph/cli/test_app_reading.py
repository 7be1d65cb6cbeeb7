"""Numbers that no engine can count to are refused where they are typed."""

import pytest
from typer.testing import CliRunner

from heliograph.cli.app import app
from heliograph.cli.exits import ExitCode

LARGE = "9" * 26


@pytest.mark.parametrize(
    "command",
    [
        ["results", "--limit", LARGE],
        ["report", "--limit", LARGE],
        ["query", "--rows", LARGE, "SELECT 1"],
        ["nightly", "--days", "100000000"],
    ],
    ids=lambda words: words[0],
)
def test_a_number_beyond_all_counting_is_a_mistake_in_the_command(command: list[str]) -> None:
    done = CliRunner().invoke(app, command)

    assert done.exit_code == ExitCode.USAGE
    assert "less than or equal to" in done.output
    assert "Traceback" not in done.output
