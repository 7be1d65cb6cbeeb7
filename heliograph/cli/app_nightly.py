"""The ``nightly`` command: its options and help."""

from typing import Annotated

import typer

from heliograph.cli.options import Db, Json, UnusedConfig


def nightly(  # noqa: PLR0913, PLR0917 - one parameter for each option a user sees
    days: Annotated[
        int,
        typer.Option("--days", min=1, max=36_500, help="Days of the window, today included."),
    ] = 180,
    archive: Annotated[
        str | None,
        typer.Option(
            "--archive",
            metavar="FOLDER",
            help="Count the looks of this archive, and show the night there, too.",
        ),
    ] = None,
    workers: Annotated[
        int,
        typer.Option(
            "--workers", min=1, max=64, help="Count by so many processes; the result is the same."
        ),
    ] = 1,
    daemon: Annotated[
        bool, typer.Option("--daemon", help="Stay, and do it every day; SIGTERM ends it.")
    ] = False,
    at: Annotated[
        str | None,
        typer.Option(
            "--at", metavar="HH:MM", help="When, with --daemon; UTC; 01:30 where it is not said."
        ),
    ] = None,
    db: Db = None,
    config: UnusedConfig = None,
    json: Json = False,
) -> None:
    """Judge what is new, count it day by day, look for blocking over time, and show it all at once.

    Views api_v1_daily, api_v1_findings and api_v1_freshness change at one moment; a night that
    fails or is killed leaves them as they were. Harmless to repeat. Nothing is sent.

    Examples:

      heliograph nightly --db results.sqlite

      heliograph nightly --daemon --at 02:30
    """
    from heliograph.cli.exits import ExitCode, Stop, boundary
    from heliograph.cli.nightly import Wish, keep_making, make, time_of_day

    with boundary():
        wish = Wish(db=db, days=days, archive=archive, workers=workers, json=json)
        moment = time_of_day("01:30" if at is None else at)
        if daemon:
            keep_making(wish, moment)
        elif at is not None:
            raise Stop(ExitCode.USAGE, "--at is for --daemon; without it a night is made now")
        else:
            make(wish)
