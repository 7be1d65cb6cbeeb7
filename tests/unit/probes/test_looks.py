"""The looks several probes share."""

import pytest

from heliograph.config import Resolver
from heliograph.detail import DnsReply
from heliograph.failure import Failure
from heliograph.fake import FakeNet
from heliograph.model import Role, StepKind
from heliograph.plugin import Label
from heliograph.url import parse_target
from probes.looks import both_families, default_addresses, secured

LABEL = Label(role=Role.CONTROL_BEFORE, pair="swap", hop=2)


async def test_both_families_are_asked_of_the_resolver_given() -> None:
    net = FakeNet()
    other = Resolver.parse("tls://resolver.example@192.0.2.1")
    net.answers("site.example", "203.0.113.10", "2001:db8::10", resolver=str(other))

    v4, v6 = await both_families("site.example", net, resolver=other, label=LABEL)

    assert (v4.addresses, v6.addresses) == (("203.0.113.10",), ("2001:db8::10",))
    assert {(step.resolver, step.role, step.pair, step.hop) for step in net.steps} == {
        (str(other), Role.CONTROL_BEFORE, "swap", 2)
    }


async def test_a_literal_address_is_its_own_default_path() -> None:
    net = FakeNet()

    assert await default_addresses(parse_target("https://203.0.113.10/"), net) == ("203.0.113.10",)
    assert net.steps == ()


async def test_two_addresses_of_each_family_are_taken_ipv4_first() -> None:
    net = FakeNet()
    net.answers(
        "site.example",
        *("203.0.113.10", "203.0.113.11", "203.0.113.12"),
        *("2001:db8::1", "2001:db8::2", "2001:db8::3"),
    )

    assert await default_addresses(parse_target("site.example"), net) == (
        *("203.0.113.10", "203.0.113.11"),
        *("2001:db8::1", "2001:db8::2"),
    )


async def test_a_bogon_is_never_connected_to() -> None:
    net = FakeNet()
    net.answers("site.example", "10.10.34.34", bogon="private")

    assert await default_addresses(parse_target("site.example"), net) == ()


async def test_only_the_first_acceptable_reply_is_used() -> None:
    net = FakeNet()
    net.replies("site.example", DnsReply(after=0.01, rcode="NXDOMAIN"))

    assert await default_addresses(parse_target("site.example"), net) == ()


@pytest.mark.parametrize("failure", [None, Failure.SSL_INVALID_HOSTNAME, Failure.CONNECTION_RESET])
async def test_a_connection_is_followed_by_a_handshake_for_the_name(
    failure: Failure | None,
) -> None:
    net = FakeNet()
    net.presents("203.0.113.10", 443, "site.example", failure)

    connection, handshake = await secured(net, ("203.0.113.10", 443), "site.example", LABEL)

    assert connection.failure is None
    assert handshake is not None
    assert handshake.failure is failure
    assert [(step.kind, step.host, step.pair) for step in net.steps] == [
        (StepKind.TCP_CONNECT, "site.example", "swap"),
        (StepKind.TLS_HANDSHAKE, "site.example", "swap"),
    ]


async def test_a_failed_connection_has_no_handshake() -> None:
    net = FakeNet()

    connection, handshake = await secured(net, ("203.0.113.10", 443), "site.example")

    assert connection.failure is Failure.GENERIC_TIMEOUT_ERROR
    assert handshake is None
    assert len(net.steps) == 1
