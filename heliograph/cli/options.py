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
