"""The options that every command has."""

from pathlib import Path
from typing import Annotated

import typer

Db = Annotated[
    str | None,
    typer.Option("--db", help="Database: a path or an SQLAlchemy URL.", show_default=False),
]
ConfigFile = Annotated[
    Path | None, typer.Option("--config", help="Configuration file (TOML).", show_default=False)
]
Json = Annotated[bool, typer.Option("--json", help="One JSON object a line on stdout.")]

# Every command takes all three, so that nobody has to remember which does; where one changes
# nothing, the help does not speak of it.
UnusedDb = Annotated[str | None, typer.Option("--db", hidden=True)]
UnusedConfig = Annotated[Path | None, typer.Option("--config", hidden=True)]
UnusedJson = Annotated[bool, typer.Option("--json", hidden=True)]
