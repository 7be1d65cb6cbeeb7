"""What is staged: places that do not collide, and a censor that is there only when it shall be."""

import asyncio
from ipaddress import ip_address, ip_network
from typing import cast

import dns.message
import pytest

from heliograph.lab import scene as names
from heliograph.lab.answers import Answer, addresses, nxdomain
from heliograph.lab.authority import Authority
from heliograph.lab.censor import DropAddress
from heliograph.lab.request import Request
from heliograph.lab.responses import HttpStage
from heliograph.lab.scene import NETWORKS, Scene, asn_table
from heliograph.lab.wire import Stream

FIXED = (
    names.VANTAGE,
    names.VANTAGE_V6,
    names.ISP_RESOLVER,
    names.BLOCK_PAGE,
    names.PUBLIC_RESOLVER,
    names.NO_RESOLVER,
    names.CONTROL,
    names.CONTROL_DEAD,
    names.CONTROL_V6,
)


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@pytest.fixture
def scene(authority: Authority) -> Scene:
    return Scene(authority, authority, on=True)


def told(answer: Answer, name: str, kind: str = "A") -> list[str]:
    (packet,) = answer(dns.message.make_query(name, kind), "udp")
    message = dns.message.from_wire(packet.wire)  # type: ignore[union-attr]
    return [item.to_text() for rrset in message.answer for item in rrset]


def network_of(address: str) -> int | None:
    found = [
        asn for cidr, (asn, _, _) in NETWORKS.items() if ip_address(address) in ip_network(cidr)
    ]
    return found[0] if found else None


def test_every_fixed_address_lies_in_one_network_of_the_table() -> None:
    assert [each for each in FIXED if network_of(each) is None] == []
    assert network_of(names.VANTAGE) == network_of(names.ISP_RESOLVER) == 64500
    assert network_of(names.CONTROL) != network_of(names.VANTAGE)


def test_all_addresses_are_reserved_for_tests_and_belong_to_nobody() -> None:
    for cidr in NETWORKS:
        own = ip_network(cidr)
        reserved = ip_network("198.18.0.0/15" if own.version == 4 else "2001:2::/48")
        assert own.subnet_of(reserved), cidr  # type: ignore[arg-type]


def test_a_thousand_sites_have_a_thousand_addresses_that_are_hosts(scene: Scene) -> None:
    found = [scene.address() for _ in range(1000)]

    assert len(set(found)) == 1000
    assert all(int(each.rpartition(".")[2]) in range(1, 255) for each in found)
    assert {network_of(each) for each in found} == {64503}


def test_a_site_is_served_where_resolvers_lead(scene: Scene) -> None:
    address = scene.site("site.example", v6=True)

    assert told(scene.truth["site.example"], "site.example") == [address]
    (second,) = told(scene.truth["site.example"], "site.example", "AAAA")
    assert [server.address for server in scene.servers] == [address, second]
    assert {network_of(address), network_of(second)} == {64503}
    assert scene.places[:2] == [address, second]


def test_a_site_of_ipv6_alone_has_no_other_address(scene: Scene) -> None:
    address = scene.site_v6("site.example")

    assert told(scene.truth["site.example"], "site.example") == []
    assert told(scene.truth["site.example"], "site.example", "AAAA") == [address]
    assert [server.address for server in scene.servers] == [address]
    assert network_of(address) == 64503


def test_a_lie_is_told_by_the_provider_and_by_nobody_else(scene: Scene) -> None:
    scene.site("site.example")
    truth = scene.truth["site.example"]
    scene.lie("site.example", nxdomain())

    assert scene.told["site.example"] is not truth
    assert scene.truth["site.example"] is truth


def test_while_it_is_off_nobody_lies_or_interferes(authority: Authority) -> None:
    off = Scene(authority, authority, on=False)
    off.site("site.example")
    off.lie("site.example", addresses("10.0.0.1"))
    off.interfere(DropAddress(addresses=("192.0.2.1",)))

    assert off.told == off.truth
    assert off.conditions == []


def test_a_furnished_scene_has_what_the_volunteers_settings_name(scene: Scene) -> None:
    scene.furnish()

    for name in (*names.INNOCUOUS, names.CONNECTIVITY):
        (address,) = told(scene.truth[name], name)
        assert address in scene.places
        assert network_of(address) is not None
    for name in names.INNOCUOUS:  # to be compared with sites that have IPv6 alone
        (address,) = told(scene.truth[name], name, "AAAA")
        assert address in scene.places
        assert network_of(address) == network_of(told(scene.truth[name], name)[0])
    assert {names.ISP_RESOLVER, names.PUBLIC_RESOLVER, names.BLOCK_PAGE} <= set(scene.places)
    assert names.NO_RESOLVER not in scene.places, "whatever answers there is forged"


def test_the_networks_as_the_product_reads_them() -> None:
    head, *rows = asn_table().splitlines()

    assert head == "cidr,asn,country,name"
    assert rows[0] == "198.18.1.0/24,64500,XA,Example ISP"
    assert len(rows) == len(NETWORKS)


@pytest.mark.parametrize(
    ("client", "network", "on", "page"),
    [
        (names.VANTAGE, names.ISP_NETWORK, True, "odd"),
        (names.CONTROL, names.ISP_NETWORK, True, "usual"),
        (names.CONTROL, names.CONTROL_NETWORK, True, "odd"),
        (names.VANTAGE_V6, names.ISP_NETWORK, True, "odd"),
        (names.VANTAGE, names.ISP_NETWORK, False, "usual"),
    ],
)
def test_a_page_is_odd_for_one_network_only(
    authority: Authority, client: str, network: tuple[str, ...], on: bool, page: str
) -> None:
    shown: list[str] = []

    def noting(word: str) -> HttpStage:
        async def stage(stream: Stream, request: Request) -> None:
            shown.append(word)

        return stage

    async def ask() -> None:
        stage = Scene(authority, authority, on).shown_here(noting("odd"), noting("usual"), network)
        request = Request("GET", "/", "HTTP/1.1", {}, b"", client)
        await stage(cast("Stream", None), request)

    asyncio.run(ask())

    assert shown == [page]


def test_the_control_s_path_has_conditions_of_its_own(scene: Scene, authority: Authority) -> None:
    condition = DropAddress(addresses=("198.18.16.2",))
    healthy = Scene(authority, authority, on=False)
    for each in (scene, healthy):
        each.interfere_at_control(condition)

    assert (scene.conditions, scene.control_conditions) == ([], [condition])
    assert healthy.control_conditions == []
