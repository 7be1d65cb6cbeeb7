"""A MaxMind database (``.mmdb``) as a table of networks.

The format is MaxMind DB 2.0; the publishers' records differ, and those of GeoLite2, DB-IP, IPinfo
and ip-location-db are understood.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import maxminddb

from heliograph.model import UNKNOWN_COUNTRY
from heliograph.network.table import Network, TableError
from heliograph.text import clean
from heliograph.valid import LARGEST_ASN, is_country_code

_NUMBERS = ("autonomous_system_number", "asn", "as_number")
_NAMES = ("autonomous_system_organization", "as_name", "as_organization", "name", "org")
_COUNTRIES = ("country", "country_code", "registered_country")


class BinaryTable:
    """Networks of a ``.mmdb`` file, read as they are asked for."""

    def __init__(self, path: Path) -> None:
        """Open the file; raises TableError when it is no such database."""
        try:
            self._reader = maxminddb.open_database(path, maxminddb.MODE_AUTO)
            about = self._reader.metadata()
            built = datetime.fromtimestamp(about.build_epoch, UTC)
        except (OSError, ValueError, TypeError, OverflowError, maxminddb.InvalidDatabaseError) as e:
            raise TableError(f"{path}: is not a readable .mmdb file: {e}") from e
        self._path = path
        self.edition = f"{clean(about.database_type)} {built:%Y-%m-%d}"

    def lookup(self, address: str) -> Network | None:
        """What the file says of the address; raises TableError where the file is damaged."""
        try:
            found = self._reader.get(address)
        except ValueError:  # no address, or an IPv6 one in an IPv4 database
            return None
        except maxminddb.InvalidDatabaseError as error:
            raise TableError(f"{self._path}: is damaged, fetch it again: {error}") from error
        return _network(found) if isinstance(found, Mapping) else None


def _network(record: Mapping[str, Any]) -> Network | None:
    asn = next((n for n in (_number(record.get(key)) for key in _NUMBERS) if n), 0)
    codes = (_code(record.get(key)) for key in _COUNTRIES)
    country = next((code for code in codes if code), UNKNOWN_COUNTRY)
    names = (record.get(key) for key in _NAMES)
    name = next((name for name in names if isinstance(name, str)), "")
    if not asn and country == UNKNOWN_COUNTRY:
        return None
    return Network(asn=asn, country=country, name=clean(name))


def _number(value: object) -> int:
    """13335, "13335" or "AS13335"; 0 for anything else."""
    digits = str(value).upper().removeprefix("AS") if isinstance(value, str | int) else ""
    number = int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 11 else 0
    return number if number <= LARGEST_ASN else 0


def _code(value: object) -> str | None:
    """The two letters of a country, which some publishers wrap in a map."""
    code = value.get("iso_code") if isinstance(value, Mapping) else value
    return code.upper() if isinstance(code, str) and is_country_code(code.upper()) else None
