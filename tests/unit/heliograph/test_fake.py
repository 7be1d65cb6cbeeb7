"""The scripted Net does what the script says, and records steps as the real one does."""

import inspect

import pytest

from heliograph.config import NetworkConfig, Resolver
from heliograph.detail import (
    Certificate,
    DatagramDetail,
    DnsDetail,
    DnsReply,
    HttpDetail,
    Sought,
    TlsDetail,
    read,
)
from heliograph.failure import Failure
from heliograph.fake import FakeNet
from heliograph.model import Role, Step, StepKind
from heliograph.plugin import Label, Lookup, Net, RemoteLook, Reply, Request
from heliograph.url import parse_target
from probes.tls import TlsProbe

HERE = "203.0.113.10"
LABEL = Label(role=Role.CONTROL_AFTER, pair="x", hop=2)


async def test_the_example_of_the_docstring_holds() -> None:
    net = FakeNet()
    net.answers("example.org", "192.0.2.1")
    net.accepts("192.0.2.1", 443)
    net.presents("192.0.2.1", 443, "example.org", failure=Failure.CONNECTION_RESET)

    await TlsProbe().measure(parse_target("example.org"), net)

    no_ipv6 = Failure.DNS_NO_ANSWER
    assert [step.failure for step in net.steps] == [None, no_ipv6, None, Failure.CONNECTION_RESET]


def test_it_offers_all_that_net_offers() -> None:
    net: Net = FakeNet()
    offered = {name for name in vars(Net) if not name.startswith("_")}

    for name in offered - {"settings", "resolver"}:
        wanted = inspect.signature(getattr(Net, name)).parameters
        assert list(inspect.signature(getattr(FakeNet, name)).parameters) == list(wanted)
    assert net.resolver == Resolver.parse("udp://192.0.2.53")
    assert net.settings.trusted_resolvers == ()


async def test_addresses_are_told_by_the_type_asked_for() -> None:
    net = FakeNet()
    net.answers("site.example", HERE, "2001:db8::10")

    v4, v6 = await net.resolve("site.example"), await net.resolve("site.example", "AAAA")

    assert (v4.addresses, v6.addresses) == ((HERE,), ("2001:db8::10",))
    assert [read(step, DnsDetail).query_type for step in net.steps] == ["A", "AAAA"]


async def test_a_family_without_records_has_no_answer() -> None:
    net = FakeNet()
    net.answers("site.example", HERE)

    assert (await net.resolve("site.example", "AAAA")).failure is Failure.DNS_NO_ANSWER
    assert net.steps[0].failure is Failure.DNS_NO_ANSWER


@pytest.mark.parametrize(
    "failure",
    [
        Failure.DNS_NXDOMAIN_ERROR,
        Failure.DNS_REFUSED_ERROR,
        Failure.DNS_SERVFAIL_ERROR,
        Failure.DNS_NO_ANSWER,
        Failure.GENERIC_TIMEOUT_ERROR,
        Failure.CONNECTION_RESET,
    ],
)
async def test_a_scripted_failure_of_a_resolver_is_the_one_that_comes(failure: Failure) -> None:
    net = FakeNet()
    net.answers("site.example", failure=failure)

    assert (await net.resolve("site.example")).failure is failure
    assert net.steps[0].failure is failure


async def test_each_resolver_has_its_own_script_and_standing() -> None:
    other = Resolver.parse("tls://resolver.example@192.0.2.1")
    net = FakeNet(NetworkConfig(trusted_resolvers=(other,)))
    net.answers("site.example", HERE, resolver=str(other))

    assert (await net.resolve("site.example")).failure is Failure.DNS_NXDOMAIN_ERROR
    assert (await net.resolve("site.example", resolver=other, label=LABEL)).addresses == (HERE,)
    await net.resolve("site.example", resolver=Resolver.parse("udp://192.0.2.2"))
    ours, theirs, nobodys = net.steps
    assert (theirs.role, theirs.pair, theirs.hop, theirs.resolver) == (
        *(Role.CONTROL_AFTER, "x", 2),
        str(other),
    )
    details = [read(step, DnsDetail) for step in (ours, theirs, nobodys)]
    assert [(d.standing, d.transport) for d in details] == [
        *(("system", "udp"), ("trusted", "tls"), ("other", "udp"))
    ]


async def test_every_reply_is_kept_and_bogons_are_marked() -> None:
    net = FakeNet()
    net.answers("a.example", "10.0.0.1", bogon="private")
    net.replies(
        "b.example",
        DnsReply(after=0.01, rcode="FORMERR"),
        DnsReply(after=0.02, rcode="NOERROR"),
    )
    net.replies("c.example")

    assert (await net.resolve("a.example")).routable == ()
    strange = await net.resolve("b.example")
    assert strange.failure is Failure.DNS_SERVER_MISBEHAVING
    assert len(strange.replies) == 2
    assert (await net.resolve("c.example")).failure is Failure.GENERIC_TIMEOUT_ERROR


async def test_what_the_script_does_not_mention_is_silent() -> None:
    net = FakeNet()
    silent = Failure.GENERIC_TIMEOUT_ERROR
    connection = await net.connect(HERE, 443)

    assert connection.failure is silent
    assert (await net.handshake(connection, "site.example")).failure is silent
    assert (await net.exchange(connection, Request(url="http://x/"))).failure is silent
    assert (await net.datagram(HERE, 53, b"?")).failure is silent
    assert {step.failure for step in net.steps} == {silent}


async def test_connections_fail_as_scripted_and_close_for_nothing() -> None:
    net = FakeNet()
    net.accepts(HERE, 443)
    net.accepts(HERE, 80, Failure.CONNECTION_REFUSED)

    made = await net.connect(HERE, 443, host="site.example", label=LABEL)
    refused = await net.connect(HERE, 80)
    await made.close()

    assert (made.failure, made.address, made.port, made.label) == (None, HERE, 443, LABEL)
    assert refused.failure is Failure.CONNECTION_REFUSED
    assert net.steps[0].host == "site.example"


@pytest.mark.parametrize(
    ("failure", "completed"),
    [(None, True), (Failure.SSL_INVALID_HOSTNAME, True), (Failure.EOF_ERROR, False)],
)
async def test_a_handshake_is_completed_unless_something_stopped_it(
    failure: Failure | None, completed: bool
) -> None:
    net = FakeNet()
    certificate = Certificate(
        sha256="0", subject="s", issuer="i", not_before="a", not_after="b", names=("x",)
    )
    net.presents(HERE, 443, "site.example", failure, (certificate,))

    made = await net.handshake(await net.connect(HERE, 443), "site.example")
    detail = read(net.steps[-1], TlsDetail)

    assert (made.failure, made.completed, made.chain) == (failure, completed, (certificate,))
    assert (detail.completed, detail.chain) == (completed, (certificate,))
    assert detail.version == ("TLSv1.3" if completed else None)
    assert net.steps[-1].sni == "site.example"


async def test_a_scripted_handshake_does_not_open_a_port_scripted_shut() -> None:
    net = FakeNet()
    net.accepts(HERE, 443, Failure.CONNECTION_REFUSED)
    net.presents(HERE, 443, "site.example")

    assert (await net.connect(HERE, 443)).failure is Failure.CONNECTION_REFUSED


@pytest.mark.parametrize(
    ("reply", "stage"),
    [
        (Reply(failure=None, status=200, headers=(("A", "b"),), body=b"abc"), "done"),
        (Reply(failure=Failure.CONNECTION_RESET), "headers"),
    ],
)
async def test_a_page_is_served_as_scripted(reply: Reply, stage: str) -> None:
    net = FakeNet()
    net.accepts(HERE, 80)
    net.serves(HERE, "http://site.example/", reply)

    connection = await net.connect(HERE, 80, host="site.example")
    got = await net.exchange(connection, Request(url="http://site.example/"))
    step = net.steps[-1]
    detail = read(step, HttpDetail)

    assert got == reply
    assert (step.host, step.failure) == ("site.example", reply.failure)
    assert (detail.stage, detail.status, detail.body_bytes) == (
        *(stage, reply.status),
        len(reply.body),
    )


async def test_datagrams_come_back_as_scripted() -> None:
    net = FakeNet()
    net.returns(HERE, 53, b"one", b"two")

    assert (await net.datagram(HERE, 53, b"\x01")).replies == (b"one", b"two")
    assert read(net.steps[0], DatagramDetail) == DatagramDetail(
        sent="AQ==", replies=("b25l", "dHdv")
    )


async def test_whoever_waits_hears_what_a_resolver_says_and_nothing_of_a_silent_one() -> None:
    net = FakeNet()
    net.answers("site.example", HERE)
    net.answers("silent.example", failure=Failure.GENERIC_TIMEOUT_ERROR)
    heard: list[Lookup] = []

    found = await net.resolve("site.example", heard=heard.append)
    missing = await net.resolve("missing.example", heard=heard.append)
    await net.resolve("silent.example", heard=heard.append)

    assert heard == [found, missing]
    assert missing.failure is Failure.DNS_NXDOMAIN_ERROR


async def test_a_control_sees_what_is_scripted_and_notes_what_it_was_asked() -> None:
    net = FakeNet()
    url = "https://site.example/"
    net.sees(url, Step(kind=StepKind.TCP_CONNECT, failure=None, address=HERE))

    look = await net.control(url, (HERE,), headers=(("Cookie", "a=b"),), label=LABEL)

    assert look is not None
    assert (look.failure, look.steps) == (
        None,
        (Step(kind=StepKind.TCP_CONNECT, failure=None, address=HERE),),
    )
    assert net.asked == [(url, (HERE,))]
    (step,) = net.steps
    assert (step.role, step.hop, step.address) == (Role.REMOTE_CONTROL, 2, HERE)


async def test_a_control_may_fail_or_not_be_there() -> None:
    net = FakeNet()
    net.sees("https://a.example/", failure=Failure.CONNECTION_REFUSED)

    assert await net.control("https://a.example/") == RemoteLook(failure=Failure.CONNECTION_REFUSED)
    assert await net.control("https://b.example/") is None
    assert net.steps == ()


async def test_a_page_is_searched_as_the_real_one_searches_it() -> None:
    net = FakeNet()
    net.accepts(HERE, 80)
    net.serves(HERE, "http://site.example/", Reply(failure=None, status=200, body=b"<p>A post"))
    connection = await net.connect(HERE, 80)
    sought = (Sought(text="a post"), Sought(text="another"))

    reply = await net.exchange(connection, Request(url="http://site.example/", sought=sought))

    assert [one.found for one in reply.sought] == ["text", None]
    assert read(net.steps[-1], HttpDetail).sought == reply.sought


async def test_what_a_control_sees_for_a_pair_belongs_to_it() -> None:
    net = FakeNet()
    net.sees("http://site.example/", Step(kind=StepKind.TCP_CONNECT, failure=None))

    await net.control("http://site.example/", label=LABEL)

    assert [(step.role, step.pair, step.hop) for step in net.steps] == [
        (Role.REMOTE_CONTROL, "x", 2)
    ]
