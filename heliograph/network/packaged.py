"""The tables that the extra ``[places]`` installs: they need no account and no download.

whereip-network knows the autonomous system that announces an address and the country of its
operator, iptocc the country the address was registered in.
"""

from importlib.metadata import version
from ipaddress import ip_address

import iptocc
import whereip_network

from heliograph.model import UNKNOWN_COUNTRY
from heliograph.network.table import Network
from heliograph.text import clean
from heliograph.valid import is_country_code

_PACKAGES = ("whereip-network", "iptocc")


class PackagedTable:
    """Both tables as one; where they name different countries, the country is unknown."""

    def __init__(self) -> None:
        self.edition = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)

    def lookup(self, address: str) -> Network | None:
        """See heliograph.network.Table."""
        try:
            parsed = ip_address(address)
        except ValueError:
            return None
        if not parsed.is_global:
            return None
        wide = parsed.version == 6
        facts, *_ = whereip_network.lookup(int(parsed) >> 64 if wide else int(parsed), wide)
        registered = iptocc.country_code(str(parsed))
        operated = facts.country if facts.asn else None
        said = {code for code in (operated, registered) if code and is_country_code(code)}
        said.discard(UNKNOWN_COUNTRY)
        if not facts.asn and not said:
            return None
        country = said.pop() if len(said) == 1 else UNKNOWN_COUNTRY
        return Network(asn=facts.asn, country=country, name=clean(facts.name))
