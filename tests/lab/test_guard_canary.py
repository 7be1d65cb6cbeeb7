"""However an address is spelled or smuggled in, nothing of this host or its network is touched.

THREATS T8. Canaries listen on loopback and must hear nothing; every connection the door makes is
watched, so that no test here can send a packet to another host either.
"""

import json
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, closing
from dataclasses import dataclass
from ipaddress import ip_address, ip_network

import dns.message
import pytest

from heliograph.cli.compose import assemble
from heliograph.config import Config, NetworkConfig, Resolver
from heliograph.detail import DnsDetail, TcpDetail, read
from heliograph.failure import Failure
from heliograph.lab import answers, handshakes, responses
from heliograph.lab.answers import Answer, Packet, Reset, Transport
from heliograph.lab.nameserver import Nameserver
from heliograph.lab.origins import Origin, Site
from heliograph.limits import LimitsConfig
from heliograph.model import Measurement, Outcome, Step, StepKind, Target
from heliograph.plugin import Need, Net, Probe, Request, Risk
from heliograph.url import parse_target
from probes.net.datagrams import DatagramSocket
from probes.net.stream import Stream
from probes.registry import installed
from scheduler.looks import Look
from tests.lab.net_fixtures import HERE, QUICK, Bench, look

ADMITTED = "127.73.0.1"
CANARY = "127.73.0.9"
LOOPBACK = ip_network("127.0.0.0/8")
MISS = "canary.example"

SPELLINGS = (
    *("127.0.0.1", "127.1", "0x7f.1", "0x7f000001", "0177.0.0.1", "017700000001", "2130706433"),
    *("127。0。0。1", "127.0.0.1.", "１２７.0.0.1", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]"),
    *("[::127.0.0.1]", "[::1]", "[0:0:0:0:0:0:0:1]", "0", "0.0.0.0", "[::]"),
)
ELSEWHERE = (
    *("169.254.169.254", "[::ffff:169.254.169.254]", "[fd00:ec2::254]", "100.100.100.200"),
    *("168.63.129.16", "192.0.0.192", "10.0.0.1", "192.168.1.1", "172.16.0.1", "100.64.0.1"),
    *("[64:ff9b::7f00:1]", "[64:ff9b:1::a00:1]", "[2002:7f00:1::]", "[fe80::1]", "[fc00::1]"),
)
ANSWERED = {
    "127.73.0.9": "loopback (RFC 1122)",
    "169.254.169.254": "cloud metadata address",
    "10.10.34.36": "private (RFC 1918)",
    "0.0.0.0": "this network (RFC 1122)",
    "::1": "loopback (RFC 4291)",
    "::ffff:7f49:9": "loopback (RFC 1122)",
    "64:ff9b::a00:1": "private (RFC 1918)",
    "fd00:ec2::254": "cloud metadata address",
}


@dataclass(frozen=True)
class Canaries:
    """Servers nobody may visit, at one port of several loopback addresses."""

    port: int
    origins: tuple[Origin, ...]
    resolver: Nameserver

    @property
    def heard(self) -> list[object]:
        """Everything that arrived at any of them so far."""
        return [seen for origin in self.origins for seen in origin.seen] + [*self.resolver.seen]


@pytest.fixture(autouse=True)
def dialled(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses the door's sockets were connected to; one outside loopback is an error."""
    seen: list[str] = []
    of_stream, of_datagrams = Stream.connect, DatagramSocket.connect

    def note(address: str) -> None:
        assert ip_address(address) in LOOPBACK, f"a packet would have left for {address}"
        seen.append(address)

    async def connect(self: Stream, address: str, port: int, seconds: float) -> None:
        note(address)
        await of_stream(self, address, port, seconds)

    def connect_datagrams(self: DatagramSocket) -> None:
        note(self._peer[0])
        of_datagrams(self)

    monkeypatch.setattr(Stream, "connect", connect)
    monkeypatch.setattr(DatagramSocket, "connect", connect_datagrams)
    return seen


@pytest.fixture
async def canaries() -> AsyncIterator[Canaries]:
    async with AsyncExitStack() as stack:
        first = await stack.enter_async_context(Origin({}, Site(), address=HERE))
        second = await stack.enter_async_context(
            Origin({}, Site(), address=CANARY, port=first.port)
        )
        resolver = await stack.enter_async_context(
            Nameserver({}, address=CANARY, default=answers.addresses(ADMITTED))
        )
        yield Canaries(first.port, (first, second), resolver)


@pytest.fixture
def ipv6_canary(canaries: Canaries) -> Iterator[socket.socket]:
    """A listener at ::1 and the same port; it has heard nothing if accept() finds nobody."""
    with closing(socket.create_server(("::1", canaries.port), family=socket.AF_INET6)) as listener:
        listener.setblocking(False)
        yield listener
        with pytest.raises(BlockingIOError):
            listener.accept()


async def measured(
    text: str,
    answer: Answer,
    *,
    probe: Probe | None = None,
    trusted: bool = False,
    public: tuple[str, ...] = (),
) -> Measurement:
    """One look at a target by the runner as the commands put it together."""
    async with Nameserver({MISS: answer}) as server:
        where = f"{HERE}:{server.port}"
        network = NetworkConfig(
            resolver=Resolver.parse(f"udp://{where}"),
            trusted_resolvers=(Resolver.parse(f"tcp://{where}"),) if trusted else (),
            control_names=(),
            assume_public=public,
        )
        limits = LimitsConfig(seconds_per_target=5, per_address_rate=1000.0)
        runner = assemble(
            Config(network=network, limits=limits),
            consent=None,
            rehearsal=frozenset({ADMITTED}),
            timeouts=QUICK,
        )
        found = await runner.look(Look(parse_target(text), probe or installed().probes["http"]))
    return found.measurement


def connections(measurement: Measurement) -> list[Step]:
    return [s for s in measurement.steps if s.kind is StepKind.TCP_CONNECT and not s.resolver]


@pytest.mark.usefixtures("ipv6_canary")
@pytest.mark.parametrize("spelling", SPELLINGS)
async def test_this_host_is_not_measured_however_it_is_spelled(
    canaries: Canaries, dialled: list[str], spelling: str
) -> None:
    found = await measured(f"https://{spelling}:{canaries.port}/", answers.nxdomain())

    assert found.outcome is Outcome.SKIPPED
    assert found.reason is not None
    assert "is never measured: " in found.reason
    assert (found.steps, dialled, canaries.heard) == ((), [], [])


@pytest.mark.parametrize("spelling", ELSEWHERE)
async def test_nor_is_its_network_nor_a_cloud_s_metadata(
    canaries: Canaries, dialled: list[str], spelling: str
) -> None:
    found = await measured(f"http://{spelling}:{canaries.port}/", answers.nxdomain())
    assert (found.outcome, found.steps, dialled) == (Outcome.SKIPPED, (), [])


async def test_no_configuration_makes_loopback_public(canaries: Canaries) -> None:
    everything = ("127.0.0.0/8", "::/0", "0.0.0.0/0")
    target = f"http://{CANARY}:{canaries.port}/"
    found = await measured(target, answers.nxdomain(), public=everything)
    assert (found.outcome, canaries.heard) == (Outcome.SKIPPED, [])


@pytest.mark.parametrize("name", ["tcp", "http"])
@pytest.mark.parametrize(("address", "reason"), ANSWERED.items())
async def test_an_answer_that_points_inside_is_recorded_and_not_followed(
    canaries: Canaries, dialled: list[str], address: str, reason: str, name: str
) -> None:
    found = await measured(
        f"https://{MISS}:{canaries.port}/",
        answers.addresses(address),
        probe=installed().probes[name],
        trusted=True,
    )

    assert found.outcome is Outcome.MEASURED, found.reason
    said = [read(s, DnsDetail).replies for s in found.steps if s.kind is StepKind.DNS_QUERY]
    marks = {(ip_address(a.value), a.bogon) for rs in said for r in rs for a in r.answers}
    assert marks == {(ip_address(address), reason)}
    assert connections(found) == []
    assert set(dialled) == {HERE}  # the resolver's
    assert canaries.heard == []


async def test_a_canary_hears_whoever_is_let_through(bench: Bench) -> None:
    around = bench.around(admitted=(CANARY,))
    async with Origin({}, address=CANARY) as origin, look(around) as made:
        await made.door.connect(CANARY, origin.port)
    assert origin.count("connection") == 1


class Careless:
    """A probe that connects to whatever it is told, bogons included."""

    name = "careless"
    version = 1
    risk = Risk.ORDINARY
    needs: frozenset[Need] = frozenset()

    async def measure(self, target: Target, net: Net) -> None:
        for kind in ("A", "AAAA"):
            for address in (await net.resolve(target.host, kind)).addresses:
                await net.connect(address, target.port)
                await net.datagram(address, target.port, b"x")


@pytest.mark.parametrize(("address", "reason"), ANSWERED.items())
async def test_a_careless_probe_is_stopped_at_the_door(
    canaries: Canaries, dialled: list[str], address: str, reason: str
) -> None:
    found = await measured(
        f"http://{MISS}:{canaries.port}/", answers.addresses(address), probe=Careless()
    )

    tries = [s for s in found.steps if s.kind is not StepKind.DNS_QUERY]
    assert [s.failure for s in tries] == [Failure.X_ADDRESS_REFUSED] * 2
    assert read(connections(found)[0], TcpDetail).refusal == reason
    assert json.loads(tries[1].detail)["cause"]["text"] == reason
    assert set(dialled) == {HERE}
    assert canaries.heard == []


def rebinding(*turns: str) -> Answer:
    """A records that change from one question to the next; the last stays."""
    left = list(turns)

    def answer(query: dns.message.Message, transport: Transport) -> list[Packet | Reset]:
        is_a = query.question[0].rdtype == dns.rdatatype.A
        now = left.pop(0) if is_a and len(left) > 1 else left[0]
        return list(answers.addresses(now)(query, transport))

    return answer


async def test_a_name_that_is_rebound_between_two_questions_reaches_nobody(
    canaries: Canaries, dialled: list[str]
) -> None:
    """The first answer is a public one; the one the follow-up questions get is this host."""
    site = Site(handshakes.reset())
    async with Origin({}, site, address=ADMITTED, port=canaries.port) as origin:
        target = f"https://{MISS}:{canaries.port}/"
        found = await measured(target, rebinding(ADMITTED, CANARY), trusted=True)

    assert origin.count("hello") > 0
    assert {s.address for s in connections(found)} == {ADMITTED}
    assert set(dialled) == {HERE, ADMITTED}
    assert canaries.heard == []


async def test_a_redirect_inside_is_recorded_and_not_followed(canaries: Canaries) -> None:
    inside = f"http://{CANARY}:{canaries.port}/"
    site = Site(http=responses.redirect(inside))
    async with Origin({}, site, address=ADMITTED, port=canaries.port):
        target = f"http://{MISS}:{canaries.port}/"
        found = await measured(target, answers.addresses(ADMITTED))

    told = [s for s in found.steps if s.kind is StepKind.HTTP_EXCHANGE and s.host == MISS]
    assert json.loads(told[0].detail)["location"] == inside
    assert canaries.heard == []


@pytest.mark.parametrize("scheme", ["udp", "tcp", "tls", "https"])
async def test_a_probe_s_own_resolver_may_not_be_this_host(
    bench: Bench, canaries: Canaries, dialled: list[str], scheme: str
) -> None:
    resolver = Resolver.parse(f"{scheme}://{CANARY}:{canaries.resolver.port}")
    async with look(bench.around(admitted=())) as made:
        found = await made.door.resolve(MISS, resolver=resolver)

    assert found.failure is Failure.X_ADDRESS_REFUSED
    assert (dialled, canaries.heard) == ([], [])


async def test_a_resolver_s_name_that_leads_inside_is_not_followed(
    bench: Bench, canaries: Canaries
) -> None:
    async with Nameserver({"dns.example": answers.addresses(CANARY)}) as server:
        system = Resolver.parse(f"udp://{HERE}:{server.port}")
        named = Resolver.parse(f"https://dns.example:{canaries.port}/dns-query")
        async with look(bench.around(system, trusted=(named,), admitted=())) as made:
            found = await made.door.resolve(MISS, resolver=named)

    assert found.failure is Failure.DNS_NO_ANSWER
    assert canaries.heard == []


async def test_no_request_reaches_a_port_that_is_never_measured(bench: Bench) -> None:
    async with look(bench.around(admitted=())) as made:
        refused = await made.door.connect("192.0.2.1", 25)
        with pytest.raises(ValueError, match="failed"):
            await made.door.exchange(refused, Request(url="http://x.example/"))
    assert read(made.steps[0], TcpDetail).refusal == "port 25 is never measured"
