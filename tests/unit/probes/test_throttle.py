"""The throttle probe: whose page it times, and what it says beforehand."""

import pytest

from heliograph.config import NetworkConfig, Resolver
from heliograph.failure import Failure
from heliograph.fake import FakeNet
from heliograph.model import PACE, StepKind
from heliograph.plugin import CannotMeasure, PlannedProbe
from heliograph.url import parse_target
from probes.throttle import ThrottleProbe

SITE = parse_target("site.example")
ONE, OTHER = "203.0.113.10", "203.0.113.11"
RESOLVER = Resolver.parse("udp://192.0.2.53")


def net_with(*addresses: str) -> FakeNet:
    net = FakeNet(NetworkConfig(trusted_resolvers=(), control_names=("control.example",)))
    net.answers("site.example", *addresses)
    for address in addresses:
        net.accepts(address, 443)
    return net


async def test_the_first_address_that_proves_the_name_is_timed() -> None:
    net = net_with(ONE, OTHER)
    net.presents(ONE, 443, "site.example", Failure.SSL_UNKNOWN_AUTHORITY)
    net.presents(OTHER, 443, "site.example")
    await ThrottleProbe().measure(SITE, net)

    assert {s.address for s in net.steps if (s.pair or "").startswith(PACE)} == {OTHER}


async def test_where_no_address_proves_it_nothing_is_timed() -> None:
    net = net_with(ONE)
    net.presents(ONE, 443, "site.example", Failure.CONNECTION_RESET)
    await ThrottleProbe().measure(SITE, net)

    assert [step.kind for step in net.steps][-1] is StepKind.TLS_HANDSHAKE
    assert not any(step.pair for step in net.steps)


@pytest.mark.parametrize("text", ["http://site.example/", "https://203.0.113.10/"])
async def test_a_target_without_a_name_in_tls_is_skipped_with_the_reason(text: str) -> None:
    probe, target = ThrottleProbe(), parse_target(text)

    with pytest.raises(CannotMeasure):
        await probe.measure(target, net_with())
    (told,) = probe.plan(target, NetworkConfig(), RESOLVER)
    assert (told.to, told.when) == ("nobody", "never")


def test_what_it_costs_and_whom_it_asks_is_said_beforehand() -> None:
    probe = ThrottleProbe()
    assert isinstance(probe, PlannedProbe)
    cost = probe.cost(SITE, NetworkConfig())
    names = {
        host
        for place in probe.plan(SITE, NetworkConfig(control_names=("control.example",)), RESOLVER)
        for host in place.hosts
    }

    assert cost.connections == 14
    assert cost.seconds < 60
    assert cost.bytes < 5_000_000
    assert names == {"site.example", "control.example", RESOLVER.host}
