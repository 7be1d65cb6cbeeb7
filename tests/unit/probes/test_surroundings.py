"""The look at the surroundings: what it asks of whom, and what it files under."""

import msgspec

from analysis.around import Around, Host
from heliograph.config import NetworkConfig, Resolver
from heliograph.detail import DnsAnswer, DnsReply
from heliograph.failure import Failure
from heliograph.fake import FakeNet
from heliograph.model import (
    PAIR_CHECK,
    PAIR_INNOCUOUS,
    PAIR_NEAR,
    PAIR_NOWHERE,
    Step,
    StepKind,
    Target,
)
from heliograph.plugin import Reply
from heliograph.url import parse_target
from probes.surroundings import SurroundingsProbe, innocuous, subject
from tests.unit.analysis.around_steps import STARTED

TRUSTED = "https://dns.example/dns-query@192.0.2.1"
NAME, PLACE = "weather.example", "203.0.113.1"
CHECK, URL = "203.0.113.204", "http://check.example/204"
NOWHERE = "www.nobody.com"
SETTINGS = NetworkConfig(
    trusted_resolvers=(Resolver.parse(TRUSTED),),
    control_names=(NAME,),
    connectivity_checks=(URL,),
)
TARGET = parse_target(URL)
REFUSED = Failure.CONNECTION_REFUSED


def healthy(settings: NetworkConfig = SETTINGS) -> FakeNet:
    net = FakeNet(settings)
    net.answers("check.example", CHECK)
    net.accepts(CHECK, 80)
    net.serves(CHECK, URL, Reply(failure=None, status=204))
    for resolver in (None, TRUSTED):
        net.answers(NAME, PLACE, resolver=resolver)
    net.presents(PLACE, 443, NAME)
    net.serves(PLACE, f"https://{NAME}/", Reply(failure=None, status=200))
    return net


async def looked(net: FakeNet, target: Target = TARGET) -> tuple[Step, ...]:
    await SurroundingsProbe(NOWHERE).measure(target, net)
    return net.steps


def places(steps: tuple[Step, ...], pair: str) -> list[tuple[StepKind, str | None, int | None]]:
    return [(s.kind, s.address, s.port) for s in steps if s.pair == pair and s.address]


async def test_a_healthy_network_is_seen_as_one() -> None:
    a = Around(await looked(healthy()), Host(), STARTED)

    assert a.check_passed
    assert a.proved
    assert not a.rewriting
    assert [name.failed for name in a.names] == [False]


async def test_every_resolver_is_asked_for_the_name_that_nobody_has() -> None:
    steps = await looked(healthy())
    asked = [(s.host, s.resolver) for s in steps if s.pair == PAIR_NOWHERE]

    assert sorted(asked) == sorted([(NOWHERE, "udp://192.0.2.53"), (NOWHERE, TRUSTED)])


async def test_the_control_is_asked_once() -> None:
    net = healthy()
    await looked(net)

    assert [url for url, _ in net.asked] == [f"https://{NAME}/"]


async def test_a_name_that_is_not_found_is_asked_for_again_and_visited_where_others_lead() -> None:
    net = healthy()
    net.answers(NAME, failure=Failure.DNS_SERVFAIL_ERROR)
    steps = await looked(net)
    own = [s for s in steps if s.kind is StepKind.DNS_QUERY and s.pair == PAIR_INNOCUOUS]

    assert [s.resolver for s in own].count("udp://192.0.2.53") == 2
    assert (StepKind.TLS_HANDSHAKE, PLACE, 443) in places(steps, PAIR_INNOCUOUS)


async def test_where_the_resolver_leads_astray_the_others_place_is_visited_too() -> None:
    net = healthy()
    net.answers(NAME, "198.51.100.80")
    net.presents("198.51.100.80", 443, NAME, Failure.SSL_UNKNOWN_AUTHORITY)
    shaken = [p for p in places(await looked(net), PAIR_INNOCUOUS) if p[0] == "tls_handshake"]

    assert [address for _, address, _ in shaken] == ["198.51.100.80", PLACE]


async def test_a_server_without_tls_is_asked_in_the_clear() -> None:
    net = healthy()
    net.accepts(PLACE, 443, REFUSED)
    net.accepts(PLACE, 80)
    net.serves(PLACE, f"http://{NAME}/", Reply(failure=None, status=200))
    steps = await looked(net)

    assert (StepKind.HTTP_EXCHANGE, PLACE, 80) in places(steps, PAIR_INNOCUOUS)


async def test_a_closed_server_is_left_alone() -> None:
    net = healthy()
    for port in (443, 80):
        net.accepts(PLACE, port, REFUSED)
    steps = await looked(net)

    assert [port for _, _, port in places(steps, PAIR_INNOCUOUS)] == [443, 80]


async def test_a_check_over_tls_is_made_over_tls() -> None:
    url = "https://check.example/204"
    net = healthy(msgspec.structs.replace(SETTINGS, connectivity_checks=(url,)))
    net.presents(CHECK, 443, "check.example")
    net.serves(CHECK, url, Reply(failure=None, status=204))

    assert Around(await looked(net), Host(), STARTED).check_passed


async def test_a_check_that_can_not_be_made_ends_where_it_fails() -> None:
    for urls in (("ftp://check.example/",), ("http://unknown.example/",), ("http://192.0.2.9/",)):
        net = healthy(msgspec.structs.replace(SETTINGS, connectivity_checks=urls))
        steps = await looked(net)
        assert not [s for s in steps if s.pair == PAIR_CHECK and s.kind == "http_exchange"]
    secure = ("https://check.example/",)
    net = healthy(msgspec.structs.replace(SETTINGS, connectivity_checks=secure))
    net.accepts(CHECK, 443)
    steps = await looked(net)
    assert not [s for s in steps if s.pair == PAIR_CHECK and s.kind == "http_exchange"]


def in_country(name: str, address: str, country: str) -> DnsReply:
    answer = DnsAnswer(name=name, type="A", value=address, country=country)
    return DnsReply(after=0.1, rcode="NOERROR", answers=(answer,))


async def test_of_the_names_nearby_those_in_the_country_are_visited() -> None:
    net = healthy()
    net.replies("near.example", in_country("near.example", "198.51.100.9", "XA"))
    net.replies("far.example", in_country("far.example", "203.0.113.9", "XB"))
    net.presents("198.51.100.9", 443, "near.example")
    hosts = ("near.example", "far.example", "198.51.100.77", "near.example")
    await SurroundingsProbe(NOWHERE).look_nearer(hosts, "XA", net)

    visited = {address for _, address, _ in places(net.steps, PAIR_NEAR)}
    assert visited == {"198.51.100.9"}
    assert Around(net.steps, Host(country="XA"), STARTED).near_reached


def test_it_is_filed_under_the_first_check_or_name() -> None:
    assert subject(SETTINGS) == TARGET
    without = msgspec.structs.replace(SETTINGS, connectivity_checks=())
    assert subject(without) == parse_target(NAME)
    nothing = msgspec.structs.replace(without, control_names=("192.0.2.7",))
    assert subject(nothing) is None
    unusable = msgspec.structs.replace(SETTINGS, connectivity_checks=("ftp://x/",))
    assert subject(unusable) is None


def test_addresses_are_no_names_and_no_name_counts_twice() -> None:
    names = ("a.example", "192.0.2.7", "a.example", "b.example", "c.example", "d.example")
    settings = msgspec.structs.replace(SETTINGS, control_names=names)

    assert innocuous(settings) == ("a.example", "b.example", "c.example")
