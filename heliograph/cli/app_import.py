"""The ``import`` commands' words: what can be typed, and what it means."""

from typing import Annotated

import typer

from heliograph.cli.options import ConfigFile, Db, Json

import_app = typer.Typer(help="Take in what others measured.", no_args_is_help=True)
Files = Annotated[
    list[str],
    typer.Argument(metavar="FILE...", help="Files, folders of files, or - for stdin."),
]


@import_app.command("ooni")
def import_ooni(files: Files, db: Db = None, config: ConfigFile = None, json: Json = False) -> None:
    """Read measurements as OONI publishes them, judge them, and keep both.

    JSON, lines of JSON, compressed or not (.gz, .zst, .tar.gz). What is stored already is counted
    and left as it is, so the same command goes on with an import that was interrupted. Nothing is
    sent, and nothing imported is ever sent.

    Examples:

      heliograph import ooni 2026112300_IR_webconnectivity.n0.0.jsonl.gz

      heliograph import ooni downloads/ --json > verdicts.ndjson
    """
    from heliograph.cli.exits import boundary
    from heliograph.cli.importing import Wish, bring_in
    from storage.ooni import reader

    with boundary():
        bring_in(Wish(tuple(files), db, json=json), reader)


@import_app.command("censoredplanet")
def import_censoredplanet(
    files: Files, db: Db = None, config: ConfigFile = None, json: Json = False
) -> None:
    """Read Satellite and Hyperquack lines (version 2) of Censored Planet, and keep them.

    They were measured from abroad, so no verdict of ours calls them blocked: the steps are kept to
    be laid beside measurements from within (docs/guide/import-censoredplanet.md).

    Examples:

      heliograph import censoredplanet CP_Satellite-2021-10-20-12-00-01.tar.gz

      heliograph import censoredplanet CP_Quack-https-2021-04-26-04-21-46/results.json
    """
    from heliograph.cli.exits import boundary
    from heliograph.cli.importing import Wish, bring_in
    from storage.censoredplanet import reading

    with boundary():
        bring_in(Wish(tuple(files), db, json=json), reading)
