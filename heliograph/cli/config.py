"""The ``config check`` command."""

from pathlib import Path
from typing import NamedTuple

import msgspec

from heliograph.address import own_addresses
from heliograph.cli.exits import ExitCode, Stop
from heliograph.cli.output import print_json, say
from heliograph.cli.place import config_path, configuration
from heliograph.config import Config, Resolver
from heliograph.control import places
from heliograph.network import load
from probes.net.system import RESOLV_CONF, read_resolv_conf, system_resolver
from probes.net.whereabouts import Whereabouts

_NOBODY_SAYS = "not set: unknown until a control server tells"


def check(file: Path | None, *, json: bool) -> None:
    """Print the configuration in force; raises ConfigError when it can't be used."""
    path = config_path(file)
    if path is not None and not path.exists():
        raise Stop(ExitCode.INPUT_MISSING, f"{path}: there is no such file; check the path")
    config = configuration(file)
    places(config)
    found = _found(config)
    if json:
        print_json({**_plain(config), "found": {key: one.value for key, one in found.items()}})
        return
    say(f"{path or 'built-in defaults'}: fine")
    for section, body in _plain(config).items():
        print(f"[{section}]")
        for key, value in body.items():
            one = found.get(f"{section}.{key}")
            print(f"{key} = {value}" if one is None else f"{key} = {one.value}  ({one.source})")


class _Found(NamedTuple):
    """A value that is not set, and is found out by this host itself."""

    value: object
    source: str


def _found(config: Config) -> dict[str, _Found]:
    """What stands in for settings left out, by ``section.key``; nothing is sent to learn it."""
    found = {}
    if config.network.resolver is None:
        system = system_resolver(read_resolv_conf())
        found["network.resolver"] = (
            _Found(None, f"not set, and {RESOLV_CONF} names none: set it")
            if system is None
            else _Found(str(system), f"not set: from {RESOLV_CONF}")
        )
    networks = load(config.network.asn_table, config.network.country_table)
    place = Whereabouts(config.vantage, sorted(own_addresses()), networks).vantage
    told = place.source.removeprefix("configured").removeprefix("; ")
    source = f"not set: from {told}" if told not in {"", "unknown"} else _NOBODY_SAYS
    said = config.vantage
    for key, set_to, value in (
        ("country", said.country, place.country),
        ("asn", said.asn, place.asn),
        ("network_name", said.network_name, place.network_name),
    ):
        if set_to is None:
            found[f"vantage.{key}"] = _Found(value, source)
    return found


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
