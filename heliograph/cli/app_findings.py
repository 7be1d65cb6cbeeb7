"""Commands about what happened over time: names, options and help."""

from pathlib import Path
from typing import Annotated

import typer

from heliograph.cli.options import Json, UnusedConfig, UnusedDb

findings_app = typer.Typer(help="Find blocking over time.", no_args_is_help=True)


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
