"""Networks from the tables that the extra installs."""

import pytest

from heliograph.network import load
from heliograph.network.packaged import PackagedTable


@pytest.mark.parametrize(
    ("address", "asn", "country"),
    [("8.8.8.8", 15169, "US"), ("2001:4860:4860::8888", 15169, "US"), ("202.108.22.5", 4808, "CN")],
)
def test_the_installed_tables_know_large_networks(address: str, asn: int, country: str) -> None:
    found = load(None).lookup(address)
    assert found is not None
    assert (found.asn, found.country) == (asn, country)


def test_installed_tables_that_contradict_each_other_leave_the_country_open() -> None:
    found = PackagedTable().lookup("1.1.1.1")  # registered in AU, its operator is from US
    assert found is not None
    assert (found.asn, found.country) == (13335, "ZZ")


@pytest.mark.parametrize(
    "address", ["10.0.0.1", "127.0.0.1", "198.18.0.1", "fe80::1", "::1", "100.64.0.1", "text", ""]
)
def test_what_is_nobodys_address_is_in_no_installed_table(address: str) -> None:
    assert PackagedTable().lookup(address) is None


def test_the_installed_tables_name_their_versions() -> None:
    assert "whereip-network 0." in PackagedTable().edition
    assert "iptocc 3." in PackagedTable().edition
