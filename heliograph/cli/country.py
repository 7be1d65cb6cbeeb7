"""In which country this host is, as far as the first screen is concerned; sends nothing to know."""

from dataclasses import dataclass
from pathlib import Path

from heliograph.address import Guard, own_addresses
from heliograph.cli.output import say
from heliograph.cli.place import config_path, configuration_to_show, usual_config
from heliograph.config import Config
from heliograph.model import UNKNOWN_COUNTRY
from heliograph.network import TableError, load
from heliograph.risk import CountryRisk, gravest_of, risk_of
from heliograph.text import for_terminal
from probes.net import links


@dataclass(frozen=True, slots=True)
class Country:
    """How dangerous it is here, and where that is known from."""

    risk: CountryRisk
    note: str
    """How it is known, and what to write where to set it right; it is no part of what is agreed to.

    Empty when the configuration says it.
    """


def to_show(option: Path | None) -> Country:
    """The same for a command that only informs: what can't be used is told, and stops nothing."""
    config = configuration_to_show(option)
    try:
        return of(config, option)
    except TableError as error:
        say(f"heliograph: {error}\nThe country is taken for unknown.")
        return Country(risk_of(None), "")


def of(config: Config, option: Path | None) -> Country:
    """What the configuration says, else a table of the addresses this host has by itself.

    Through a tunnel, or behind a router, none of them says where its user is. ``option`` is the
    file of --config. Raises TableError.
    """
    file = for_terminal(str((config_path(option) or usual_config()).absolute()))
    if config.vantage.country is not None and config.vantage.country != UNKNOWN_COUNTRY:
        return Country(risk_of(config.vantage.country), "")
    how = f"write under [vantage] in {file} this line, with your country's own code:"
    line = '  country = "XX"'
    if links.tunnel() is None:
        networks = load(config.network.asn_table, config.network.country_table)
        guard = Guard(assume_public=config.network.assume_public)
        public = [one for one in sorted(own_addresses()) if guard.bogon(one) is None]
        found = [network.country for one in public if (network := networks.lookup(one)) is not None]
        known = [country for country in found if country != UNKNOWN_COUNTRY]
        if known:
            risk = gravest_of(known)
            return Country(
                risk,
                f"That this is {risk.country} is read off this computer's address in a table"
                f" ({for_terminal(networks.edition)}).\nIf it is not so, {how}\n{line}",
            )
    return Country(risk_of(None), f"To say where this computer is, {how}\n{line}")
