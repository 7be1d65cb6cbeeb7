"""Commands that write results as folders, and check such folders: names, options and help."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

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
from heliograph.cli.options import ConfigFile, Db, Json, UnusedConfig, UnusedDb

_HELP = """Write results as {what}, with all that is needed to read, check and cite them.

The folder holds the data, datapackage.json (every column described), MANIFEST.sha256,
CITATION.cff, LICENSE-DATA and README.md. It is whole or not there, and the same results make the
same bytes. With --public it tells the day and the country, and no more of where it was measured.

Examples:

  heliograph export {form} november --since 2026-11-01

  heliograph export {form} to-publish --public
"""


def export_as(form: str, what: str) -> Callable[..., None]:
    """The command that writes a folder of this format."""

    def command(  # noqa: PLR0913, PLR0917 - one parameter for each option a user sees
        out: Annotated[Path, typer.Argument(metavar="OUTFOLDER", help="The folder to make.")],
        sample: Annotated[
            str | None,
            typer.Option("--sample", metavar="PERCENT", help="A part of them, such as 1%."),
        ] = None,
        public: Annotated[
            bool, typer.Option("--public", help="For everybody: what may lead to you is taken out.")
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
        from heliograph.cli.exits import boundary
        from heliograph.cli.filters import Filters
        from heliograph.cli.packaging import Wish, package
        from storage.packages.shapes import Format

        filters = Filters(state, host, probe, since, technique, category, limit)
        with boundary():
            package(Wish(db, Format(form), out, filters, sample, public, address_unknown, json))

    command.__doc__ = _HELP.format(form=form, what=what)
    return command


def verify(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="What an export wrote.")],
    db: UnusedDb = None,
    config: UnusedConfig = None,
    json: Json = False,
) -> None:
    """Check an exported folder: every file, every row, every count; exit code 65 on any fault.

    Example:

      heliograph verify november
    """
    from heliograph.cli.exits import boundary
    from heliograph.cli.verify import verify as check

    with boundary():
        check(folder, json=json)
