"""What is told of the routers on a way: nothing that leads to the volunteer."""

from heliograph.address import Guard
from heliograph.network import Network
from probes.net.routers import INSIDE, Told, told

OWN = 64500
TABLE = {
    "198.51.100.": Network(asn=OWN, country="XA", name="Own"),
    "203.0.113.": Network(asn=64508, country="XA", name="Transit"),
    "192.0.2.": Network(asn=64509, country="XB", name="Far"),
}
SERVER = "192.0.2.80"
GUARD = Guard(assume_public=("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24"))


def lookup(address: str) -> Network | None:
    return next((n for begin, n in TABLE.items() if address.startswith(begin)), None)


def kept(*routers: str, vantage: int = OWN) -> list[Told]:
    found = told(enumerate(routers, start=1), vantage, SERVER, lookup, GUARD.bogon)
    return [found[hop] for hop in range(1, len(routers) + 1)]


def test_routers_at_home_and_of_the_own_network_are_inside_and_no_more() -> None:
    assert kept("192.168.1.1", "100.64.0.1", "198.51.100.9") == [INSIDE] * 3


def test_of_the_first_router_beyond_only_the_network_is_told() -> None:
    first, second = kept("192.168.1.1", "203.0.113.1", "203.0.113.2")[1:]

    assert (first.address, first.asn, first.network) == (None, 64508, "Transit")
    assert second.address == "203.0.113.2"


def test_what_lies_before_a_router_inside_is_inside() -> None:
    assert kept("203.0.113.1", "203.0.113.2", "198.51.100.9")[:2] == [INSIDE] * 2


def test_of_unknown_routers_no_address_is_told() -> None:
    near, _, far = kept("233.252.0.1", "203.0.113.1", "233.252.0.2")

    assert near == INSIDE
    assert far == Told()


def test_where_the_own_network_is_not_known_nothing_is_told() -> None:
    assert kept("198.51.100.9", "203.0.113.1", "203.0.113.2", vantage=0) == [Told()] * 3


def test_the_server_s_own_address_is_on_record_anyway() -> None:
    assert kept(SERVER, vantage=0)[0].address == SERVER
