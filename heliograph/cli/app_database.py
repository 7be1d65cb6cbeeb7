"""Commands that look after the database: names, options and help."""

from pathlib import Path
from typing import Annotated

import typer

from heliograph.cli.options import Db, Json, UnusedConfig


def retire(
    before: Annotated[
        str, typer.Option("--before", metavar="DAY", help="What began before this day, UTC.")
    ],
    archive: Annotated[
        Path,
        typer.Option("--archive", metavar="FOLDER", help="The archive to leave the steps to."),
    ],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    db: Db = None,
    config: UnusedConfig = None,
    json: Json = False,
) -> None:
    """Take old steps out of the database, once an archive is known to have them.

    The archive is brought up to date first, and every step is compared with what can be read back
    from it. Measurements, verdicts and what nights came to stay. From then on the archive is the
    only place of these steps: keep a copy of it elsewhere.

    Example:

      heliograph db retire --before 2026-01-01 --archive archive
    """
    from heliograph.cli.exits import boundary
    from heliograph.cli.retiring import Wish
    from heliograph.cli.retiring import retire as leave

    with boundary():
        leave(Wish(before=before, archive=archive, yes=yes, db=db, json=json))


def restore(
    archive: Annotated[
        Path,
        typer.Option("--archive", metavar="FOLDER", help="The archive that steps were left to."),
    ],
    since: Annotated[
        str | None,
        typer.Option("--since", metavar="DAY", help="Only what began on this day, UTC, or later."),
    ] = None,
    db: Db = None,
    config: UnusedConfig = None,
    json: Json = False,
) -> None:
    """Bring steps back into the database that 'db retire' left to an archive, and judge by them.

    Example:

      heliograph db restore --archive archive --since 2025-10-01
    """
    from heliograph.cli.exits import boundary
    from heliograph.cli.restoring import Wish
    from heliograph.cli.restoring import restore as bring_back

    with boundary():
        bring_back(Wish(archive=archive, since=since, db=db, json=json))
