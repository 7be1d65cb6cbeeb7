"""Commands about what happened over time: names, options and help."""

from pathlib import Path
from typing import Annotated

import typer

from heliograph.cli.options import Db, Json, UnusedConfig, UnusedDb

findings_app = typer.Typer(help="Find blocking over time.")


@findings_app.callback(invoke_without_command=True)
def findings(  # noqa: PLR0913, PLR0917 - one parameter for each option a user sees
    context: typer.Context,
    country: Annotated[
        str | None, typer.Option("--country", metavar="CC", help="Only in this country.")
    ] = None,
    since: Annotated[
        str | None,
        typer.Option("--since", metavar="DAY", help="Only what was there on this day or later."),
    ] = None,
    kind: Annotated[
        str | None,
        typer.Option("--type", help="blocking, throttling, shutdown or silence."),
    ] = None,
    db: Db = None,
    config: UnusedConfig = None,
    json: Json = False,
) -> None:
    """List what the last whole night found, or find it in a file of counts.

    Examples:

      heliograph findings --country XA --since 2026-11-01

      heliograph findings detect --csv daily.csv
    """
    from heliograph.cli.exits import boundary
    from heliograph.cli.found import Wish, listing

    if context.invoked_subcommand is None:
        with boundary():
            listing(Wish(db=db, country=country, since=since, kind=kind, json=json))


@findings_app.command("detect")
def findings_detect(
    csv: Annotated[
        Path, typer.Option("--csv", metavar="FILE", help="Counts per bucket; - is stdin.")
    ],
    db: UnusedDb = None,
    config: UnusedConfig = None,
    json: Json = False,
) -> None:
    """Find blocking, throttling, shutdowns and silence in anybody's counts.

    The file has a column time (start of a bucket, UTC) and n_ok and n_blocked, or n and one of
    them; if known also country, asn, target, probe, n_throttled, n_down, n_inconclusive,
    n_vantages, technique, witness_id. A bucket without a row is no data. Nothing is sent or stored.

    Example:

      heliograph findings detect --csv daily.csv --json
    """
    from heliograph.cli.exits import boundary
    from heliograph.cli.findings import detect_in

    with boundary():
        detect_in(csv, json=json)
