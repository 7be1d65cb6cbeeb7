"""Commands that write what is stored in other formats: names, options and help."""

from pathlib import Path
from typing import Annotated

import typer

from heliograph.cli.app_packages import export_as
from heliograph.cli.app_reading import (
    AddressUnknown,
    Category,
    Host,
    LimitIfAny,
    OneProbe,
    Since,
    State,
    Technique,
)
from heliograph.cli.options import ConfigFile, Db, Json

export_app = typer.Typer(help="Write results in other formats.", no_args_is_help=True)
for _form, _what in (
    ("csv", "tables for spreadsheets"),
    ("jsonl", "lines of JSON"),
    ("sqlite", "one database"),
):
    export_app.command(_form)(export_as(_form, _what))


@export_app.command("ooni")
def export_ooni(  # noqa: PLR0913, PLR0917 - one parameter for each option a user sees
    out: Annotated[
        Path, typer.Option("--out", help="The file to write, compressed if it ends in .gz.")
    ] = Path("-"),
    force: Annotated[bool, typer.Option("--force", help="Overwrite the file.")] = False,
    coarse: Annotated[
        bool, typer.Option("--coarse", help="For everybody: what may lead to you is taken out.")
    ] = False,
    address_unknown: AddressUnknown = False,
    state: State = None,
    host: Host = None,
    probe: OneProbe = None,
    since: Since = None,
    technique: Technique = None,
    category: Category = None,
    limit: LimitIfAny = None,
    db: Db = None,
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Write results in OONI's data format: one measurement a line, evidence and verdict.

    Left out, and counted: looks without evidence, measurements of others, and whatever may hold an
    address of this host. --address-unknown adds those made while its public address was not known.

    With --coarse it tells what export csv --public tells, and as roughly. What stays: targets as
    they are, the day, the country, this program's version, context flags, the verdict with its
    rules, and of each step what was done, in which trial, how it failed, its port, tenths of a
    second, and KiB. What goes: the time of day, network, addresses, resolvers, names other than
    the target's, answers, certificates, pages, source ports, the verdict's sentence, operating
    system and libraries, consent, campaign, ids, and the order of the looks.

    Examples:

      heliograph export ooni --out november.jsonl.gz --since 2026-11-01

      heliograph export ooni --state blocked --coarse > to-publish.jsonl
    """
    from heliograph.cli.exits import boundary
    from heliograph.cli.exporting import Wish, export
    from heliograph.cli.filters import Filters

    filters = Filters(state, host, probe, since, technique, category, limit)
    with boundary():
        export(Wish(db, filters, out, force, coarse, address_unknown, json))


@export_app.command("parquet")
def export_parquet(  # noqa: PLR0913, PLR0917 - one parameter for each option a user sees
    out: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="The archive to make, or to bring up to date.")
    ],
    remove: Annotated[
        bool,
        typer.Option("--remove", help="Take out of it what the database does not hold any more."),
    ] = False,
    yes: Annotated[
        bool, typer.Option("--yes", help="Take out what has steps there alone without asking.")
    ] = False,
    public: Annotated[
        bool, typer.Option("--public", help="For everybody: what may lead to you is taken out.")
    ] = False,
    db: Db = None,
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Write the whole database as an archive: Parquet files by day and country, for yourself.

    Only days that changed are written again, and a look that came late opens its day. It holds
    everything, exactly: it is not for publication. What was forgotten in the database stays in the
    archive until --remove takes it out; without that, another database's folder is refused.

    With --public it tells the day and the country, as export csv --public does, and is a package
    with all that is needed to read, check and cite it. The two need folders of their own.

    Examples:

      heliograph export parquet archive

      heliograph query --db archive "SELECT count(*) AS n FROM api_v1_measurements"

      heliograph export parquet to-publish --public
    """
    from heliograph.cli.archiving import Wish, archive
    from heliograph.cli.exits import boundary

    with boundary():
        archive(Wish(db, out, remove, json, yes, public))
