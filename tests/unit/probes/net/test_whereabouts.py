"""A host's place: the operator's word first, then a table's, then a control server's."""

import pytest

from heliograph.config import VantageConfig
from heliograph.control import ControlNetwork
from heliograph.model import Vantage
from heliograph.network import Network, NetworkTable, NoTable, Table
from probes.net.whereabouts import Whereabouts

OWN = "198.18.0.7"
ELSEWHERE = "198.51.100.7"
TABLE = NetworkTable(
    [
        ("198.18.0.0/15", Network(asn=64500, country="XA", name="Example ISP")),
        ("203.0.113.0/24", Network(asn=64501, country="XB", name="Exit")),
    ],
    "asn.csv 2026-11-01",
)
TOLD = ControlNetwork(asn=64502, country="XC", name="Told", source="other.mmdb 2026-10-01")


def place(
    said: VantageConfig | None = None, own: tuple[str, ...] = (), table: Table = TABLE
) -> Whereabouts:
    return Whereabouts(said or VantageConfig(), own, table)


def test_nobody_says_anything() -> None:
    assert place(table=NoTable()).vantage == Vantage(country="ZZ", asn=0, source="unknown")


def test_a_public_address_of_the_host_is_looked_up() -> None:
    assert place(own=("192.168.1.5", OWN)).vantage == Vantage(
        country="XA", asn=64500, network_name="Example ISP", source="asn.csv 2026-11-01"
    )


def test_behind_a_translator_the_control_s_echo_is_looked_up() -> None:
    here = place(own=("192.168.1.5",))
    assert here.vantage.country == "ZZ"
    here.heard(OWN, TOLD, "control.example")
    assert here.vantage == Vantage(
        country="XA", asn=64500, network_name="Example ISP", source="asn.csv 2026-11-01"
    )


@pytest.mark.parametrize("address", [None, ELSEWHERE])
def test_without_a_table_of_its_own_the_control_is_believed(address: str | None) -> None:
    here = place()
    here.heard(address, TOLD, "control.example")
    assert here.vantage == Vantage(
        country="XC",
        asn=64502,
        network_name="Told",
        source="control control.example: other.mmdb 2026-10-01",
    )


def test_what_the_operator_says_is_never_replaced() -> None:
    said = VantageConfig(country="XX", asn=64999, network_name="Mine")
    here = place(said, own=(OWN,))
    here.heard(OWN, TOLD, "control.example")
    assert here.vantage == Vantage(
        country="XX", asn=64999, network_name="Mine", source="configured"
    )


def test_what_the_operator_leaves_open_is_found_and_says_from_where() -> None:
    assert place(VantageConfig(country="XA"), own=(OWN,)).vantage == Vantage(
        country="XA",
        asn=64500,
        network_name="Example ISP",
        source="configured; asn.csv 2026-11-01",
    )


def test_the_name_of_another_network_is_not_lent() -> None:
    assert place(VantageConfig(asn=64999), own=(OWN,)).vantage.network_name is None


def test_the_country_others_see_is_kept_beside_the_operator_s() -> None:
    here = place(VantageConfig(country="XA"))
    assert here.seen_country == "ZZ"
    here.heard("203.0.113.9", None, "control.example")
    assert (here.vantage.country, here.seen_country) == ("XA", "XB")


@pytest.mark.parametrize(
    "network",
    [
        ControlNetwork(asn=0, country="ZZ", name="x"),
        ControlNetwork(asn=-1, country="", name="x"),
        ControlNetwork(asn=2**40, country="XAX", name="x"),
        ControlNetwork(asn=0, country="é1", name="x"),
    ],
)
def test_a_control_that_names_no_place_changes_nothing(network: ControlNetwork) -> None:
    here = place()
    here.heard(ELSEWHERE, network, "control.example")
    assert here.vantage.source == "unknown"


def test_a_control_s_words_are_a_stranger_s() -> None:
    here = place()
    wild = ControlNetwork(asn=1, country="xa", name="\x1b[31m" + "n" * 500, source="s" * 500)
    here.heard(None, wild, "control.example")
    vantage = here.vantage
    assert vantage.country == "XA"
    assert vantage.network_name is not None
    assert len(vantage.network_name) <= 100
    assert "\x1b" not in vantage.network_name
    assert len(vantage.source) <= 100
