"""The ``config check`` command."""

from pathlib import Path

import msgspec

from heliograph.cli.output import print_json, say
from heliograph.cli.place import config_path, configuration
from heliograph.config import Config, Resolver
from heliograph.control import places


def check(file: Path | None, *, json: bool) -> None:
    """Print the configuration in force; raises ConfigError when it can't be used."""
    path = config_path(file)
    config = configuration(file)
    places(config)
    if json:
        print_json(msgspec.to_builtins(_plain(config)))
        return
    say(f"{path or 'built-in defaults'}: fine")
    for section, body in _plain(config).items():
        print(f"[{section}]")
        for key, value in body.items():
            print(f"{key} = {value}")


def _plain(config: Config) -> dict[str, dict[str, object]]:
    """Sections of keys; resolvers and paths as written. Secrets are files, so none can show."""
    return {
        section: {key: _written(value) for key, value in msgspec.structs.asdict(body).items()}
        for section, body in msgspec.structs.asdict(config).items()
    }


def _written(value: object) -> object:
    if isinstance(value, Resolver | Path):
        return str(value)
    if isinstance(value, tuple):
        return [_written(item) for item in value]
    return value
