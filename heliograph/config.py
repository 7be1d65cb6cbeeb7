"""One TOML file, and the environment over it, into frozen values; an unknown key is an error.

Nothing here reads the disk or the environment by itself: ``heliograph.cli`` passes both in, so
that every value has one place where it came from.
"""

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from zlib import crc32

import msgspec

from heliograph.limits import LimitsConfig, problems_of
from heliograph.valid import (
    check_problems,
    is_address,
    name_problems,
    place_problems,
    range_problems,
    vantage_problems,
)

ENVIRONMENT_PREFIX = "HELIOGRAPH_"
_SCHEMES = {"udp": 53, "tcp": 53, "tls": 853, "https": 443}


class ConfigError(Exception):
    """The configuration can't be used; the message names the place, the key and the mend."""


def split_host_port(authority: str, default: int) -> tuple[str, int]:
    """``host``, ``host:port``, ``[v6]`` or ``[v6]:port``; raises ValueError on a bad port."""
    if authority.startswith("["):
        host, _, rest = authority[1:].partition("]")
        port = rest.removeprefix(":")
    elif authority.count(":") > 1:
        host, port = authority, ""
    else:
        host, _, port = authority.partition(":")
    if not port:
        return host, default
    if not port.isascii() or not port.isdigit() or not 0 < int(port[:6]) < 65536:
        raise ValueError(f"port {port!r} is not a number from 1 to 65535")
    return host, int(port)


def split_ports(text: str) -> tuple[tuple[str, int], ...]:
    """``address:port`` or ``address:first-last`` as places; raises ValueError."""
    address, _, ports = text.rpartition(":")
    address = address[1:-1] if address.startswith("[") and address.endswith("]") else address
    first, _, last = ports.partition("-")
    low, high = (_port(part) for part in (first, last or first))
    if not is_address(address):
        raise ValueError(f"{address!r} is no address")
    if not low <= high < low + _MOST_PORTS:
        raise ValueError(f"{ports} is no range of at most {_MOST_PORTS} ports")
    return tuple((address, port) for port in range(low, high + 1))


_MOST_PORTS = 1024


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 < int(text[:6]) < 65536:
        raise ValueError(f"port {text!r} is not a number from 1 to 65535")
    return int(text)


class Resolver(msgspec.Struct, frozen=True, kw_only=True):
    """A DNS resolver: ``scheme://host[:port][/path][@address]``, scheme udp, tcp, tls or https."""

    scheme: str
    host: str
    """A name (checked in the certificate) or an address."""
    port: int
    path: str = ""
    address: str | None = None
    """The literal to connect to; None when the host's name must be looked up first."""

    @property
    def encrypted(self) -> bool:
        """Nobody on the path can read or forge its answers unnoticed."""
        return self.scheme in {"tls", "https"}

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == _SCHEMES[self.scheme] else f":{self.port}"
        separate = self.address is not None and self.address != self.host
        address = f"@{_bracketed(self.address or '')}" if separate else ""
        return f"{self.scheme}://{host}{port}{self.path}{address}"

    @classmethod
    def parse(cls, text: str) -> "Resolver":
        """Read the written form; raises ValueError saying what is wrong and what is expected."""
        scheme, mark, rest = text.partition("://")
        if not mark or scheme not in _SCHEMES:
            known = ", ".join(_SCHEMES)
            raise ValueError(f"resolver {text!r}: starts with one of {known}, then '://'")
        rest, _, address = rest.rpartition("@") if "@" in rest else (rest, "", "")
        authority, slash, path = rest.partition("/")
        host, port = split_host_port(authority, _SCHEMES[scheme])
        if not host:
            raise ValueError(f"resolver {text!r}: has no host")
        if path and scheme != "https":
            raise ValueError(f"resolver {text!r}: only https resolvers have a path")
        literal = address.strip("[]") or (host if is_address(host) else None)
        if literal is not None and not is_address(literal):
            raise ValueError(f"resolver {text!r}: {literal!r} after '@' is not an IP address")
        default_path = "/dns-query" if scheme == "https" else ""
        return cls(
            scheme=scheme,
            host=host.lower(),
            port=port,
            path=slash + path if path else default_path,
            address=literal,
        )


class VantageConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where we measure from; found out by itself when not set."""

    country: str | None = None
    asn: int | None = None
    network_name: str | None = None


class NetworkConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The network around the vantage; enough to live in any, a laboratory's included."""

    resolver: Resolver | None = None
    """None: the system's, from /etc/resolv.conf."""
    trusted_resolvers: tuple[Resolver, ...] = (
        Resolver.parse("https://dns.quad9.net/dns-query@9.9.9.9"),
        Resolver.parse("https://cloudflare-dns.com/dns-query@1.1.1.1"),
        Resolver.parse("udp://8.8.8.8"),
    )
    injection_probe_addresses: tuple[str, ...] = ()
    ca_file: Path | None = None
    asn_table: Path | None = None
    """Networks by address: CSV or .mmdb; None: what the extra ``[places]`` installed, if it did."""
    country_table: Path | None = None
    """Countries by address, where the other table doesn't know them: CSV or .mmdb."""
    assume_public: tuple[str, ...] = ()
    connectivity_checks: tuple[str, ...] = ()
    control_names: tuple[str, ...] = ("example.com", "example.org")
    sinks: tuple[str, ...] = ()
    """Places of one's own that answer any request (``control run --sink``), for the probe keyword:
    ``ADDRESS:PORT`` or ``ADDRESS:FIRST-LAST``, IPv6 in brackets."""

    @property
    def sink_places(self) -> tuple[tuple[str, int], ...]:
        """Every address and port of the sinks, in their order."""
        return tuple(place for text in self.sinks for place in split_ports(text))

    def controls_for(self, host: str) -> tuple[str, ...]:
        """The control names a trial with this host may use, in the order they are tried.

        Never the host itself or an address; the order depends on the host, so that a long list
        does not put all its trials on one server.
        """
        usable = [name for name in self.control_names if name != host and not is_address(name)]
        turn = crc32(host.encode()) % len(usable) if usable else 0
        return (*usable[turn:], *usable[:turn])


class ControlConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Servers elsewhere that make the same look for comparison."""

    urls: tuple[str, ...] = ()
    token_file: Path | None = None


class CollectorConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where results go; none: they stay here."""

    urls: tuple[str, ...] = ()


class Config(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything an operator can set."""

    vantage: VantageConfig = VantageConfig()
    network: NetworkConfig = NetworkConfig()
    control: ControlConfig = ControlConfig()
    limits: LimitsConfig = LimitsConfig()
    collector: CollectorConfig = CollectorConfig()


def load(path: Path | None, environment: Mapping[str, str]) -> Config:
    """The configuration of a file (or none) with the environment's settings over it.

    Paths in the file are relative to its folder. Raises ConfigError.
    """
    data: dict[str, Any] = {} if path is None else _read(path)
    base = Path() if path is None else path.parent
    where = "the environment" if path is None else str(path)
    return _checked(_convert(_overlaid(data, environment), base, where), where)


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ConfigError(f"{path}: no such file; check --config") from error
    except OSError as error:
        raise ConfigError(f"{path}: can't be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: is not valid TOML: {error}") from error


def _overlaid(data: dict[str, Any], environment: Mapping[str, str]) -> dict[str, Any]:
    """The file's data with ``HELIOGRAPH_SECTION__KEY`` over it; lists are split at commas."""
    merged = {k: dict(v) if isinstance(v, dict) else v for k, v in data.items()}
    for name, text in sorted(environment.items()):
        section, mark, key = name.removeprefix(ENVIRONMENT_PREFIX).lower().partition("__")
        if not name.startswith(ENVIRONMENT_PREFIX) or not mark:
            continue
        shape = _SECTIONS.get(section)
        fields = {} if shape is None else {f.name: f for f in msgspec.structs.fields(shape)}
        if key not in fields:
            raise ConfigError(f"environment: {name} sets no known key; {_known(section)}")
        is_list = isinstance(fields[key].default, tuple)
        parts = [part.strip() for part in text.split(",") if part.strip()]
        place = merged.setdefault(section, {})
        if isinstance(place, dict):
            place[key] = parts if is_list else text
    return merged


_SECTIONS: dict[str, type[msgspec.Struct]] = {
    "vantage": VantageConfig,
    "network": NetworkConfig,
    "control": ControlConfig,
    "limits": LimitsConfig,
    "collector": CollectorConfig,
}


def _known(section: str) -> str:
    shape = _SECTIONS.get(section)
    if shape is None:
        return f"sections are {', '.join(_SECTIONS)}"
    return f"[{section}] has {', '.join(shape.__struct_fields__)}"


def _refuse_unknown(data: dict[str, Any], where: str) -> None:
    for section, body in data.items():
        shape = _SECTIONS.get(section)
        if shape is None:
            raise ConfigError(f"{where}: unknown section [{section}]; {_known(section)}")
        if not isinstance(body, dict):
            raise ConfigError(f"{where}: [{section}] must be a table")
        for key in body:
            if key not in shape.__struct_fields__:
                raise ConfigError(f"{where}: unknown key {section}.{key}; {_known(section)}")


def _convert(data: dict[str, Any], base: Path, where: str) -> Config:
    _refuse_unknown(data, where)

    def decode(kind: type, value: object) -> object:
        if kind is Path and isinstance(value, str):
            return base / Path(value).expanduser()
        raise ValueError(f"expected text, got {value!r}")

    resolvers = _resolvers(data.get("network", {}), where)
    rest = {**data, "network": _without(data.get("network", {}), resolvers)}
    try:
        config = msgspec.convert(rest, Config, strict=False, dec_hook=decode)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{where}: {_in_plain_words(str(error))}") from error
    network = msgspec.structs.replace(config.network, **resolvers)
    return msgspec.structs.replace(config, network=network)


def _resolvers(network: dict[str, Any], where: str) -> dict[str, Any]:
    """The keys of [network] that are written resolvers, parsed."""
    parsed: dict[str, Any] = {}
    for key in ("resolver", "trusted_resolvers"):
        if key not in network:
            continue
        value = network[key]
        written = [value] if key == "resolver" else value
        if not isinstance(written, list) or not all(isinstance(t, str) for t in written):
            kind = "text" if key == "resolver" else "a list of texts"
            raise ConfigError(f"{where}: network.{key}: expected {kind}, got {value!r}")
        try:
            found = tuple(Resolver.parse(text) for text in written)
        except ValueError as error:
            raise ConfigError(f"{where}: network.{key}: {error}") from error
        parsed[key] = found[0] if key == "resolver" else found
    return parsed


def _without(table: dict[str, Any], keys: Mapping[str, object]) -> dict[str, Any]:
    return {key: value for key, value in table.items() if key not in keys}


def _in_plain_words(text: str) -> str:
    """msgspec's message with its path first: ``network.resolver: …``."""
    message, _, place = text.partition(" - at `$.")
    return f"{place.rstrip('`')}: {message}" if place else message


def _sink_problems(sinks: tuple[str, ...]) -> Iterator[tuple[bool, str]]:
    for text in sinks:
        try:
            split_ports(text)
        except ValueError as error:
            yield (
                True,
                (f"network.sinks: {text!r}: {error}; write ADDRESS:PORT or ADDRESS:FIRST-LAST"),
            )


def _checked(config: Config, where: str) -> Config:
    """Refuse values no run could use, and files that are not there."""
    network = config.network
    problems = [
        *problems_of(config.limits),
        *vantage_problems(config.vantage.country, config.vantage.asn),
        *range_problems(network.assume_public),
        *place_problems(network.injection_probe_addresses),
        *check_problems(network.connectivity_checks),
        *name_problems(network.control_names),
        *_sink_problems(network.sinks),
        *(
            (f is not None and not f.is_file(), f"{key}: {f}: no such file")
            for key, f in (
                ("network.ca_file", network.ca_file),
                ("network.asn_table", network.asn_table),
                ("network.country_table", network.country_table),
                ("control.token_file", config.control.token_file),
            )
        ),
    ]
    for wrong, message in problems:
        if wrong:
            raise ConfigError(f"{where}: {message}")
    return config


def _bracketed(address: str) -> str:
    return f"[{address}]" if ":" in address else address
