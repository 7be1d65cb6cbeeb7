"""Commands that read what is stored: names, options and help."""

from pathlib import Path
from typing import Annotated

import typer

from heliograph.cli.options import Db, Json, UnusedConfig

State = Annotated[
    list[str] | None,
    typer.Option("--state", help="Only this state (ok, blocked, …); may be given again."),
]
Host = Annotated[
    list[str] | None, typer.Option("--host", help="Only this host; may be given again.")
]
OneProbe = Annotated[
    list[str] | None, typer.Option("--probe", help="Only this probe; may be given again.")
]
Since = Annotated[
    str | None, typer.Option("--since", metavar="DATE", help="Only what began then or later, UTC.")
]
Technique = Annotated[
    list[str] | None,
    typer.Option(
        "--technique", help="Only this technique (tls.reset), or all of tls; may be given again."
    ),
]
Category = Annotated[
    list[str] | None,
    typer.Option(
        "--category", help="Only this category of the lists that come along; may be given again."
    ),
]
_MOST = 1_000_000_000
"""More rows than any database of ours holds, and fewer than any of them can count."""
Limit = Annotated[
    int, typer.Option("--limit", min=1, max=_MOST, help="At most so many, newest first.")
]
LimitIfAny = Annotated[
    int | None, typer.Option("--limit", min=1, max=_MOST, help="At most so many, newest first.")
]
AddressUnknown = Annotated[
    bool, typer.Option("--address-unknown", help="Also looks that may hold your own address.")
]


def results(  # noqa: PLR0913, PLR0917 - one parameter for each option a user sees
    state: State = None,
    host: Host = None,
    probe: OneProbe = None,
    since: Since = None,
    technique: Technique = None,
    category: Category = None,
    limit: Limit = 100,
    csv: Annotated[bool, typer.Option("--csv", help="A table for spreadsheets on stdout.")] = False,
    changes: Annotated[
        bool, typer.Option("--changes", help="When a target's state became another one.")
    ] = False,
    db: Db = None,
    config: UnusedConfig = None,
    json: Json = False,
) -> None:
    """List what was found, newest first.

    Examples:

      heliograph results --state blocked --since 2026-11-01

      heliograph results --technique dns --csv > dns.csv

      heliograph results --probe content --host board.example --changes
    """
    from heliograph.cli import changes as changed
    from heliograph.cli.exits import ExitCode, Stop, boundary
    from heliograph.cli.filters import Filters
    from heliograph.cli.results import listing

    filters = Filters(state, host, probe, since, technique, category, limit)
    with boundary():
        if changes and csv:
            raise Stop(ExitCode.USAGE, "--changes or --csv, not both")
        if changes:
            changed.listing(db, filters, json=json)
        else:
            listing(db, filters, json=json, csv=csv)


def show(
    measurement: Annotated[
        str, typer.Argument(metavar="ID", help="Measurement id, or its beginning.")
    ],
    db: Db = None,
    config: UnusedConfig = None,
    json: Json = False,
    why: Annotated[
        bool, typer.Option("--why", help="The reasons alone: rules and comparisons, no steps.")
    ] = False,
) -> None:
    """Show one measurement with every step, and the rules its verdict rests on.

    Examples:

      heliograph show 00078f3a-6357-8a1e

      heliograph show 00078f3a-6357-8a1e --why
    """
    from heliograph.cli.exits import boundary
    from heliograph.cli.show import one

    with boundary():
        one(db, measurement, json=json, why=why)


def report(  # noqa: PLR0913, PLR0917 - one parameter for each option a user sees
    out: Annotated[Path, typer.Option("--out", help="The file to write; - is stdout.")] = Path(
        "heliograph-report.html"
    ),
    force: Annotated[
        bool, typer.Option("--force", help="Overwrite the file, even if it is no report of ours.")
    ] = False,
    coarse: Annotated[
        bool, typer.Option("--coarse", help="For others: tell the hour and no more.")
    ] = False,
    state: State = None,
    host: Host = None,
    probe: OneProbe = None,
    since: Since = None,
    technique: Technique = None,
    category: Category = None,
    limit: Limit = 500,
    db: Db = None,
    config: UnusedConfig = None,
    json: Json = False,
) -> None:
    """Write stored results as one HTML page: what was found, on what evidence, what was sent.

    The page holds no script and asks for nothing; anybody can read it without Heliograph.

    Example:

      heliograph report --out november.html --since 2026-11-01 --state blocked

      heliograph report --out for-others.html --host site.example --coarse
    """
    from heliograph.cli.exits import boundary
    from heliograph.cli.filters import Filters
    from heliograph.cli.report import Wish, write

    filters = Filters(state, host, probe, since, technique, category, limit)
    with boundary():
        write(Wish(db, filters, out, force, coarse, json))


def query(  # noqa: PLR0913, PLR0917 - one parameter for each option a user sees
    sql: Annotated[
        str,
        typer.Argument(
            metavar="SQL",
            help="The question; - is stdin, where it may begin with a comment (--), too.",
        ),
    ],
    form: Annotated[
        str, typer.Option("--format", metavar="table|csv|json", help="How the answer looks.")
    ] = "table",
    seconds: Annotated[float, typer.Option("--seconds", help="It may take so long.")] = 1.0,
    rows: Annotated[int, typer.Option("--rows", min=1, max=_MOST, help="At most so many.")] = 1000,
    db: Db = None,
    config: UnusedConfig = None,
    json: Json = False,
) -> None:
    """Ask the database in SQL; a question only reads, and only the views api_v1_*.

    --db takes a file, a PostgreSQL URL, or a folder that 'export parquet' or
    'export sqlite' wrote.

    The columns are in docs/reference/schema.md, example questions in docs/guide/query.md.

    Examples:

      heliograph query "SELECT host, state FROM api_v1_verdicts WHERE state = 'blocked'"

      heliograph query --format csv - < question.sql > answer.csv
    """
    from heliograph.cli.exits import boundary
    from heliograph.cli.query import Wish, ask

    with boundary():
        ask(Wish(sql, form, seconds, rows, db, json))


def analyse(
    activate: Annotated[
        bool, typer.Option("--activate", help="Show these verdicts, once all is judged.")
    ] = False,
    db: Db = None,
    config: UnusedConfig = None,
    json: Json = False,
) -> None:
    """Judge stored measurements by the rules of this version, and say what that changes.

    Nothing is measured, and older verdicts stay as history. It can be interrupted at any time:
    the same command goes on. What 'results' and 'show' say changes only with --activate.

    Examples:

      heliograph analyse              what would change

      heliograph analyse --activate   change it, all at one moment
    """
    from heliograph.cli.analyse import analyse as judge_again
    from heliograph.cli.exits import boundary

    with boundary():
        judge_again(db, activate=activate, json=json)
