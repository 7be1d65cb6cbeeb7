"""The command line: names, options and help; what a command does is in the module it imports."""

from pathlib import Path
from typing import Annotated

import typer

from heliograph.cli import (
    app_database,
    app_events,
    app_export,
    app_findings,
    app_import,
    app_lab,
    app_nightly,
    app_packages,
    app_reading,
    app_volunteer,
)
from heliograph.cli.options import ConfigFile, Db, Json, UnusedConfig, UnusedDb, UnusedJson

app = typer.Typer(
    name="heliograph",
    help="""Measure internet censorship from this host, and trace every claim to its evidence.

Examples:

  heliograph run --dry-run example.org   show what would be contacted

  heliograph run example.org             look at one site

  heliograph results --state blocked     list what was found

  heliograph show ID                     the evidence behind a verdict
""",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    add_completion=True,
)
config_app = typer.Typer(help="Look at the configuration.", no_args_is_help=True)
db_app = typer.Typer(help="Look after the database.", no_args_is_help=True)
app.add_typer(config_app, name="config", rich_help_panel=None)
app.add_typer(db_app, name="db", rich_help_panel=None)
app.add_typer(app_lab.lab_app, name="lab", rich_help_panel=None)
targets_app = typer.Typer(help="Look into lists of targets.", no_args_is_help=True)
app.add_typer(targets_app, name="targets", rich_help_panel=None)
control_app = typer.Typer(help="Serve looks to vantages elsewhere.", no_args_is_help=True)
app.add_typer(control_app, name="control", rich_help_panel=None)
app.add_typer(app_volunteer.consent_app, name="consent", rich_help_panel=None)
app.add_typer(app_events.events_app, name="events", rich_help_panel=None)
app.add_typer(app_export.export_app, name="export", rich_help_panel=None)
app.add_typer(app_findings.findings_app, name="findings", rich_help_panel=None)
app.add_typer(app_import.import_app, name="import", rich_help_panel=None)


def _print_version(wanted: bool) -> None:
    if wanted:
        from heliograph.cli.place import software

        typer.echo(software())
        raise typer.Exit


@app.callback()
def _common(
    version: Annotated[
        bool,
        typer.Option(
            "--version", is_eager=True, callback=_print_version, help="Print the version and leave."
        ),
    ] = False,
) -> None:
    pass


Probes = Annotated[
    list[str] | None,
    typer.Option("--probe", help="Probe to run; may be given more than once."),
]
Targets = Annotated[
    list[str] | None, typer.Argument(metavar="[TARGET]...", help="URLs or host names.")
]
TargetLists = Annotated[
    list[str] | None,
    typer.Option(
        "--targets",
        metavar="FILE|@PACK",
        help="List of targets: plain text, Citizen Lab's CSV, or a pack; - is stdin.",
    ),
]
Wait = Annotated[
    bool,
    typer.Option(
        "--wait",
        help="Wait some minutes, where a filter that was hit may have stopped another target as"
        " well, and look at that once more.",
    ),
]


@app.command()
def run(  # noqa: PLR0913, PLR0917 - one parameter for each option a user sees
    targets: Targets = None,
    targets_file: TargetLists = None,
    probe: Probes = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show every destination and send nothing.")
    ] = False,
    yes: Annotated[
        bool, typer.Option("--yes", help="I have read the consent text and agree to it.")
    ] = False,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Start anew instead of resuming an unfinished run.")
    ] = False,
    anyway: Annotated[
        bool,
        typer.Option("--anyway", help="On a battery, on a metered network and through a VPN, too."),
    ] = False,
    wait: Wait = False,
    db: Db = None,
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Look at targets and say what was found.

    Examples:

      heliograph run example.org

      heliograph run --targets my-list.txt --probe dns --probe tls --json
    """
    from heliograph.cli.exits import boundary
    from heliograph.cli.run import Wish, execute

    with boundary():
        execute(
            Wish(
                arguments=tuple(targets or ()),
                files=tuple(targets_file or ()),
                probes=tuple(probe or ()),
                dry_run=dry_run,
                yes=yes,
                fresh=fresh,
                anyway=anyway,
                wait=wait,
                db=db,
                config=config,
                json=json,
            )
        )


app.command()(app_reading.results)
app.command()(app_reading.show)
app.command()(app_reading.report)
app.command()(app_reading.query)
app.command()(app_packages.verify)
app.command()(app_reading.analyse)
app.command()(app_nightly.nightly)
app.command()(app_volunteer.pause)
app.command()(app_volunteer.resume)
app.command()(app_volunteer.privacy)
app.command()(app_volunteer.forget)
app.command()(app_volunteer.uninstall)


@app.command()
def probes(db: UnusedDb = None, config: UnusedConfig = None, json: Json = False) -> None:
    """List the probes: built in, and from installed packages."""
    from heliograph.cli.exits import boundary
    from heliograph.cli.probes import listing

    with boundary():
        listing(json=json)


@app.command()
def demo(
    out: Annotated[Path, typer.Option(help="Folder for the demo's database and report.")] = Path(
        "heliograph-demo"
    ),
    repeat: Annotated[int, typer.Option(min=1, help="Run every row so many times.")] = 1,
    db: UnusedDb = None,
    config: UnusedConfig = None,
    json: Json = False,
) -> None:
    """Rehearse on this host: a small censored internet in network namespaces of its own.

    Where the system allows none, what loopback can stage of it. Ends with exit code 70 when any
    row gets a wrong verdict.
    """
    from heliograph.cli.demo import rehearse_all
    from heliograph.cli.exits import boundary

    with boundary():
        rehearse_all(out, repeat=repeat, json=json)


@config_app.command("check")
def config_check(
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="Instead of the one in force.")
    ] = None,
    db: UnusedDb = None,
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Say whether a configuration can be used, and what it amounts to."""
    from heliograph.cli.config import check
    from heliograph.cli.exits import boundary

    with boundary():
        check(file or config, json=json)


@db_app.command("upgrade")
def db_upgrade(db: Db = None, config: UnusedConfig = None, json: Json = False) -> None:
    """Bring the database to the schema of this version; harmless when it is there already."""
    from heliograph.cli.exits import boundary
    from heliograph.cli.results import upgrade

    with boundary():
        upgrade(db, json=json)


db_app.command("retire")(app_database.retire)
db_app.command("restore")(app_database.restore)

ListName = Annotated[str, typer.Argument(metavar="FILE|@PACK", help="A list; - is stdin.")]


@targets_app.command("list")
def targets_list(
    name: ListName,
    category: Annotated[
        list[str] | None,
        typer.Option("--category", help="Only this code, such as NEWS; may be given again."),
    ] = None,
    db: UnusedDb = None,
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Show what is in a list: the kind of site in plain words, the URL, and why it is there.

    Example:

      heliograph targets list @starter --category NEWS
    """
    from heliograph.cli.exits import boundary
    from heliograph.cli.lists import listing

    with boundary():
        listing(name, tuple(category or ()), config, json=json)


@targets_app.command("validate")
def targets_validate(
    name: ListName, db: UnusedDb = None, config: UnusedConfig = None, json: Json = False
) -> None:
    """Name every line of a list that can't be used, and what mends it; exit code 65 if any."""
    from heliograph.cli.exits import boundary
    from heliograph.cli.lists import validate

    with boundary():
        validate(name, json=json)


@targets_app.command("packs")
def targets_packs(db: UnusedDb = None, config: ConfigFile = None, json: Json = False) -> None:
    """Show the lists that come with Heliograph."""
    from heliograph.cli.exits import boundary
    from heliograph.cli.lists import packs_listing

    with boundary():
        packs_listing(config, json=json)


@app.command()
def doctor(
    offline: Annotated[bool, typer.Option("--offline", help="Make no check that sends.")] = False,
    db: Db = None,
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Check whether this host is ready to measure, and say what mends what is not.

    It contacts the resolvers, control servers and connectivity checks of your configuration and the
    harmless sites of control_names, and names each first; never a target, so it needs no consent.
    With --offline it sends nothing.
    """
    from heliograph.cli.doctor import Wish, examine
    from heliograph.cli.exits import boundary

    with boundary():
        examine(Wish(db=db, config=config, offline=offline, json=json))


@control_app.command("run")
def control_run(  # noqa: PLR0913, PLR0917 - one parameter for each option a user sees
    listen: Annotated[
        str, typer.Option("--listen", metavar="HOST:PORT", help="Where; IPv6 in brackets.")
    ],
    tls_cert: Annotated[
        Path | None, typer.Option("--tls-cert", help="Certificate chain (PEM).")
    ] = None,
    tls_key: Annotated[Path | None, typer.Option("--tls-key", help="Its key (PEM).")] = None,
    sink: Annotated[
        list[str] | None,
        typer.Option(
            "--sink",
            metavar="ADDRESS:PORTS",
            help="Also answer any request in the clear there, such as 0.0.0.0:8000-8063, for the"
            " probe keyword.",
        ),
    ] = None,
    db: UnusedDb = None,
    config: ConfigFile = None,
    json: UnusedJson = False,
) -> None:
    """Make looks for vantages elsewhere, from a network that is not censored; keep nothing.

    SIGTERM and SIGINT end it with exit code 0.

    Example:

      heliograph control run --listen 0.0.0.0:8443 --tls-cert chain.pem --tls-key key.pem
    """
    from heliograph.cli.control import Wish, serve_control
    from heliograph.cli.exits import boundary

    with boundary():
        serve_control(
            Wish(
                listen=listen,
                tls_cert=tls_cert,
                tls_key=tls_key,
                config=config,
                sinks=tuple(sink or ()),
            )
        )
