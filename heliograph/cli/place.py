"""Where things are: configuration, database, and the clock; from options, environment, defaults."""

import os
import shlex
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from heliograph.cli.output import say
from heliograph.config import Config, ConfigError, load
from heliograph.control import places
from storage.errors import CannotWrite


def environment() -> Mapping[str, str]:
    """The process environment."""
    return os.environ


def now() -> datetime:
    """The wall clock, UTC."""
    return datetime.now(UTC)


def software() -> str:
    """Name and version, as written into every measurement."""
    return f"heliograph {version('heliograph')}"


def configuration(option: Path | None) -> Config:
    """The configuration named by --config or HELIOGRAPH_CONFIG, or the user's own, or none."""
    path = config_path(option)
    config = load(path, environment())
    try:
        places(config)
    except ConfigError as error:
        raise ConfigError(f"{path or 'the environment'}: {error}") from error
    return config


def configuration_to_show(option: Path | None) -> Config:
    """The same for a command that only informs: a file that nobody named and that can't be used
    is told of, and the built-in settings stand in for it."""
    try:
        return configuration(option)
    except ConfigError as error:
        if option is not None:
            raise
        say(f"heliograph: {error}\nWhat follows is for the built-in settings.")
        return Config()


def config_path(option: Path | None) -> Path | None:
    """The file in force; None when there is none and none was asked for."""
    if option is not None:
        return option
    named = environment().get("HELIOGRAPH_CONFIG")
    if named:
        return Path(named)
    usual = usual_config()
    return usual if usual.is_file() else None


def usual_config() -> Path:
    """The file that is read when none is named, whether it is there or not."""
    from platformdirs import user_config_path

    return user_config_path("heliograph") / "config.toml"


_SQLITE = ("sqlite:///", "sqlite+pysqlite:///")


def database(option: str | None) -> str:
    """The database named by --db or HELIOGRAPH_DB, or the user's own."""
    named = option or environment().get("HELIOGRAPH_DB")
    if named:
        return named
    from platformdirs import user_data_path

    return str(user_data_path("heliograph") / "heliograph.sqlite")


def database_to_fill(option: str | None) -> str:
    """The same, where a file may be made, but no folder that somebody named, perhaps by mistake.

    Raises CannotWrite.
    """
    location = database(option)
    file = database_file(location)
    named = option or environment().get("HELIOGRAPH_DB")
    if named and file is not None and not file.absolute().parent.is_dir():
        raise CannotWrite(f"{file}: the folder it is to be in is not there; make it first")
    return location


def database_file(location: str) -> Path | None:
    """The file of a database; None for one that is no file here."""
    for prefix in _SQLITE:
        location = location.removeprefix(prefix)
    if not location or "://" in location or location == ":memory:":
        return None
    return Path(location).expanduser()


def on_server(location: str) -> bool:
    """Whether a database is one of a server."""
    return location.startswith("postgresql") and "://" in location


def beside_server(location: str) -> Path:
    """A file of our own, named for a database that is no file here, to put beside others' endings.

    How one gets there is left out: two URLs of one database are one database.
    """
    from hashlib import sha256

    from platformdirs import user_data_path

    from storage.engine import location_of, open_engine

    engine = open_engine(location, read_only=True)
    named = sha256(location_of(engine).encode()).hexdigest()[:16]
    return user_data_path("heliograph") / f"server-{named}"


def hint(command: str, db: str | None) -> str:
    """A command to give next, about the database that this one was given or found by itself."""
    elsewhere = db is not None and db != database(None)
    return f"heliograph {command}" + (f" --db {shlex.quote(db or '')}" if elsewhere else "")
