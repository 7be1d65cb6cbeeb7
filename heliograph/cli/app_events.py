"""Commands about events of internet policy: names, options and help."""

from pathlib import Path
from typing import Annotated

import typer

from heliograph.cli.options import Db, Json, UnusedConfig, UnusedDb

events_app = typer.Typer()

File = Annotated[
    Path | None, typer.Option("--events", metavar="FILE", help="Events of your own (TOML).")
]
Days = Annotated[int | None, typer.Option(metavar="DAYS", show_default=False)]


@events_app.callback(invoke_without_command=True)
def events(  # noqa: PLR0913, PLR0917 - one parameter for each option a user sees
    context: typer.Context,
    country: Annotated[
        str | None, typer.Option("--country", metavar="CC", help="Only events of this country.")
    ] = None,
    since: Annotated[
        str | None, typer.Option("--since", metavar="DAY", help="Only what began then or later.")
    ] = None,
    file: File = None,
    db: UnusedDb = None,
    config: UnusedConfig = None,
    json: Json = False,
) -> None:
    """List dated events with their sources, or ask whether blocking changed around one.

    Examples:

      heliograph events --country CN --since 2017-06-01

      heliograph events impact cn-2017-party-congress --csv daily.csv
    """
    from heliograph.cli.events import listing
    from heliograph.cli.exits import boundary

    if context.invoked_subcommand is None:
        with boundary():
            listing(country, since, file, json=json)


@events_app.command("impact")
def events_impact(  # noqa: PLR0913, PLR0917 - one parameter for each option a user sees
    event: Annotated[str, typer.Argument(metavar="EVENT", help="Its id.")],
    csv: Annotated[
        Path | None,
        typer.Option("--csv", metavar="FILE", help="Counts per bucket; - is stdin."),
    ] = None,
    targets: Annotated[
        str | None,
        typer.Option(
            "--targets", metavar="FILE|@PACK", help="List that says what kind of site each is."
        ),
    ] = None,
    before: Days = None,
    after: Days = None,
    lead: Days = None,
    plan: Annotated[
        bool, typer.Option("--plan", help="Print the plan and its hash; look at no data.")
    ] = False,
    file: File = None,
    db: Db = None,
    config: UnusedConfig = None,
    json: Json = False,
) -> None:
    """Say whether blocking changed around an event, or why that can't be told.

    Counts are those of findings detect, or the verdicts of a database. The same series are compared
    before and after, beside other countries (or, without any, other targets); the change is set
    beside that of each of them at every rotation of the days. --before, --after and --lead change
    the window, which the answer names with the plan's hash.

    Examples:

      heliograph events impact cn-2017-party-congress --plan

      heliograph events impact cn-2017-party-congress --csv daily.csv --targets @starter --json
    """
    from heliograph.cli.events import Wish, examine
    from heliograph.cli.exits import boundary

    with boundary():
        examine(
            Wish(
                event=event,
                csv=csv,
                targets=targets,
                days={"before": before, "after": after, "lead": lead},
                plan=plan,
                events=file,
                db=db,
                json=json,
            )
        )
