"""Where the first screen takes the country from, and when it takes it from nowhere."""

from collections.abc import Callable
from pathlib import Path

import pytest

from heliograph.cli import country
from heliograph.config import Config, NetworkConfig, VantageConfig
from heliograph.risk import Tier

TABLE = "cidr,asn,country,name\n192.88.98.0/24,1,NL,n\n192.88.97.0/24,2,IR,i\n10.0.0.0/8,3,SE,s\n"
Where = Callable[..., country.Country]


@pytest.fixture
def where(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Where:
    """Where a host with these addresses is, through a tunnel or not, told so by its operator."""
    table = tmp_path / "asn.csv"
    table.write_text(TABLE, encoding="utf-8")

    def found(
        *addresses: str, tunnel: str | None = None, said: str | None = None
    ) -> country.Country:
        monkeypatch.setattr(country, "own_addresses", lambda: frozenset(addresses))
        monkeypatch.setattr("probes.net.links.tunnel", lambda: tunnel)
        config = Config(vantage=VantageConfig(country=said), network=NetworkConfig(asn_table=table))
        return country.of(config, tmp_path / "mine.toml")

    return found


def test_what_the_operator_says_counts_and_needs_no_note(where: Where) -> None:
    found = where("192.88.97.1", said="NL")
    assert (found.risk.country, found.note) == ("NL", "")


def test_an_address_in_a_table_says_so_with_its_source_and_how_to_mend_it(where: Where) -> None:
    found = where("192.88.97.1")
    assert (found.risk.country, found.risk.tier) == ("IR", Tier.HIGH)
    assert (
        "That this is IR is read off this computer's address in a table (asn.csv 20" in found.note
    )
    assert "mine.toml this line" in found.note


def test_of_addresses_in_several_countries_the_gravest_counts(where: Where) -> None:
    assert where("192.88.98.1", "192.88.97.1").risk.country == "IR"


@pytest.mark.parametrize(
    ("addresses", "tunnel"),
    [((), None), (("10.0.0.1",), None), (("192.88.96.1",), None), (("192.88.98.1",), "tun0")],
    ids=["none", "private", "in no table", "a tunnel's far end"],
)
def test_otherwise_it_is_unknown_and_says_what_to_write_where(
    where: Where, addresses: tuple[str, ...], tunnel: str | None
) -> None:
    found = where(*addresses, tunnel=tunnel)
    assert found.risk.tier is Tier.UNKNOWN
    assert "mine.toml this line" in found.note
    assert 'country = "XX"' in found.note


def test_zz_is_no_country(where: Where) -> None:
    assert where(said="ZZ").risk.tier is Tier.UNKNOWN
