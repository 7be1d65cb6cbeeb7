"""Where things are: configuration, database, and the clock; from options, environment, defaults."""

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from heliograph.config import Config, ConfigError, load
from heliograph.control import places


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


def database(option: str | None) -> str:
    """The database named by --db or HELIOGRAPH_DB, or the user's own."""
    named = option or environment().get("HELIOGRAPH_DB")
    if named:
        return named
    from platformdirs import user_data_path

    return str(user_data_path("heliograph") / "heliograph.sqlite")
