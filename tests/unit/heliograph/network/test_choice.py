"""Which table is used, and several at once."""

from pathlib import Path

import pytest

from heliograph.network import Network, NetworkTable, NoTable, choice, load
from heliograph.network.choice import Layers
from tests.unit.heliograph.network.tables import HERE, written


def test_the_countrys_table_completes_the_numbers(tmp_path: Path) -> None:
    numbers = written(tmp_path, {"autonomous_system_number": 64500}, name="numbers")
    countries = written(tmp_path, {"country": {"iso_code": "XA"}}, name="countries")
    both = load(numbers, countries)
    assert both.lookup(HERE) == Network(asn=64500, country="XA", name="")
    assert "Test-numbers" in both.edition
    assert "Test-countries" in both.edition
    assert both.lookup("192.0.2.1") is None


def test_the_countrys_own_table_is_believed_first(tmp_path: Path) -> None:
    file = tmp_path / "asn.csv"
    file.write_text("cidr,asn,country,name\n198.18.0.0/15,64500,XB,Example ISP\n")
    countries = written(tmp_path, {"country": {"iso_code": "XA"}})
    assert load(file, countries).lookup(HERE) == Network(
        asn=64500, country="XA", name="Example ISP"
    )


def test_a_csv_file_is_dated_by_when_it_was_written(tmp_path: Path) -> None:
    file = tmp_path / "asn.csv"
    file.write_text("cidr,asn,country,name\n")
    assert load(file).edition.startswith("asn.csv 20")


def test_without_the_extra_nothing_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choice, "find_spec", lambda _: None)
    found = load(None)
    assert isinstance(found, NoTable)
    assert (found.edition, found.lookup("8.8.8.8")) == ("", None)


def test_of_several_tables_each_says_what_the_others_do_not_know() -> None:
    def one(asn: int, country: str, name: str = "") -> NetworkTable:
        return NetworkTable([("198.18.0.0/15", Network(asn=asn, country=country, name=name))])

    layers = Layers((one(0, "ZZ", "a"), one(7, "ZZ", "b"), one(8, "XA", "c")))
    assert layers.lookup(HERE) == Network(asn=7, country="XA", name="b")
