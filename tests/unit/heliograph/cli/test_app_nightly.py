"""A word that would change nothing is refused."""

from typer.testing import CliRunner

from heliograph.cli.app import app
from heliograph.cli.exits import ExitCode


def test_a_time_of_day_without_a_daemon_makes_no_night_at_once() -> None:
    done = CliRunner().invoke(app, ["nightly", "--at", "02:00"])

    assert done.exit_code == ExitCode.USAGE
    assert "--at is for --daemon" in done.output
