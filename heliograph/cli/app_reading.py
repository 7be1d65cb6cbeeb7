"""Commands that read what is stored: names, options and help."""

from pathlib import Path
from typing import Annotated

import typer

from heliograph.cli.options import ConfigFile, Db, Json

State = Annotated[str | None, typer.Option("--state", help="Only this state (ok, blocked, …).")]
Host = Annotated[str | None, typer.Option("--host", help="Only this host.")]
OneProbe = Annotated[str | None, typer.Option("--probe", help="Only this probe.")]
Since = Annotated[
    str | None, typer.Option("--since", metavar="DATE", help="Only what began then or later, UTC.")
]
Technique = Annotated[
    str | None, typer.Option("--technique", help="Only this technique (tls.reset), or all of tls.")
]
Category = Annotated[
    str | None, typer.Option("--category", help="Only this category of the lists that come along.")
]
Limit = Annotated[int, typer.Option("--limit", min=1, help="At most so many, newest first.")]


def results(  # noqa: PLR0913, PLR0917 - one parameter for each option a user sees
    state: State = None,
    host: Host = None,
    probe: OneProbe = None,
    since: Since = None,
    technique: Technique = None,
    category: Category = None,
    limit: Limit = 100,
    csv: Annotated[bool, typer.Option("--csv", help="A table for spreadsheets on stdout.")] = False,
    db: Db = None,
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """List what was found, newest first.

    Examples:

      heliograph results --state blocked --since 2026-11-01

      heliograph results --technique dns --csv > dns.csv
    """
    from heliograph.cli.exits import boundary
    from heliograph.cli.filters import Filters
    from heliograph.cli.results import listing

    with boundary():
        listing(
            db,
            Filters(state, host, probe, since, technique, category, limit),
            json=json,
            csv=csv,
        )


def show(
    measurement: Annotated[
        str, typer.Argument(metavar="ID", help="Measurement id, or its beginning.")
    ],
    db: Db = None,
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Show one measurement with every step, and the rules its verdict rests on.

    Example:

      heliograph show 00078f3a-6357-8a1e
    """
    from heliograph.cli.exits import boundary
    from heliograph.cli.show import one

    with boundary():
        one(db, measurement, json=json)


def report(  # noqa: PLR0913, PLR0917 - one parameter for each option a user sees
    out: Annotated[Path, typer.Option("--out", help="The file to write; - is stdout.")] = Path(
        "heliograph-report.html"
    ),
    force: Annotated[
        bool, typer.Option("--force", help="Overwrite the file, even if it is no report of ours.")
    ] = False,
    state: State = None,
    host: Host = None,
    probe: OneProbe = None,
    since: Since = None,
    technique: Technique = None,
    category: Category = None,
    limit: Limit = 500,
    db: Db = None,
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Write stored results as one HTML page: what was found, on what evidence, what was sent.

    The page holds no script and asks for nothing; anybody can read it without Heliograph.

    Example:

      heliograph report --out november.html --since 2026-11-01 --state blocked
    """
    from heliograph.cli.exits import boundary
    from heliograph.cli.filters import Filters
    from heliograph.cli.report import write

    with boundary():
        write(
            db,
            Filters(state, host, probe, since, technique, category, limit),
            out,
            force=force,
            json=json,
        )
