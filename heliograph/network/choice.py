"""Which table is used: the operator's files, else what is installed."""

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from heliograph.model import UNKNOWN_COUNTRY
from heliograph.network.table import Network, NetworkTable, NoTable, Table


@dataclass(frozen=True, slots=True)
class Layers:
    """Several tables: the number from the first that knows it, and so the country."""

    tables: tuple[Table, ...]

    @property
    def edition(self) -> str:
        """The editions of all."""
        return "; ".join(table.edition for table in self.tables)

    def lookup(self, address: str) -> Network | None:
        """See heliograph.network.Table."""
        found = [n for table in self.tables if (n := table.lookup(address)) is not None]
        if not found:
            return None
        numbered = next((network for network in found if network.asn), found[0])
        countries = (n.country for n in found if n.country != UNKNOWN_COUNTRY)
        return Network(
            asn=numbered.asn,
            country=next(countries, UNKNOWN_COUNTRY),
            name=numbered.name,
        )


def load(asn_table: Path | None, country_table: Path | None = None) -> Table:
    """The tables of these files, the country's first; the installed one when there are none.

    Raises TableError for a file that can't be used.
    """
    files = [path for path in (country_table, asn_table) if path is not None]
    if not files:
        return packaged()
    opened = [_opened(path) for path in files]
    return opened[0] if len(opened) == 1 else Layers(tuple(opened))


def packaged() -> Table:
    """What the extra ``[places]`` installs; without it, a table that knows nothing."""
    if find_spec("whereip_network") is None or find_spec("iptocc") is None:
        return NoTable()
    from heliograph.network.packaged import PackagedTable

    return PackagedTable()


def _opened(path: Path) -> Table:
    if path.suffix.lower() != ".mmdb":
        return NetworkTable.load(path)
    from heliograph.network.mmdb import BinaryTable

    return BinaryTable(path)
