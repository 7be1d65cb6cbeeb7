"""Where this host is, no finer than country and network."""

from collections.abc import Iterable

from heliograph.config import VantageConfig
from heliograph.control import ControlNetwork
from heliograph.model import UNKNOWN_COUNTRY, Vantage
from heliograph.network import Network, Table
from heliograph.text import for_terminal
from heliograph.valid import LARGEST_ASN, is_country_code

_LONGEST = 100


class Whereabouts:
    """What the operator says, else what a table says of the address others see, else the control.

    The address itself is not kept.
    """

    def __init__(self, said: VantageConfig, own: Iterable[str], table: Table) -> None:
        """``own`` are this host's addresses; behind a translator none of them says anything."""
        self._said = said
        self._table = table
        self._found: Network | None = None
        self._source = ""
        for address in own:
            if self._found is None:
                self._take(address)

    def heard(self, address: str | None, network: ControlNetwork | None, control: str) -> None:
        """Take note of where a control server saw this host."""
        if address is not None and self._take(address):
            return
        told = None if network is None else _sound(network)
        if told is not None and network is not None:
            self._found = told
            edition = f": {network.source}" if network.source else ""
            self._source = for_terminal(f"control {control}{edition}", _LONGEST)

    @property
    def vantage(self) -> Vantage:
        """The place as every measurement records it."""
        said, found = self._said, self._found or _NOWHERE
        asn = said.asn if said.asn is not None else found.asn
        is_same = said.asn is None or said.asn == found.asn
        return Vantage(
            country=said.country or found.country,
            asn=asn,
            network_name=said.network_name or (found.name if is_same else None) or None,
            source=self._told,
        )

    @property
    def seen_country(self) -> str:
        """The country others see this host in, whatever the operator says; ZZ when unknown."""
        return UNKNOWN_COUNTRY if self._found is None else self._found.country

    @property
    def _told(self) -> str:
        said = self._said
        words = [] if said.country is None and said.asn is None else ["configured"]
        if self._found is not None and (said.country is None or said.asn is None):
            words.append(self._source)
        return "; ".join(words) or "unknown"

    def _take(self, address: str) -> bool:
        found = self._table.lookup(address)
        if found is not None:
            self._found, self._source = found, self._table.edition
        return found is not None


_NOWHERE = Network(asn=0, country=UNKNOWN_COUNTRY, name="")


def _sound(network: ControlNetwork) -> Network | None:
    """A stranger's words as a place, or None when they name none."""
    code = network.country.upper()
    asn = network.asn if 0 <= network.asn <= LARGEST_ASN else 0
    country = code if is_country_code(code) else UNKNOWN_COUNTRY
    if not asn and country == UNKNOWN_COUNTRY:
        return None
    return Network(asn=asn, country=country, name=for_terminal(network.name, _LONGEST))
