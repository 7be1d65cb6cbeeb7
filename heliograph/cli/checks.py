"""What ``doctor`` finds out without sending anything: this host, its disk and its settings."""

import asyncio
import os
import platform
import shutil
import sqlite3
import ssl
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import msgspec

from heliograph.cli.exits import ExitCode
from heliograph.cli.place import config_path, configuration, database, now, software
from heliograph.config import Config, ConfigError
from heliograph.control import places
from heliograph.network import TableError, load
from heliograph.url import BadTarget, parse_target
from probes.net.system import has_route
from probes.net.trust import Trust
from storage.errors import CannotWrite, MissingDatabase, StorageError
from storage.store import Store

SECONDS = 5.0
"""How long one check may take."""

_CORRECT = "correct what is named; docs/reference/config.md has every key"
_PYTHONS = ((3, 11), (3, 14))
_LEAST_FREE = 100 * 1024 * 1024
_IPV6_PLACE = "2606:4700:4700::1111"  # any public address does: the kernel is asked, nobody else
_SQLITE = ("sqlite:///", "sqlite+pysqlite:///")


class CheckRow(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="check"):
    """One check: fine, not fine, or (``ok`` null) not tested."""

    name: str
    ok: bool | None
    told: str
    mend: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A check as it will be printed, and what it means for the whole."""

    row: CheckRow
    code: ExitCode | None = None
    """How ``doctor`` ends because of it; None where one can measure all the same."""
    clock_ahead: float | None = None
    """Seconds this host's clock is ahead of a server's, where the check saw one."""


def fine(name: str, told: str, *, clock_ahead: float | None = None) -> Found:
    """The check found nothing to mend."""
    return Found(CheckRow(name=name, ok=True, told=told), None, clock_ahead)


def problem(name: str, told: str, mend: str, code: ExitCode | None = None) -> Found:
    """The check found something to mend."""
    return Found(CheckRow(name=name, ok=False, told=told, mend=mend), code)


def untested(name: str, why: str) -> Found:
    """The check was not made."""
    return Found(CheckRow(name=name, ok=None, told=f"not tested: {why}"))


def of_error(name: str, error: Exception, code: ExitCode) -> Found:
    """A problem whose message already says what mends it."""
    told, _, mend = str(error).rpartition("; ")
    return problem(name, told or mend, mend if told else _CORRECT, code)


def python() -> Found:
    """Whether this Python will do, and what the program is made of."""
    told = (
        f"{software()}, Python {platform.python_version()}, {ssl.OPENSSL_VERSION},"
        f" SQLite {sqlite3.sqlite_version}"
    )
    least, beyond = _PYTHONS
    if least <= sys.version_info[:2] < beyond:
        return fine("python", told)
    return problem("python", told, "install Python 3.11, 3.12 or 3.13", ExitCode.CONFIGURATION)


def settings(option: Path | None) -> tuple[Found, Config | None]:
    """The configuration in force; None when it can't be used."""
    try:
        path = config_path(option)
        config = configuration(option)
        places(config)
        for url in config.network.connectivity_checks:
            parse_target(url)
    except ConfigError as error:
        return of_error("configuration", error, ExitCode.CONFIGURATION), None
    except BadTarget as error:
        wrong = ConfigError(f"network.connectivity_checks: {error}")
        return of_error("configuration", wrong, ExitCode.CONFIGURATION), None
    return fine("configuration", f"{path or 'built-in defaults'}: fine"), config


def ca_file(config: Config) -> tuple[Found, Trust | None]:
    """The certificate authorities in force; None when the operator's can't be read."""
    file = config.network.ca_file
    try:
        trust = Trust(file, now)
    except (ConfigError, OSError) as error:
        return of_error("ca_file", error, ExitCode.CONFIGURATION), None
    return fine("ca_file", "the bundled roots" if file is None else f"{file}: read"), trust


def asn_table(config: Config) -> Found:
    """Whether there is a table of networks, and how old it is."""
    try:
        edition = load(config.network.asn_table, config.network.country_table).edition
    except TableError as error:
        return of_error("asn_table", error, ExitCode.CONFIGURATION)
    if not edition:
        return untested(
            "asn_table",
            "there is none (network.asn_table, or the extra 'places'); networks stay unknown",
        )
    return fine("asn_table", edition)


def data(option: str | None) -> Found:
    """Whether results can be kept, without making or changing anything."""
    location = database(option)
    try:
        try:
            with Store.open_to_read(location):
                told = f"{location}: has the schema of this version"
        except MissingDatabase:
            told = f"{location}: not there yet; the first run makes it"
        _try_to_write(_path_of(location))
    except CannotWrite as error:
        return of_error("database", error, ExitCode.CANNOT_WRITE)
    except StorageError as error:
        return of_error("database", error, ExitCode.BAD_INPUT)
    return fine("database", told)


def disk(option: str | None) -> Found:
    """Whether there is room where results are kept."""
    path = _path_of(database(option))
    if path is None:
        return untested("disk", "the database is not a file here")
    folder = _existing(path)
    free = shutil.disk_usage(folder).free
    told = f"{free / 2**30:.1f} GiB free in {folder}"
    if free >= _LEAST_FREE:
        return fine("disk", told)
    mend = f"make room, at least {_LEAST_FREE >> 20} MiB, or choose another --db"
    return problem("disk", told, mend, ExitCode.CANNOT_WRITE)


def ipv6() -> Found:
    """Whether this host knows a way to IPv6; asks the kernel and sends nothing.

    Most hosts know none, and one can measure without: there is nothing to mend.
    """
    if routed(_IPV6_PLACE):
        return fine("ipv6", "this host has a route to the IPv6 internet")
    told = "this host has no route to the IPv6 internet: targets are measured over IPv4"
    return fine("ipv6", told)


def routed(address: str) -> bool:
    """Whether this host knows a way to the address; sends nothing."""
    try:
        return has_route(address)
    except OSError:  # no such protocol on this host
        return False


async def namespaces() -> Found:
    """Whether ``heliograph lab`` could make its networks; nothing else needs them."""
    missing = [tool for tool in ("unshare", "ip", "nsenter") if shutil.which(tool) is None]
    if missing:
        told = f"{', '.join(missing)} not found; only 'heliograph lab' needs it"
        return problem("namespaces", told, "install the packages util-linux and iproute2")
    process = await asyncio.create_subprocess_exec(
        *("unshare", "-Urn", "true"),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        status = await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
    if status == 0:
        return fine("namespaces", "user and network namespaces can be made")
    return problem(
        "namespaces",
        "this system forbids user namespaces; only 'heliograph lab' needs them",
        "as root: sysctl kernel.unprivileged_userns_clone=1, on Ubuntu"
        " kernel.apparmor_restrict_unprivileged_userns=0",
    )


def _path_of(location: str) -> Path | None:
    """The database's file; None where it is none."""
    for prefix in _SQLITE:
        location = location.removeprefix(prefix)
    return None if "://" in location or location == ":memory:" else Path(location).expanduser()


def _existing(path: Path) -> Path:
    """The nearest folder above the file that is there."""
    return next(folder for folder in path.absolute().parents if folder.is_dir())


def _try_to_write(path: Path | None) -> None:
    """Raise CannotWrite where nothing could be written; leaves nothing behind."""
    if path is None:
        return
    folder = _existing(path)
    try:
        if path.exists():
            os.close(os.open(path, os.O_RDWR))
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise CannotWrite(
            f"{path}: can't be written ({error.strerror}); make rights, or choose another --db"
        ) from error
