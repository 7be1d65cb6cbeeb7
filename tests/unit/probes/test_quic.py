"""The quic probe: what it says to whom, in which order, and when it stops."""

import pytest

from heliograph.config import NetworkConfig, Resolver
from heliograph.detail import QuicDetail, read
from heliograph.failure import Failure
from heliograph.fake import FakeNet
from heliograph.model import PAIR_STRANGER, PAIR_SWAP, Role, StepKind
from heliograph.plugin import CannotMeasure, PlannedProbe, Reply
from heliograph.url import parse_target
from probes.answers import stranger_for
from probes.quic import MOST_AGAIN, QuicProbe
from tests.unit.analysis.kept import corpus

HOST, CONTROL = "site.example", "control.example"
THERE, ELSEWHERE = "203.0.113.10", "203.0.113.99"
SILENT = Failure.GENERIC_TIMEOUT_ERROR
NOTHING = QuicDetail()
CLOSED = QuicDetail(server_spoke=True, close_code=0x128, close_in="initial")
STRANGER = stranger_for(HOST)
TARGET = parse_target(HOST)
RESOLVER = Resolver.parse("udp://192.0.2.53")


def net_with(*addresses: str, controls: tuple[str, ...] = (CONTROL,)) -> FakeNet:
    """A site at these addresses over TCP; over QUIC nobody yet."""
    net = FakeNet(NetworkConfig(trusted_resolvers=(), control_names=controls))
    net.answers(HOST, *addresses)
    net.answers(CONTROL, ELSEWHERE)
    for address in addresses:
        net.accepts(address, 443)
    return net


def speaking(*places: str) -> FakeNet:
    """The site, where these servers answer any offer and the control's name."""
    net = net_with(THERE)
    for place in places:
        net.speaks_quic(place, 443)
        net.speaks_quic(place, 443, CONTROL)
    return net


async def said(net: FakeNet) -> list[tuple[str | None, str | None, str]]:
    """Over QUIC: where, which name, and for which part of a trial."""
    await QuicProbe().measure(TARGET, net)
    return [
        (step.address, step.sni, step.role)
        for step in net.steps
        if step.kind is StepKind.QUIC_HANDSHAKE
    ]


def kinds(net: FakeNet) -> list[StepKind]:
    return [step.kind for step in net.steps]


async def test_a_site_that_is_reached_is_asked_for_once_and_after_a_control() -> None:
    net = speaking(THERE)
    net.speaks_quic(THERE, 443, HOST)

    assert await said(net) == [
        (THERE, None, Role.CONTROL_BEFORE),
        (THERE, CONTROL, Role.CONTROL_BEFORE),
        (THERE, HOST, Role.TEST),
    ]
    assert StepKind.HTTP_EXCHANGE not in kinds(net)


async def test_a_name_that_is_silenced_is_tried_again_after_the_control_and_elsewhere() -> None:
    net = speaking(THERE, ELSEWHERE)
    net.speaks_quic(ELSEWHERE, 443, STRANGER)

    made = await said(net)

    here = [(name, role) for address, name, role in made if address == THERE]
    apart = [name for address, name, _ in made if address == ELSEWHERE]
    assert here == [
        (None, Role.CONTROL_BEFORE),
        (CONTROL, Role.CONTROL_BEFORE),
        (HOST, Role.TEST),
        *[(CONTROL, Role.CONTROL_AFTER), (HOST, Role.TEST)] * MOST_AGAIN,
    ]
    assert apart == [None, CONTROL, STRANGER, HOST, CONTROL, HOST]


async def test_a_name_that_is_closed_is_tried_once_more_alone() -> None:
    net = speaking(THERE, ELSEWHERE)
    net.speaks_quic(ELSEWHERE, 443, STRANGER)
    for place in (THERE, ELSEWHERE):
        net.speaks_quic(place, 443, HOST, Failure.SSL_FAILED_HANDSHAKE, CLOSED)

    made = await said(net)

    assert made.count((THERE, HOST, Role.TEST)) == 2
    assert made.count((ELSEWHERE, HOST, Role.TEST)) == 1


async def test_a_name_that_passes_the_next_time_is_not_asked_about_any_more() -> None:
    net = speaking(THERE)
    net.speaks_quic(THERE, 443, HOST, SILENT, NOTHING)
    net.speaks_quic(THERE, 443, HOST)

    assert (await said(net)).count((THERE, HOST, Role.TEST)) == 2


async def test_what_is_said_elsewhere_is_marked_so() -> None:
    net = speaking(THERE, ELSEWHERE)
    net.speaks_quic(ELSEWHERE, 443, STRANGER)
    await said(net)

    pairs = {(s.sni, s.pair) for s in net.steps if s.address == ELSEWHERE}
    assert pairs == {
        (None, PAIR_SWAP),
        (CONTROL, PAIR_SWAP),
        (STRANGER, PAIR_STRANGER),
        (HOST, PAIR_SWAP),
    }


async def test_the_target_is_not_named_elsewhere_where_a_stranger_is_not_answered() -> None:
    net = speaking(THERE, ELSEWHERE)

    assert (ELSEWHERE, HOST, Role.TEST) not in await said(net)


async def test_where_the_control_fails_afterwards_the_target_is_not_named_again() -> None:
    net = speaking(THERE)
    net.speaks_quic(THERE, 443, CONTROL, SILENT, NOTHING)

    made = await said(net)

    assert made.count((THERE, HOST, Role.TEST)) == 1
    assert (THERE, CONTROL, Role.CONTROL_AFTER) in made


async def test_where_nobody_speaks_quic_no_control_is_named_there() -> None:
    net = net_with(THERE)

    assert set(await said(net)) == {
        (THERE, None, Role.CONTROL_BEFORE),
        (THERE, HOST, Role.TEST),
        (ELSEWHERE, None, Role.CONTROL_BEFORE),
    }


async def test_a_server_that_refuses_no_version_may_be_reached_all_the_same() -> None:
    net = net_with(THERE)
    net.speaks_quic(THERE, 443, HOST)
    await QuicProbe().measure(TARGET, net)

    assert StepKind.HTTP_EXCHANGE not in kinds(net)


async def test_a_site_that_fails_is_asked_over_tcp_what_it_offers() -> None:
    net = speaking(THERE)
    net.presents(THERE, 443, HOST)
    net.serves(THERE, TARGET.url, Reply(failure=None, status=200))
    await said(net)

    exchange = next(s for s in net.steps if s.kind is StepKind.HTTP_EXCHANGE)
    assert (exchange.role, exchange.failure) == (Role.TEST, None)
    assert '"method":"HEAD"' in exchange.detail


async def test_an_address_that_takes_no_connection_is_not_asked_for_a_page() -> None:
    net = speaking(THERE)
    net.accepts(THERE, 443, SILENT)
    await said(net)

    assert kinds(net).count(StepKind.TCP_CONNECT) == 1


async def test_the_first_address_that_takes_a_connection_is_looked_at() -> None:
    net = net_with(THERE, "203.0.113.11")
    net.accepts(THERE, 443, SILENT)
    net.speaks_quic("203.0.113.11", 443, HOST)

    assert {address for address, name, _ in await said(net) if name == HOST} == {"203.0.113.11"}


async def test_without_an_innocuous_name_there_is_no_control() -> None:
    net = net_with(THERE, controls=())
    net.speaks_quic(THERE, 443)

    assert await said(net) == [(THERE, None, Role.CONTROL_BEFORE), (THERE, HOST, Role.TEST)]


async def test_a_name_without_an_address_is_not_tried() -> None:
    net = FakeNet()

    assert await said(net) == []
    assert set(kinds(net)) == {StepKind.DNS_QUERY}


@pytest.mark.parametrize(
    ("target", "words"), [("http://site.example/", "https://"), ("https://192.0.2.7/", "a name")]
)
async def test_what_quic_can_not_be_asked_for_is_left_alone(target: str, words: str) -> None:
    net = FakeNet()

    with pytest.raises(CannotMeasure, match=words):
        await QuicProbe().measure(parse_target(target), net)

    assert net.steps == ()
    (place,) = QuicProbe().plan(parse_target(target), net.settings, RESOLVER)
    assert place.when == "never"
    assert words in place.what


async def test_a_look_stays_within_what_it_says_it_costs_and_whom_it_contacts() -> None:
    net = speaking(THERE, ELSEWHERE)
    net.speaks_quic(ELSEWHERE, 443, STRANGER)
    probe = QuicProbe()
    assert isinstance(probe, PlannedProbe)
    await said(net)
    cost = probe.cost(TARGET, net.settings)
    places = list(probe.plan(TARGET, net.settings, RESOLVER))

    assert kinds(net).count(StepKind.DNS_QUERY) <= cost.queries
    opened = {StepKind.TCP_CONNECT, StepKind.QUIC_HANDSHAKE}
    assert sum(step.kind in opened for step in net.steps) <= cost.connections
    for step in net.steps:
        named = [p for p in places if step.kind in p.kinds]
        assert named, step.kind
        assert any(step.host in {None, *place.hosts} for place in named), step.host


def test_without_controls_a_look_costs_less() -> None:
    alone = NetworkConfig(control_names=())
    probe = QuicProbe()

    assert probe.cost(TARGET, alone).packets < probe.cost(TARGET, NetworkConfig()).packets


def test_no_look_of_the_lab_took_more_than_it_is_said_to_cost() -> None:
    looks = [kept.measurement for kept in corpus() if kept.measurement.probe == "quic"]
    settings = NetworkConfig(control_names=("weather.example", "recipes.example", "chess.example"))
    assert len(looks) > 30

    for look in looks:
        cost = QuicProbe().cost(look.target, settings)
        shaken = [step for step in look.steps if step.kind is StepKind.QUIC_HANDSHAKE]
        opened = [*shaken, *(s for s in look.steps if s.kind is StepKind.TCP_CONNECT)]
        sent = sum(read(step, QuicDetail).sends for step in shaken)
        received = sum(read(step, QuicDetail).received for step in shaken)

        assert len(opened) <= cost.connections
        assert sent <= cost.queries
        assert sent + received <= cost.packets
        assert sum(s.bytes_sent + s.bytes_received for s in look.steps) <= cost.bytes
        assert look.seconds <= cost.seconds
