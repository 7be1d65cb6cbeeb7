"""The web probe opens a target as a browser does, and has every hop looked at from elsewhere."""

import asyncio
from typing import Any

import pytest

from heliograph.config import NetworkConfig, Resolver
from heliograph.detail import DnsDetail, read
from heliograph.failure import Failure
from heliograph.model import Question, QuestionKind, Role, StepKind
from heliograph.plugin import TEST, AnsweringProbe, Connection, Label
from probes import web
from probes.web import MOST_HOPS, WebProbe, cost, first_asked
from tests.unit.probes.web_net import NAME, OTHER, PAGE, Net, fetched, moved, of, opened

A, B, SIX = "192.0.2.1", "192.0.2.2", "2001:db8::1"
THERE = "198.51.100.1"


# One hop


async def test_one_hop_is_two_lookups_every_address_a_handshake_and_the_page() -> None:
    net = Net()
    net.site(NAME, A, B)
    net.serves(A, f"https://{NAME}/", PAGE)

    await opened(net)

    assert [(s.host, read(s, DnsDetail).query_type) for s in of(net, StepKind.DNS_QUERY)] == [
        (NAME, "AAAA"),
        (NAME, "A"),
    ]
    assert {s.address for s in of(net, StepKind.TCP_CONNECT)} == {A, B}
    assert {s.address for s in of(net, StepKind.TLS_HANDSHAKE)} == {A, B}
    assert fetched(net) == [(1, f"https://{NAME}/")]
    assert {(step.hop, step.role, step.pair) for step in net.steps} == {(1, Role.TEST, None)}
    assert net.told == [(f"https://{NAME}/", (A, B), (), 1)]


async def test_trusted_resolvers_are_asked_beside_and_not_obeyed() -> None:
    trusted = tuple(map(Resolver.parse, ("https://dns.example/dns-query@9.9.9.9", "udp://8.8.8.8")))
    net = Net(NetworkConfig(trusted_resolvers=trusted, control_names=()))
    net.site(NAME, A)
    for resolver in trusted:
        net.answers(NAME, B, resolver=str(resolver))

    await opened(net)

    asked = {step.resolver for step in of(net, StepKind.DNS_QUERY)}
    assert asked == {str(net.resolver), *map(str, trusted)}
    assert {step.address for step in of(net, StepKind.TCP_CONNECT)} == {A}


@pytest.mark.parametrize(
    ("told", "how", "tried"),
    [
        ((), {"failure": Failure.DNS_NXDOMAIN_ERROR}, ()),
        (("10.10.34.34",), {"bogon": "private"}, ()),
        ((A, B), {}, (A, B)),
    ],
    ids=["no such name", "a bogon", "nobody there"],
)
async def test_what_leads_nowhere_here_is_looked_at_elsewhere(
    told: tuple[str, ...], how: dict[str, Any], tried: tuple[str, ...]
) -> None:
    """A bogon is evidence, and never connected to, even where somebody would answer."""
    net = Net()
    net.answers(NAME, *told, **how)
    net.accepts("10.10.34.34", 443)

    await opened(net)

    assert tuple(s.address for s in of(net, StepKind.TCP_CONNECT)) == tried
    assert fetched(net) == []
    assert net.told == [(f"https://{NAME}/", tried, (), 1)]


async def test_an_address_as_the_host_is_not_looked_up() -> None:
    net = Net()
    net.accepts(A, 80)
    net.serves(A, f"http://{A}/", PAGE)

    await opened(net, f"http://{A}/")

    assert of(net, StepKind.DNS_QUERY) == []
    assert fetched(net) == [(1, f"http://{A}/")]
    assert net.told == [(f"http://{A}/", (A,), (), 1)]


# The addresses of a hop


async def test_ipv6_comes_first_and_two_of_each_family_are_tried() -> None:
    net = Net()
    v4, v6 = [f"192.0.2.{n}" for n in (1, 2, 3)], [f"2001:db8::{n}" for n in (1, 2, 3)]
    net.site(NAME, *v4, *v6)
    net.serves(v6[0], f"https://{NAME}/", PAGE)

    await opened(net)

    in_turns = [v6[0], v4[0], v6[1], v4[1]]
    assert [s.address for s in of(net, StepKind.TCP_CONNECT)] == in_turns
    assert net.told[0][1] == tuple(in_turns)
    assert [s.address for s in of(net, StepKind.HTTP_EXCHANGE)] == [v6[0]]


@pytest.mark.parametrize(("silent", "left"), [("AAAA", A), ("A", SIX)])
async def test_a_family_that_is_silent_holds_nothing_up_for_long(
    monkeypatch: pytest.MonkeyPatch, silent: str, left: str
) -> None:
    monkeypatch.setattr(web, "_OTHER_FAMILY", 0.01)
    net = Net()
    net.site(NAME, A, SIX)
    net.silent[silent] = asyncio.Event()
    net.serves(left, f"https://{NAME}/", PAGE)

    async with asyncio.TaskGroup() as group:
        look = group.create_task(opened(net))
        await net.fetching.wait()
        assert not look.done(), "the look itself ends with its last question"
        net.silent[silent].set()

    assert [s.address for s in of(net, StepKind.TCP_CONNECT)] == [left]
    assert len(of(net, StepKind.DNS_QUERY)) == 2


@pytest.mark.parametrize("silent", ["AAAA", "A"])
async def test_without_a_usable_answer_the_other_family_is_waited_for(
    monkeypatch: pytest.MonkeyPatch, silent: str
) -> None:
    monkeypatch.setattr(web, "_OTHER_FAMILY", 0.01)
    there = SIX if silent == "AAAA" else A
    net = Net()
    net.site(NAME, there)
    net.silent[silent] = asyncio.Event()

    async with asyncio.TaskGroup() as group:
        group.create_task(opened(net))
        await asyncio.sleep(0.05)
        assert of(net, StepKind.TCP_CONNECT) == []
        net.silent[silent].set()

    assert [s.address for s in of(net, StepKind.TCP_CONNECT)] == [there]


async def test_every_address_is_tried_at_the_first_hop_only() -> None:
    net = Net()
    net.site(NAME, A, B)
    net.site(OTHER, THERE, "198.51.100.2")
    net.serves(A, f"https://{NAME}/", moved(f"https://{OTHER}/"))
    net.serves(THERE, f"https://{OTHER}/", PAGE)

    await opened(net)

    tried = [(s.hop, s.address) for s in of(net, StepKind.TCP_CONNECT)]
    assert tried == [(1, A), (1, B), (2, THERE)]


async def test_another_address_that_proved_the_name_is_asked_when_the_winner_did_not() -> None:
    net = Net()
    net.site(NAME, A, B)
    net.presents(A, 443, NAME, Failure.CONNECTION_RESET)
    net.serves(B, f"https://{NAME}/", moved("/next"))
    net.serves(A, f"https://{NAME}/next", PAGE)

    await opened(net)

    assert [(s.address, s.failure) for s in of(net, StepKind.TLS_HANDSHAKE) if s.hop == 1] == [
        (A, Failure.CONNECTION_RESET),
        (B, None),
        (B, None),
    ]
    assert fetched(net) == [(1, f"https://{NAME}/")]


async def test_nothing_is_asked_of_who_did_not_prove_the_name() -> None:
    net = Net()
    net.site(NAME, A, B)
    for address in (A, B):
        net.presents(address, 443, NAME, Failure.SSL_UNKNOWN_AUTHORITY)

    await opened(net)

    assert fetched(net) == []
    assert len(of(net, StepKind.TCP_CONNECT)) == 2
    assert len(net.told) == 1


async def test_a_second_choice_that_is_gone_again_ends_the_look() -> None:
    """B proves the name beside the race, and takes no second connection."""
    net = Net()
    net.site(NAME, A, B)
    net.presents(A, 443, NAME, Failure.CONNECTION_RESET)
    accept = net.connect

    async def once(
        address: str, port: int, *, host: str | None = None, label: Label = TEST
    ) -> Connection:
        made = await accept(address, port, host=host, label=label)
        net.accepts(address, port, Failure.CONNECTION_REFUSED)
        return made

    net.connect = once  # type: ignore[method-assign]
    await opened(net)

    assert [s.address for s in of(net, StepKind.TCP_CONNECT)] == [A, B, B]
    assert fetched(net) == []


# Hop after hop


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_followed_to_another_host_as_a_hop_of_its_own(status: int) -> None:
    net = Net()
    net.site(NAME, A)
    net.site(OTHER, THERE)
    net.serves(A, f"http://{NAME}/", moved(f"https://{OTHER}/x?y", status))
    net.serves(THERE, f"https://{OTHER}/x?y", PAGE)

    await opened(net, f"http://{NAME}/")

    assert fetched(net) == [(1, f"http://{NAME}/"), (2, f"https://{OTHER}/x?y")]
    assert {(step.hop, step.host) for step in net.steps} == {(1, NAME), (2, OTHER)}
    assert net.told == [
        (f"http://{NAME}/", (A,), (), 1),
        (f"https://{OTHER}/x?y", (THERE,), (), 2),
    ]


async def test_a_host_met_before_is_not_looked_up_again() -> None:
    trusted = (Resolver.parse("udp://8.8.8.8"),)
    net = Net(NetworkConfig(trusted_resolvers=trusted, control_names=()))
    net.site(NAME, A)
    net.site(OTHER, THERE)
    net.serves(A, f"http://{NAME}/", moved(f"https://{NAME}/"))
    net.serves(A, f"https://{NAME}/", moved(f"//{OTHER}/"))
    net.serves(THERE, f"https://{OTHER}/", moved(f"https://{NAME}/end"))
    net.serves(A, f"https://{NAME}/end", PAGE)

    await opened(net, f"http://{NAME}/")

    assert [hop for hop, _ in fetched(net)] == [1, 2, 3, 4]
    assert [(s.hop, s.host) for s in of(net, StepKind.DNS_QUERY)] == [
        *[(1, NAME)] * 4,
        *[(3, OTHER)] * 4,
    ]
    assert [addresses for _, addresses, _, _ in net.told] == [(A,), (A,), (THERE,), (A,)]


async def test_cookies_come_back_and_go_to_the_control_too() -> None:
    net = Net()
    net.site(NAME, A)
    net.site(OTHER, THERE)
    net.serves(A, f"https://{NAME}/", moved("/a", 302, "seen=1; Path=/", "b=2; Secure"))
    net.serves(A, f"https://{NAME}/a", moved(f"https://{OTHER}/"))

    await opened(net)

    cookies = [headers for _, _, headers, _ in net.told]
    assert cookies == [(), (("Cookie", "seen=1; b=2"),), ()]


async def test_a_loop_ends_after_ten_redirects() -> None:
    net = Net()
    net.site(NAME, A)
    net.serves(A, f"https://{NAME}/", moved("/"))

    await opened(net)

    assert [hop for hop, _ in fetched(net)] == list(range(1, MOST_HOPS + 1))
    assert len(net.told) == 11


@pytest.mark.parametrize(
    ("status", "location"),
    [
        *((status, "/next") for status in (200, 300, 304, 305, 306, 404, 451, 500)),
        (302, ""),
        (302, "ftp://site.example/"),
        (302, "javascript:alert(1)"),
        (302, "https://user:password@site.example/"),
        (302, "https://[::1/"),
        (302, "https://localhost/"),
        (302, "https://site.example:22/"),
        (302, "https://site.example:99999/"),
        (302, "/a b"),
        (302, "/\x00"),
        (302, ("https://site.example/" + "x" * 4096)[:2048]),
    ],
)
async def test_what_leads_nowhere_ends_the_look(status: int, location: str) -> None:
    """The last was cut by Net, and would lead to a page that nobody named."""
    net = Net()
    net.site(NAME, A)
    net.serves(A, f"https://{NAME}/", moved(location, status))

    await opened(net)

    assert fetched(net) == [(1, f"https://{NAME}/")]
    assert len(net.told) == 1


async def test_a_redirect_to_an_address_is_a_hop_without_a_lookup() -> None:
    net = Net()
    net.site(NAME, A)
    net.accepts(THERE, 8080)
    net.serves(A, f"https://{NAME}/", moved(f"http://{THERE}:8080/blocked"))
    net.serves(THERE, f"http://{THERE}:8080/blocked", PAGE)

    await opened(net)

    assert fetched(net)[1:] == [(2, f"http://{THERE}:8080/blocked")]
    assert {step.hop for step in of(net, StepKind.DNS_QUERY)} == {1}
    assert net.told[1] == (f"http://{THERE}:8080/blocked", (THERE,), (), 2)


# What it costs, and what it answers


def test_two_encrypted_and_two_plain_trusted_resolvers_are_asked_at_first() -> None:
    texts = (
        *("udp://9.9.9.1", "tls://9.9.9.2", "https://a.example/q@9.9.9.3", "tcp://9.9.9.4"),
        *("udp://9.9.9.5", "udp://9.9.9.6"),
    )
    settings = NetworkConfig(trusted_resolvers=tuple(map(Resolver.parse, texts)))

    assert [str(resolver) for resolver in first_asked(settings)] == [
        *("tls://9.9.9.2", "https://a.example/q@9.9.9.3", "udp://9.9.9.1", "udp://9.9.9.5")
    ]


def test_the_cost_is_within_what_a_volunteer_was_told() -> None:
    by_name = Resolver.parse("https://dns.example/dns-query")
    most = cost(NetworkConfig(trusted_resolvers=(by_name,) * 4))

    assert (cost(NetworkConfig()).connections, cost(NetworkConfig()).queries) == (11, 16)
    assert (most.connections, most.queries) == (11, 20), "each query looks its resolver up first"


async def test_it_answers_questions() -> None:
    net = Net()
    probe = WebProbe()
    assert isinstance(probe, AnsweringProbe)

    await probe.answer(Question(kind=QuestionKind.VALIDATE_ADDRESS, host=NAME, address=A), net)

    assert [step.address for step in net.steps] == [A]
