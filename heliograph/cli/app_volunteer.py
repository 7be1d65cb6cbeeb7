"""Commands about the volunteer: consent, pauses, what is stored and sent, being rid of it."""

from pathlib import Path
from typing import Annotated

import typer

from heliograph.cli.options import ConfigFile, Db, Json, UnusedConfig, UnusedDb

consent_app = typer.Typer(help="Look at your consent, or withdraw it.", no_args_is_help=True)


@consent_app.command("show")
def consent_show(db: Db = None, config: ConfigFile = None, json: Json = False) -> None:
    """Show every consent given here: to which text, when, until when, and for what."""
    from heliograph.cli.consents import listing
    from heliograph.cli.exits import boundary

    with boundary():
        listing(db, config, json=json)


@consent_app.command("withdraw")
def consent_withdraw(db: Db = None, config: UnusedConfig = None, json: Json = False) -> None:
    """Withdraw your consent: a run under way stops, and the next one asks again."""
    from heliograph.cli.consents import withdraw
    from heliograph.cli.exits import boundary

    with boundary():
        withdraw(db, json=json)


@consent_app.command("text")
def consent_text(db: UnusedDb = None, config: ConfigFile = None, json: Json = False) -> None:
    """Print the text a run asks to agree to, and what some kinds of probes add to it."""
    from heliograph.cli.consents import texts
    from heliograph.cli.exits import boundary

    with boundary():
        texts(config, json=json)


def pause(
    length: Annotated[
        str | None,
        typer.Option("--for", metavar="TIME", help="Such as 30m, 2h, 1d; else until 'resume'."),
    ] = None,
    db: Db = None,
    config: UnusedConfig = None,
    json: Json = False,
) -> None:
    """Stop a run under way within seconds, and let none start.

    It makes a file beside the database; a file that somebody makes there by hand counts, too.

    Example:

      heliograph pause --for 2h
    """
    from heliograph.cli.exits import boundary
    from heliograph.cli.pause import pause as stop

    with boundary():
        stop(db, length, json=json)


def resume(db: Db = None, config: UnusedConfig = None, json: Json = False) -> None:
    """End a pause, so that runs start again."""
    from heliograph.cli.exits import boundary
    from heliograph.cli.pause import resume as go_on

    with boundary():
        go_on(db, json=json)


def privacy(db: UnusedDb = None, config: ConfigFile = None, json: Json = False) -> None:
    """List every field that is stored, what for and how long, and what is sent to whom."""
    from heliograph.cli.exits import boundary
    from heliograph.cli.privacy import listing

    with boundary():
        listing(config, json=json)


def forget(  # noqa: PLR0913, PLR0917 - one parameter for each option a user sees
    before: Annotated[
        str | None, typer.Option(metavar="DATE", help="What began before, such as 2026-11-23.")
    ] = None,
    host: Annotated[
        str | None, typer.Option(help="This host, its subdomains, and all that mentions it.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Every measurement.")] = False,
    archive: Annotated[
        Path | None,
        typer.Option(
            "--archive", metavar="FOLDER", help="Look into this archive, and forget there, too."
        ),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    db: Db = None,
    config: UnusedConfig = None,
    json: Json = False,
) -> None:
    """Delete measurements for good: no file of the database holds a byte of them afterwards.

    Example:

      heliograph forget --host site.example --before 2026-11-23
    """
    from heliograph.cli.exits import boundary
    from heliograph.cli.forget import Wish
    from heliograph.cli.forget import forget as delete

    with boundary():
        delete(Wish(before, host, every, yes, db, json, archive))


def uninstall(
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    with_db: Annotated[
        bool, typer.Option("--with-db", help="Also the database of --db or HELIOGRAPH_DB.")
    ] = False,
    db: Db = None,
    config: UnusedConfig = None,
    json: Json = False,
) -> None:
    """Remove database, configuration and every folder of ours, and say what is left."""
    from heliograph.cli.exits import boundary
    from heliograph.cli.uninstall import Wish
    from heliograph.cli.uninstall import uninstall as remove

    with boundary():
        remove(Wish(yes=yes, with_db=with_db, db=db, json=json))
