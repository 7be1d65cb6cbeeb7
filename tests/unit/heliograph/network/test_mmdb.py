"""Networks from a publisher's .mmdb file."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from heliograph.network import Network, TableError, load
from heliograph.network.mmdb import BinaryTable
from tests.unit.heliograph.network.tables import HERE, written


@pytest.mark.parametrize(
    ("record", "network"),
    [
        (
            {"autonomous_system_number": 64500, "autonomous_system_organization": "Example"},
            Network(asn=64500, country="ZZ", name="Example"),
        ),
        (
            {"country": {"iso_code": "XA", "names": {"en": "Exampleland"}}, "continent": "x"},
            Network(asn=0, country="XA", name=""),
        ),
        (
            {"registered_country": {"iso_code": "XB"}},
            Network(asn=0, country="XB", name=""),
        ),
        (
            {
                "asn": "AS64500",
                "as_name": "Example",
                "country_code": "XA",
                "country": "Exampleland",
            },
            Network(asn=64500, country="XA", name="Example"),
        ),
        ({"asn": "64500", "country": "xa"}, Network(asn=64500, country="XA", name="")),
        ({"country_code": "XA"}, Network(asn=0, country="XA", name="")),
    ],
)
def test_the_records_of_several_publishers_are_understood(
    tmp_path: Path, record: dict[str, Any], network: Network
) -> None:
    assert BinaryTable(written(tmp_path, record)).lookup(HERE) == network


@pytest.mark.parametrize(
    "record",
    [
        {},
        {"asn": "ASx"},
        {"asn": str(2**32)},
        {"asn": "9" * 40},
        {"autonomous_system_number": 0},
        {"country": "Exampleland"},
        {"country": {"iso_code": 7}},
        {"country_code": "é1"},
    ],
)
def test_a_record_that_says_nothing_is_no_network(tmp_path: Path, record: dict[str, Any]) -> None:
    assert BinaryTable(written(tmp_path, record)).lookup(HERE) is None


def test_the_edition_names_the_database_and_the_day_it_was_built(tmp_path: Path) -> None:
    edition = BinaryTable(written(tmp_path, {"asn": 1}, name="ASN-Lite")).edition
    name, _, day = edition.rpartition(" ")
    assert name == "Test-ASN-Lite"
    assert date.fromisoformat(day).year >= 2026


@pytest.mark.parametrize("address", ["2001:db8::1", "192.0.2.1", "no address", ""])
def test_what_the_database_does_not_hold_is_no_network(tmp_path: Path, address: str) -> None:
    assert BinaryTable(written(tmp_path, {"asn": 1}, version=4)).lookup(address) is None


@pytest.mark.parametrize("name", ["bad.mmdb", "bad.MMDB"])
@pytest.mark.parametrize("content", [b"", b"cidr,asn,country,name\n", b"\xab\xcd\xefMaxMind.com"])
def test_a_file_that_is_no_database_is_named(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(TableError, match=r"bad\.(mmdb|MMDB): is not a readable"):
        load(path)


def test_a_database_cut_short_is_an_error_and_never_an_answer(tmp_path: Path) -> None:
    path = written(tmp_path, {"asn": 64500, "as_name": "Example", "country_code": "XA"})
    whole = path.read_bytes()
    outcomes = set()
    for end in range(0, len(whole), 7):
        path.write_bytes(whole[:end])
        try:
            outcomes.add(str(load(path).lookup(HERE)))
        except TableError:
            outcomes.add("error")
    assert outcomes == {"error"}
