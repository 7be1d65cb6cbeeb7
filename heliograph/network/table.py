"""What a table of networks is, and the one kept as CSV."""

import csv
from collections.abc import Iterable
from datetime import UTC, datetime
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Protocol

import msgspec

from heliograph.text import clean
from heliograph.valid import LARGEST_ASN

_HEADER = ["cidr", "asn", "country", "name"]


class TableError(Exception):
    """The table can't be used; the message names file, line and mend."""


class Network(msgspec.Struct, frozen=True, kw_only=True):
    """An autonomous system as a table knows it."""

    asn: int
    """0 when the table doesn't say."""
    country: str
    """ISO 3166-1 alpha-2; ZZ when the table doesn't say, or tables contradict each other."""
    name: str


class Table(Protocol):
    """Networks by address."""

    @property
    def edition(self) -> str:
        """Name and date (or version) of the data, as it is stored beside what rests on it."""

    def lookup(self, address: str) -> Network | None:
        """The network that holds the address; None when the table has none."""


class NoTable:
    """Knows no network."""

    edition = ""

    def lookup(self, address: str) -> Network | None:
        """See Table."""
        return None


class NetworkTable:
    """Longest-prefix look-up, IPv4 and IPv6."""

    def __init__(self, rows: Iterable[tuple[str, Network]], edition: str = "table") -> None:
        self.edition = edition
        self._by_length: dict[tuple[int, int], dict[int, Network]] = {}
        for cidr, network in rows:
            prefix = ip_network(cidr)
            key = (prefix.version, prefix.prefixlen)
            shift = prefix.max_prefixlen - prefix.prefixlen
            self._by_length.setdefault(key, {})[int(prefix.network_address) >> shift] = network
        self._lengths = sorted(self._by_length, key=lambda key: -key[1])

    def lookup(self, address: str) -> Network | None:
        """The most specific network that holds the address, or None."""
        try:
            parsed = ip_address(address)
        except ValueError:
            return None
        for version, length in self._lengths:
            if version == parsed.version:
                shifted = int(parsed) >> (parsed.max_prefixlen - length)
                found = self._by_length[version, length].get(shifted)
                if found is not None:
                    return found
        return None

    @classmethod
    def load(cls, path: Path) -> "NetworkTable":
        """Read a CSV file whose first line is ``cidr,asn,country,name``; raises TableError."""
        try:
            with path.open(encoding="utf-8-sig", newline="") as file:
                return cls(_rows(csv.reader(file), path), _edition(path))
        except (OSError, UnicodeDecodeError, csv.Error) as error:
            raise TableError(f"{path}: can't be read: {error}") from error


def _edition(path: Path) -> str:
    """A CSV file says nothing of its age; when it was written is the best there is."""
    written = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    return f"{clean(path.name)} {written:%Y-%m-%d}"


def _rows(lines: Iterable[list[str]], path: Path) -> list[tuple[str, Network]]:
    rows = iter(lines)
    if [cell.strip() for cell in next(rows, [])] != _HEADER:
        raise TableError(f"{path}:1: the first line must be {','.join(_HEADER)}")
    return [_row(line, f"{path}:{number}") for number, line in enumerate(rows, start=2) if line]


def _row(line: list[str], place: str) -> tuple[str, Network]:
    try:
        cidr, asn, country, name = (cell.strip() for cell in line)
        ip_network(cidr)
        number = int(asn.upper().removeprefix("AS"))
        if not 0 <= number <= LARGEST_ASN:
            raise ValueError(f"{asn} is no autonomous system number")
        return cidr, Network(asn=number, country=clean(country), name=clean(name))
    except ValueError as error:
        raise TableError(f"{place}: expected {','.join(_HEADER)}: {error}") from error
